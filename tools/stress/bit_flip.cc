// One wrong bit at rest: each is reported or harmless, none changes an answer without a word, and a
// scrub finds all of them in sorted files.

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/file.h"
#include "tools/rpc/rpc_error.h"
#include "tools/stress/load.h"
#include "tools/stress/modes.h"
#include "tools/stress/scrub.h"
#include "tools/stress/world.h"

namespace halqa::stress {
namespace {

namespace fs = std::filesystem;

struct Answer {
  std::string question, text;
  absl::Status status;
};

// Equal messages give equal bytes: maps in the order of their keys.
std::string Bytes(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&out);
  }
  return bytes;
}

std::string FirstDifference(const std::string& a, const std::string& b) {
  size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  const size_t from = i < 40 ? 0 : i - 40;
  return absl::CHexEscape(absl::StrCat(a.substr(from, 80), " / ", b.substr(from, 80)));
}

// Everything the service can be asked about this world, as bytes.
std::vector<Answer> AskAll(Client& client, const Ledger& ledger) {
  std::vector<Answer> answers;
  auto add = [&](std::string question, const auto& response) {
    Answer answer{std::move(question), "", response.status()};
    if (response.ok()) answer.text = Bytes(*response);
    answers.push_back(std::move(answer));
  };
  for (uint64_t s = 0; s <= ledger.streams.size(); ++s) {
    const uint64_t last = s == ledger.streams.size() ? ledger.singles_next : ledger.streams[s].sent;
    for (uint64_t g = 0; g <= content::GroupOf(last); ++g) {
      const std::string account = content::Account(s, g);
      add("following " + account, client.Following(account));
      add("account " + account, client.GetAccount(account));
    }
  }
  for (uint64_t t = 0; t < content::kTargets; t += 20) {
    const std::string target = content::Target(t);
    add("followers " + target, client.Followers(target, 1000));
    v1::GetInfluencerRequest request;
    request.set_name(target);
    add("influencer " + target,
        rpc::CallUnary(client.discovery(), &v1::DiscoveryService::Stub::GetInfluencer, request));
  }
  v1::SearchInfluencersRequest search;
  search.set_query("cuisine");
  search.set_page_size(100);
  auto found =
      rpc::CallUnary(client.discovery(), &v1::DiscoveryService::Stub::SearchInfluencers, search);
  if (found.ok()) found->clear_next_page_token();  // says when it was made
  add("search", found);
  add("niches", rpc::CallUnary(client.discovery(), &v1::DiscoveryService::Stub::ListNiches,
                               v1::ListNichesRequest()));
  add("topics", rpc::CallUnary(client.discovery(), &v1::DiscoveryService::Stub::ListTopics,
                               v1::ListTopicsRequest()));
  add("jobs",
      rpc::CallUnary(client.jobs(), &v1::JobService::Stub::ListJobs, v1::ListJobsRequest()));
  return answers;
}

// Files of a class, where a bit may be wrong.
std::vector<std::string> FilesOf(const std::string& data, absl::string_view kind) {
  std::vector<std::string> files;
  auto all = [&](const std::string& directory, absl::string_view ending) {
    for (const auto& entry : fs::directory_iterator(directory)) {
      const std::string path = entry.path().string();
      if (absl::EndsWith(path, ending) && fs::file_size(path) > 0) files.push_back(path);
    }
  };
  const std::string rocks = data + "/rocksdb";
  if (kind == "sst") all(rocks, ".sst");
  if (kind == "log") all(rocks, ".log");
  if (kind == "snapshot") all(data + "/snapshots", ".halqa");
  if (kind == "current") files.push_back(rocks + "/CURRENT");
  if (kind == "mark") files.push_back(data + "/acknowledged");
  if (kind == "manifest") {
    std::string name = ReadFile(rocks + "/CURRENT").value_or("MANIFEST-0\n");
    name.pop_back();
    files.push_back(absl::StrCat(rocks, "/", name));
  }
  std::sort(files.begin(), files.end());
  return files;
}

void FlipBit(const std::string& path, uint64_t bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(bit / 8));
  char c = 0;
  file.get(c);
  file.seekp(static_cast<std::streamoff>(bit / 8));
  file.put(static_cast<char>(c ^ (1 << (bit % 8))));
}

class BitFlip {
 public:
  explicit BitFlip(World* world) : world_(world), good_(world->data + ".good") {}

