// kill -9 while a ranking is published: afterwards the old generation is served or the new one,
// whole, and nothing of an unfinished one is left.

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "tools/rpc/rpc_error.h"
#include "tools/stress/load.h"
#include "tools/stress/modes.h"
#include "tools/stress/world.h"

namespace halqa::stress {
namespace {

using Clock = std::chrono::steady_clock;

// What a generation says, without what changes with the graph after it.
struct Scores {
  uint32_t generation = 0;
  std::string text;
};

absl::StatusOr<Scores> ReadScores(Client& client) {
  Scores scores;
  for (uint64_t t = 0; t < content::kTargets; t += 10) {
    v1::GetInfluencerRequest request;
    request.set_name(content::Target(t));
    HALQA_ASSIGN_OR_RETURN(
        const auto found,
        rpc::CallUnary(client.discovery(), &v1::DiscoveryService::Stub::GetInfluencer, request));
    const std::map<std::string, double> measures(found.measures().begin(), found.measures().end());
    for (const auto& [name, value] : measures) absl::StrAppend(&scores.text, name, value, " ");
    for (const auto& topic : found.topics()) absl::StrAppend(&scores.text, rpc::ToJson(topic));
    absl::StrAppend(&scores.text, "niche ", found.niche(), "\n");
    if (t == 0) scores.generation = found.data_version().generation();
    if (scores.generation != found.data_version().generation()) {
      return absl::InternalError("two generations within one moment");
    }
  }
  v1::ListNichesRequest niches;
  HALQA_ASSIGN_OR_RETURN(
      auto listed,
      rpc::CallUnary(client.discovery(), &v1::DiscoveryService::Stub::ListNiches, niches));
  for (const auto& niche : listed.niches()) {
    absl::StrAppend(&scores.text, niche.id(), " ", niche.size(), " ", niche.insularity(), "\n");
  }
  return scores;
}

class Publication {
 public:
  explicit Publication(World* world) : world_(world) {}

  // Ends with a kill; false when the mode cannot go on.
  bool Cycle(uint64_t cycle) {
    where_ = absl::StrCat("cycle ", cycle);
    auto server = world_->ServeVerified(where_);
    if (server == nullptr) return false;
    Client client(server->address());
    if (const auto s = Judge(client); !s.ok()) return Find(s.ToString());
    if (const auto s = Change(client); !s.ok()) return Find(s.ToString());
    auto before = ReadScores(client);
    if (!before.ok()) return Find(before.status().ToString());
    before_ = *before;
    std::thread killer([&] {
      std::this_thread::sleep_for(Delay());
      world_->CheckEnding(server->Kill(), where_);
    });
    const auto start = Clock::now();
    const auto job = client.Rank(true);
    const bool finished = job.ok() && job->state() == v1::JOB_STATE_SUCCEEDED;
    // The kills follow the time that a ranking really takes.
    if (finished) {
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
      ranking_time_ = (ranking_time_ * 3 + took) / 4;
    } else {
      ranking_time_ += ranking_time_ / 16;
    }
    world_->report->Count(finished ? "finished" : "killed");
    killer.join();
    killed_ = true;
    return true;
  }
  // The last kill is judged, too.
  void Close() {
    auto server = world_->ServeVerified("at the end", true);
    if (server == nullptr) return;
    Client client(server->address());
    if (const auto s = Judge(client); !s.ok()) Find(s.ToString());
  }

 private:
  std::chrono::microseconds Delay() {
    const auto most = static_cast<uint64_t>(ranking_time_.count());
    // Most of the kills near the end, where the publication is.
    if (world_->rng.Below(4) == 0) return std::chrono::microseconds(world_->rng.Below(most));
    return std::chrono::microseconds(most * 7 / 10 + world_->rng.Below(most * 4 / 10 + 1));
  }

  absl::Status Change(Client& client) {
    std::atomic<bool> stop{false};
    HALQA_RETURN_IF_ERROR(SetUp(client, world_->ledger.get()));
    const uint64_t last = world_->ledger->streams[0].acknowledged + 30 + world_->rng.Below(60);
    HALQA_RETURN_IF_ERROR(SendStream(client, world_->ledger.get(), 0, last, stop));
    if (killed_) return absl::OkStatus();
    const auto start = Clock::now();
    HALQA_RETURN_IF_ERROR(client.Rank(true).status());
    HALQA_RETURN_IF_ERROR(SendStream(client, world_->ledger.get(), 0, last + 50, stop));
    HALQA_RETURN_IF_ERROR(client.Rank(true).status());
    ranking_time_ = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start) / 2;
    return absl::OkStatus();
  }

  // Old or new, whole; and what a ranking of the same data gives again.
  absl::Status Judge(Client& client) {
    if (!killed_) return absl::OkStatus();
    HALQA_ASSIGN_OR_RETURN(const Scores now, ReadScores(client));
    HALQA_ASSIGN_OR_RETURN(const auto stats, client.Stats());
    for (const uint32_t generation : stats.generations()) {
      if (generation > now.generation) {
        Find(absl::StrCat("generation ", generation, " is left, ", now.generation, " is served"));
      }
    }
    if (now.generation == before_.generation) {
      world_->report->Count("old");
      if (now.text != before_.text) Find("the old generation says something else");
      return absl::OkStatus();
    }
    world_->report->Count("new");
    if (now.generation != before_.generation + 1) {
      Find(absl::StrCat("generation ", now.generation, " after ", before_.generation));
    }
    HALQA_ASSIGN_OR_RETURN(const auto job, client.Rank(true));
    HALQA_ASSIGN_OR_RETURN(const Scores again, ReadScores(client));
    if (job.state() != v1::JOB_STATE_SUCCEEDED || again.text != now.text) {
      Find("the new generation differs from a ranking of the same data");
    }
    return absl::OkStatus();
  }

  bool Find(const std::string& what) {
    world_->report->Find(Fault::kWrong, absl::StrCat(where_, ": ", what));
    return false;
  }

  World* const world_;
  Scores before_;
  bool killed_ = false;
  std::chrono::microseconds ranking_time_{200'000};
  std::string where_;
};

}  // namespace

void RunPublication(const StressOptions& options, Report* report) {
  World world("publication", options, 1, report);
  Publication publication(&world);
  const uint64_t cycles = options.cycles != 0 ? options.cycles : options.quick ? 6 : 200;
  // A kill counts that came before the ranking had told its end.
  for (uint64_t cycle = 0; report->Counted("killed") < cycles && !report->TimeIsOver(); ++cycle) {
    if (!publication.Cycle(cycle)) break;
    report->Count("cycles");
    report->Progress(report->Counted("killed"), cycles);
  }
  publication.Close();
  world.Fsck("at the end");
  world.Finish();
}

}  // namespace halqa::stress
