// Followers move between accounts, each move a removal and a follow in one batch: whoever reads,
// and whatever job runs, sees a sum that never changes.

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "tools/rpc/rpc_error.h"
#include "tools/stress/modes.h"
#include "tools/stress/world.h"

namespace halqa::stress {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kHubs = 16, kUsers = 2000, kMoves = 10;
constexpr int kWriters = 4, kReaders = 4;
constexpr int64_t kTime = 1'700'000'000;

std::string Hub(uint64_t h) { return absl::StrCat("x:hub", h); }
std::string User(uint64_t u) { return absl::StrCat("x:user", u); }

class Bank {
 public:
  Bank(World* world, const std::string& address)
      : world_(world), client_(address), at_(kUsers, 0), moves_(kUsers, 0) {}

  absl::Status Open() {
    v1::WriteBatchRequest request;
    for (uint64_t h = 0; h < kHubs; ++h) {
      auto* profile = request.add_accounts();
      profile->set_external_id(Hub(h));
      profile->set_is_public(true);
    }
    for (uint64_t u = 0; u < kUsers; ++u) {
      at_[u] = u % kHubs;
      AddFollow(u, at_[u], false, kTime, &request);
    }
    return client_.Write(request).status();
  }

  void Run(Clock::time_point until) {
    std::vector<std::thread> threads;
    for (uint64_t w = 0; w < kWriters; ++w) threads.emplace_back([=, this] { Write(w, until); });
    for (uint64_t r = 0; r < kReaders; ++r) threads.emplace_back([=, this] { Read(r, until); });
    threads.emplace_back([=, this] { Jobs(until); });
    for (std::thread& thread : threads) thread.join();
  }

 private:
  static void AddFollow(uint64_t user, uint64_t hub, bool removed, int64_t time,
                        v1::WriteBatchRequest* out) {
    auto* follow = out->add_follows();
    follow->set_follower(User(user));
    follow->set_followee(Hub(hub));
    follow->set_removed(removed);
    follow->set_time(time);
  }

  // Each writer has its own users.
  void Write(uint64_t writer, Clock::time_point until) {
    CounterRng rng(world_->options.seed, 100 + writer);
    while (Clock::now() < until) {
      v1::WriteBatchRequest request;
      const uint64_t first = rng.Below(kUsers / kWriters / kMoves) * kMoves;
      for (uint64_t i = 0; i < kMoves; ++i) {
        const uint64_t user = (first + i) * kWriters + writer;
        const uint64_t to = (at_[user] + 1 + rng.Below(kHubs - 1)) % kHubs;
        const int64_t time = kTime + static_cast<int64_t>(++moves_[user]);
        AddFollow(user, at_[user], true, time, &request);
        AddFollow(user, to, false, time, &request);
        at_[user] = to;
      }
      if (const auto s = client_.Write(request).status(); !s.ok()) return Find(s.ToString());
      world_->report->Count("batches");
    }
  }

  void Read(uint64_t reader, Clock::time_point until) {
    CounterRng rng(world_->options.seed, 200 + reader);
    for (uint64_t i = 0; Clock::now() < until; ++i) {
      const absl::Status status = i % 4 == 0 ? ReadSum() : ReadOne(rng.Below(kUsers));
      if (!status.ok()) return Find(status.ToString());
      world_->report->Count("reads");
    }
  }

  absl::Status ReadSum() {
    v1::BatchGetAccountsRequest request;
    for (uint64_t h = 0; h < kHubs; ++h) request.add_names(Hub(h));
    HALQA_ASSIGN_OR_RETURN(
        const auto response,
        rpc::CallUnary(client_.graph(), &v1::GraphService::Stub::BatchGetAccounts, request));
    uint64_t sum = 0;
    for (const v1::Account& account : response.accounts()) sum += account.known_followers();
    if (sum != kUsers) Find(absl::StrCat("the hubs have ", sum, " followers, not ", kUsers));
    return absl::OkStatus();
  }

  absl::Status ReadOne(uint64_t user) {
    HALQA_ASSIGN_OR_RETURN(const auto list, client_.Following(User(user)));
    if (list.accounts_size() != 1 || list.total_size() != 1) {
      Find(absl::StrCat(User(user), " follows ", list.accounts_size(), " accounts, of ",
                        list.total_size()));
    }
    return absl::OkStatus();
  }

  // The scores of one generation belong to one state.
  void Jobs(Clock::time_point until) {
    while (Clock::now() < until) {
      const auto job = client_.Rank(true);
      if (!job.ok() || job->state() != v1::JOB_STATE_SUCCEEDED) {
        return Find(job.ok() ? job->error_message() : job.status().ToString());
      }
      double sum = 0;
      for (uint64_t h = 0; h < kHubs; ++h) {
        v1::GetInfluencerRequest request;
        request.set_name(Hub(h));
        auto found = rpc::CallUnary(client_.discovery(), &v1::DiscoveryService::Stub::GetInfluencer,
                                    request);
        if (!found.ok()) return Find(found.status().ToString());
        sum += found->measures().contains("followers") ? found->measures().at("followers") : 0;
      }
      if (sum != kUsers) Find(absl::StrCat("a ranking counted ", sum, " followers"));
      world_->report->Count("jobs");
    }
  }

  void Find(const std::string& what) { world_->report->Find(Fault::kWrong, what); }

  World* const world_;
  Client client_;
  std::vector<uint64_t> at_, moves_;
};

}  // namespace

void RunMovingSum(const StressOptions& options, Report* report) {
  World world("snapshot-consistency", options, 0, report);
  auto server = world.Serve();
  if (server == nullptr) return;
  Bank bank(&world, server->address());
  const uint64_t seconds = options.cycles != 0 ? options.cycles : options.quick ? 4 : 300;
  if (const auto s = bank.Open(); !s.ok()) {
    report->Find(Fault::kWrong, s.ToString());
  } else {
    bank.Run(Clock::now() + std::chrono::seconds(seconds));
  }
  world.CheckEnding(server->Poll(), "end");
  server.reset();
  world.Finish();
}

}  // namespace halqa::stress
