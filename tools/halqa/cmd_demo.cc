#include "tools/halqa/cmd_demo.h"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "tools/common/child_process.h"
#include "tools/common/exit_codes.h"
#include "tools/common/table.h"
#include "tools/halqa/demo_client.h"
#include "tools/halqa/demo_truth.h"
#include "tools/halqa/search_table.h"

namespace halqa::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string halqad, work_dir = ".halqa", listen = "127.0.0.1:7411", format = "auto", topic,
                      filter;
  std::vector<std::string> import;
  uint64_t seed = 1, accounts = 100000, name_threshold = 1000;
  bool once = false;
};

void Say(const std::string& line) { std::cerr << "== " << line << std::endl; }

class Demo {
 public:
  explicit Demo(const Options& o) : o_(o) {}

  absl::Status Run() {
    HALQA_RETURN_IF_ERROR(Prepare());
    HALQA_RETURN_IF_ERROR(StartService());
    HALQA_RETURN_IF_ERROR(Answer());
    HALQA_RETURN_IF_ERROR(SurviveKill());
    if (o_.once) {
      service_->Stop();
      return absl::OkStatus();
    }
    std::cout << "Serving gRPC on " << service_->address()
              << " - your data: ./dev run --import FILE (Ctrl-C ends)" << std::endl;
    WaitForSignal();
    service_->Stop();
    return absl::OkStatus();
  }

 private:
  bool invented() const { return o_.import.empty(); }
  std::string data() const { return absl::StrCat(root_, "/graph"); }

  absl::Status Prepare();
  absl::Status StartService();
  absl::Status Answer();
  absl::Status Judge(const v1::SearchInfluencersResponse& answer);
  absl::Status SurviveKill();
  absl::StatusOr<std::string> ChooseTopic(const v1::GetGraphStatsResponse& stats) const;
  static void WaitForSignal();

  const Options& o_;
  std::string root_;
  std::unique_ptr<ServiceProcess> service_;
};

// Builds the graph, or finds the one that an earlier run of this very program left.
absl::Status Demo::Prepare() {
  HALQA_ASSIGN_OR_RETURN(const MappedFile self, MappedFile::Open(SelfPath()));
  uint64_t key =
      Checksum64(absl::StrCat(o_.seed, "/", o_.accounts, "/", o_.format, "/", o_.name_threshold),
                 Checksum64(self.bytes()));
  for (const std::string& file : o_.import) {
    std::error_code ignored;
    const auto changed = fs::last_write_time(file, ignored).time_since_epoch().count();
    key = Checksum64(absl::StrCat(fs::absolute(file).string(), changed), key);
  }
  root_ =
      absl::StrCat(o_.work_dir, "/", invented() ? absl::StrCat("invented-", o_.seed) : "imported",
                   "-", absl::Hex(key, absl::kZeroPad16));
  if (fs::exists(absl::StrCat(root_, "/ready"))) {
    Say(absl::StrCat("using the graph of an earlier run in ", root_));
    return absl::OkStatus();
  }
  std::error_code error;
  fs::remove_all(root_, error);
  fs::create_directories(root_, error);
  if (error) return ErrnoError(error.value(), "FILE_WRITE_FAILED", root_);
  std::vector<std::string> import = {
      SelfPath(), "import", "--data", data(), "--name-threshold", absl::StrCat(o_.name_threshold),
      "--format", o_.format};
  if (invented()) {
    Say(absl::StrCat("inventing a network of ", WithThousands(o_.accounts), " accounts, seed ",
                     o_.seed));
    const std::string files = absl::StrCat(root_, "/files");
    HALQA_RETURN_IF_ERROR(RunCommand({SelfPath(), "gen", "--out", files, "--accounts",
                                      absl::StrCat(o_.accounts), "--seed", absl::StrCat(o_.seed)}));
    import.insert(import.end(), {"--invented", files});
  } else {
    import.insert(import.end(), o_.import.begin(), o_.import.end());
  }
  Say("importing into RocksDB");
  HALQA_RETURN_IF_ERROR(RunCommand(import));
  Say("ranking");
  HALQA_RETURN_IF_ERROR(RunCommand({SelfPath(), "rank", "--data", data()}));
  return WriteFileDurably(absl::StrCat(root_, "/ready"), "");
}

absl::Status Demo::StartService() {
  Say("starting halqad");
  HALQA_ASSIGN_OR_RETURN(service_, ServiceProcess::Start(o_.halqad, data(), o_.listen,
                                                         absl::StrCat(root_, "/halqad.log")));
  return absl::OkStatus();
}

// The user's topic; else the demonstration's; else the topic that the graph names first.
absl::StatusOr<std::string> Demo::ChooseTopic(const v1::GetGraphStatsResponse& stats) const {
  if (!o_.topic.empty()) return o_.topic;
  if (invented()) return std::string("chhiwat");
  if (stats.topics_size() > 0) return stats.topics(0);
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "NO_TOPIC",
      "no account of these files names a known topic; ask one of your words with --topic TEXT");
}