  // Data in every kind of file: sorted files, a log, a snapshot, a generation.
  bool Prepare() {
    auto server = world_->Serve();
    if (server == nullptr) return false;
    {
      Client client(server->address());
      std::atomic<bool> stop{false};
      Ledger* ledger = world_->ledger.get();
      bool ready = SetUp(client, ledger).ok() && SendStream(client, ledger, 0, 200, stop).ok() &&
                   client.Rank(true).ok() && SendStream(client, ledger, 0, 260, stop).ok() &&
                   client.Rank(true).ok();
      server->Stop();  // what was in memory becomes sorted files at the next start
      server = world_->Serve();
      if (server == nullptr) return false;
      Client again(server->address());
      ready =
          ready && SendStream(again, ledger, 0, 400, stop).ok() && SendSingle(again, ledger).ok();
      if (!ready) world_->report->Find(Fault::kWrong, "the data cannot be made");
    }
    server->Kill();
    fs::remove_all(good_);
    fs::rename(world_->data, good_);
    Restore();
    server = world_->Serve();
    if (server == nullptr) return false;
    Client client(server->address());
    expected_ = AskAll(client, *world_->ledger);
    for (const Answer& answer : expected_) {
      if (!answer.status.ok()) world_->report->Find(Fault::kWrong, answer.status.ToString());
    }
    world_->report->Set("answers_compared", expected_.size());
    return world_->report->findings() == 0;
  }

  void Round(uint64_t round) {
    static constexpr absl::string_view kKinds[] = {"sst",      "sst",      "sst",     "log", "log",
                                                   "snapshot", "manifest", "current", "mark"};
    const absl::string_view kind = kKinds[round % std::size(kKinds)];
    Restore();
    const auto files = FilesOf(world_->data, kind);
    if (files.empty()) return world_->report->Find(Fault::kWrong, absl::StrCat("no ", kind));
    const std::string file = files[world_->rng.Below(files.size())];
    const uint64_t bit = world_->rng.Below(fs::file_size(file) * 8);
    FlipBit(file, bit);
    where_ = absl::StrCat("bit ", bit, " of ", file);
    world_->report->Count(absl::StrCat("flips_", kind));
    if (kind == "sst") Scrub();
    const std::string outcome = Outcome();
    world_->report->Count(outcome);
  }
  void CleanUp() { fs::remove_all(good_); }

 private:
  void Restore() {
    fs::remove_all(world_->data);
    fs::copy(good_, world_->data, fs::copy_options::recursive);
  }

  void Scrub() {
    const std::string copy = world_->data + ".scrub";
    fs::remove_all(copy);
    fs::copy(world_->data, copy, fs::copy_options::recursive);
    const Ending ending = RunScrub(copy, world_->log);
    world_->CheckEnding(ending, where_);
    if (ending.code == kScrubFound) {
      world_->report->Count("found_by_scrub");
    } else {
      world_->report->Find(Fault::kWrong,
                           absl::StrCat(where_, ": not found by a scrub, code ", ending.code));
    }
    fs::remove_all(copy);
  }

  std::string Outcome() {
    ServerSpec spec{world_->options.halqad, world_->data, world_->log, "", "0"};
    auto server = ServerProcess::Spawn(spec);
    if (!server->WaitReady()) {
      const Ending ending = server->Kill();
      world_->CheckEnding(ending, where_);
      const std::string log = server->Log();
      const bool said = absl::StrContains(log, "CORRUPT]") || absl::StrContains(log, "LOG_HOLE]") ||
                        absl::StrContains(log, "DAMAGED]");
      if (ending.code != 1 || !said || !absl::StrContains(log, world_->data)) {
        world_->report->Find(Fault::kWrong,
                             absl::StrCat(where_, ": refused without saying why: ", log));
      }
      return "refused_to_open";
    }
    Client client(server->address());
    const auto answers = AskAll(client, *world_->ledger);
    bool reported = false;
    for (size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].status.ok() && answers[i].text == expected_[i].text) continue;
      if (answers[i].status.code() == absl::StatusCode::kDataLoss) {
        reported = true;
        continue;
      }
      if (!server->Poll().running && server->Poll().signal == 0) return "ended_by_itself";
      world_->report->Find(
          Fault::kWrong,
          absl::StrCat(where_, ": ", answers[i].question, ": ",
                       answers[i].status.ok()
                           ? absl::StrCat("another answer: ",
                                          FirstDifference(answers[i].text, expected_[i].text))
                           : answers[i].status.ToString()));
      break;
    }
    world_->CheckEnding(server->Kill(), where_);
    return reported ? "reported_by_an_answer" : "harmless";
  }

  World* const world_;
  const std::string good_;
  std::vector<Answer> expected_;
  std::string where_;
};

}  // namespace

void RunBitFlip(const StressOptions& options, Report* report) {
  World world("bitflip", options, 1, report);
  BitFlip flip(&world);
  if (!flip.Prepare()) return;
  const uint64_t rounds = options.cycles != 0 ? options.cycles : options.quick ? 18 : 1000;
  for (uint64_t round = 0; round < rounds && !report->TimeIsOver(); ++round) {
    flip.Round(round);
    report->Count("cycles");
    report->Progress(round, rounds);
  }
  if (report->findings() == 0) flip.CleanUp();
  world.Finish();
}

}  // namespace halqa::stress