absl::Status Demo::Answer() {
  DemoClient client(service_->address());
  HALQA_ASSIGN_OR_RETURN(const auto stats, client.Stats());
  v1::SearchInfluencersRequest request;
  HALQA_ASSIGN_OR_RETURN(const std::string topic, ChooseTopic(stats));
  request.set_query(topic);
  request.set_filter(o_.filter);
  HALQA_ASSIGN_OR_RETURN(const auto answer, client.Search(request));
  const auto& version = answer.data_version();
  std::cout << (version.invented() ? "INVENTED DATA: " : "") << WithThousands(stats.accounts())
            << " accounts, " << WithThousands(stats.snapshot_follows() + stats.delta_edges())
            << " follows, in RocksDB, generation " << version.generation() << ", snapshot "
            << version.snapshot_id() << "\n";
  if (!o_.filter.empty()) std::cout << "filter: " << o_.filter << "\n";
  std::cout << SearchText(answer, TerminalCells());
  return invented() ? Judge(answer) : absl::OkStatus();
}

// What the answer is worth against the planted truth, and where the account with the most followers
// stands.
absl::Status Demo::Judge(const v1::SearchInfluencersResponse& answer) {
  if (answer.resolved_query().topics_size() == 0) return absl::OkStatus();
  const std::string topic = answer.resolved_query().topics(0).id();
  DemoClient client(service_->address());
  v1::SearchInfluencersRequest request;
  request.add_topics(topic);
  HALQA_ASSIGN_OR_RETURN(const auto all, client.SearchAll(request));
  std::vector<v1::InfluencerResult> by_followers = all;
  std::stable_sort(by_followers.begin(), by_followers.end(), [](const auto& a, const auto& b) {
    return a.reach().potential() > b.reach().potential();
  });
  if (by_followers.empty()) return absl::OkStatus();
  const v1::Account star = by_followers.front().account();
  request.add_also_rank(star.external_id());
  request.set_page_size(1);
  HALQA_ASSIGN_OR_RETURN(const auto standing, client.Search(request));
  std::cout << "@" << star.handle() << ", " << WithThousands(star.declared_followers())
            << " followers: here " << Ordinal(standing.also_ranked(0).rank()) << " of "
            << WithThousands(standing.total_size()) << " for " << topic
            << WhyNot(standing.also_ranked(0)) << "\n";
  auto truth = ReadPlantedTruth(absl::StrCat(root_, "/files/truth.csv"), topic);
  if (ErrorReason(truth.status()) == "UNKNOWN_TOPIC") return absl::OkStatus();  // not planted
  HALQA_RETURN_IF_ERROR(truth.status());
  auto ids = [](const auto& results) {
    std::vector<std::string> out;
    for (const auto& r : results) out.push_back(r.account().external_id());
    return out;
  };
  std::cout << "Against the planted truth (experts of " << topic
            << ", all platforms and sizes): Halqa " << ExpertsInTopTen(*truth, ids(all))
            << " of 10 in the top 10, follower count " << ExpertsInTopTen(*truth, ids(by_followers))
            << " of 10\n";
  return absl::OkStatus();
}

// Both accounts are new in every run: what the follower follows is this follow or nothing.
absl::Status Demo::SurviveKill() {
  const std::string run =
      absl::StrCat(absl::Hex(Checksum64(absl::StrCat(::getpid(), "/", ::time(nullptr)))));
  const std::string follower = absl::StrCat("demo:from-", run);
  const std::string followee = absl::StrCat("demo:to-", run);
  std::vector<std::string> before;
  {
    DemoClient client(service_->address());
    HALQA_RETURN_IF_ERROR(client.Follow(follower, followee).status());
    HALQA_ASSIGN_OR_RETURN(before, client.Following(follower));
  }
  service_->Kill();
  HALQA_RETURN_IF_ERROR(StartService());
  DemoClient client(service_->address());
  // The followee has no profile, so it is shown by its keyed hash; the same one before and after.
  HALQA_ASSIGN_OR_RETURN(const auto after, client.Following(follower));
  if (before.size() != 1 || after != before) {
    return MakeError(absl::StatusCode::kDataLoss, "FOLLOW_LOST",
                     "the acknowledged follow is gone after kill -9");
  }
  std::cout << "A follow was sent, acknowledged, the server killed (-9) and reopened: it is still "
               "there\n";
  return absl::OkStatus();
}

void Demo::WaitForSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  int signal = 0;
  sigwait(&signals, &signal);
}

}  // namespace

void RegisterDemo(Command app) {
  auto o = std::make_shared<Options>();
  Command cmd = app.Sub("demo", "A graph, a ranking, the service and an answer, in one go");
  cmd.Add("--halqad", o->halqad, "Path of halqad").Required();
  cmd.Add("--work-dir", o->work_dir, "Where graphs of the demonstration are kept").ShowDefault();
  cmd.Add("--listen", o->listen, "HOST:PORT to serve on").ShowDefault();
  cmd.Add("--import", o->import, "Your files instead of invented data");
  cmd.Add("--format", o->format, "Format or mapping of your files").ShowDefault();
  cmd.Add("--topic", o->topic, "What to ask");
  cmd.Add("--filter", o->filter, "AIP-160 filter, for example: tier = \"micro\"");
  cmd.Add("--seed", o->seed, "Another invented network").ShowDefault();
  cmd.Add("--accounts", o->accounts, "Its size").ShowDefault();
  cmd.Add("--name-threshold", o->name_threshold,
          "Public accounts with fewer followers are not named")
      .ShowDefault();
  cmd.Switch("--once", o->once, "End after the answer");
  cmd.Footer("Example:\n  halqa demo --halqad ./halqad --seed 7 --once");
  cmd.Run([o] {
    if (o->import.empty() && o->topic.empty() && o->filter.empty())
      o->filter = "city = \"Casablanca\" AND tier = \"micro\"";
    if (auto status = Demo(*o).Run(); !status.ok()) EndWith(ReportError(status));
  });
}

}  // namespace halqa::cli
