// The disk is full for a while, again and again: reads go on, writes are refused with the promised
// reason within a second, what was refused is not there, and writes go on without a restart.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "tools/stress/load.h"
#include "tools/stress/modes.h"
#include "tools/stress/world.h"

namespace halqa::stress {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr uint64_t kStreams = 2;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class FullRound {
 public:
  FullRound(World* world, ServerProcess* server, std::string full, uint64_t round)
      : world_(world),
        client_(server->address()),
        server_(server),
        full_(std::move(full)),
        where_(absl::StrCat("round ", round)) {}

  void Run() {
    Ledger* ledger = world_->ledger.get();
    {
      Load load(server_->address(), ledger, {});
      std::this_thread::sleep_for(std::chrono::milliseconds(world_->rng.Below(100)));
      if (world_->rng.Below(4) == 0) (void)load.client().Rank(false);
      std::ofstream(full_) << world_->rng.Below(4) * world_->rng.Below(60000);
      ExpectRefusal();
      // Streams that are cut come back with the reason, too.
      load.Stop();
    }
    ExpectReads();
    fs::remove(full_);
    ExpectWritable();
  }

 private:
  // Some writes may still fit.
  void ExpectRefusal() {
    const auto start = Clock::now();
    for (;;) {
      const absl::Status status = SendSingle(client_, world_->ledger.get());
      if (ErrorReason(status) == "STORAGE_FULL") {
        world_->report->Count("refusals");
        const auto details = ErrorDetails(status);
        const auto delay = details.find("retry_delay_ms");
        if (delay == details.end() || delay->second != "30000") {
          Find("refused without a delay for the retry");
        }
        return;
      }
      if (!status.ok() && ErrorReason(status) != "WRITE_QUEUE_FULL") {
        return Find(absl::StrCat("refused with ", status.ToString()));
      }
      if (SecondsSince(start) > 20) return Find("the full disk refuses nothing");
    }
  }

  void ExpectReads() {
    const uint64_t s = world_->rng.Below(kStreams);
    const uint64_t settled = world_->ledger->streams[s].settled;
    if (settled == 0) return;
    const auto found = client_.Following(content::Account(s, content::GroupOf(settled)));
    if (!found.ok()) Find(absl::StrCat("a read failed: ", found.status().ToString()));
    world_->report->Count("reads_while_full");
  }

  void ExpectWritable() {
    const auto start = Clock::now();
    for (;;) {
      const absl::Status status = SendSingle(client_, world_->ledger.get());
      const double waited = SecondsSince(start);
      if (status.ok()) {
        world_->report->Set("ms_until_writable_max",
                            std::max(world_->report->Counted("ms_until_writable_max"),
                                     static_cast<uint64_t>(waited * 1000)));
        return;
      }
      if (waited > 10) return Find(absl::StrCat("not writable again: ", status.ToString()));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  void Find(const std::string& what) {
    world_->report->Find(Fault::kWrong, absl::StrCat(where_, ": ", what));
  }

  World* const world_;
  Client client_;
  ServerProcess* const server_;
  const std::string full_, where_;
};

// What was refused is not there: the number of change records says so.
bool Compare(World* world, ServerProcess* server, const std::string& where) {
  Client client(server->address());
  VerifyOptions verify;
  verify.where = where;
  const auto status = Verify(client, verify, &world->rng, world->ledger.get(), world->report);
  if (status.ok()) return true;
  world->report->Find(Fault::kWrong, absl::StrCat(where, ": ", status.ToString()));
  return false;
}

// A full server stops when it is asked to.
void StopWhileFull(World* world, ServerProcess* server, const std::string& full) {
  Client client(server->address());
  std::ofstream(full) << 0;
  while (SendSingle(client, world->ledger.get()).ok()) continue;
  server->Terminate();
  const Ending ending = server->WaitEnd(std::chrono::seconds(20));
  if (ending.running || ending.code != 0) {
    world->report->Find(Fault::kWrong,
                        absl::StrCat("a full server does not stop, code ", ending.code));
  }
  fs::remove(full);
}

}  // namespace

void RunDiskFull(const StressOptions& options, Report* report) {
  World world("diskfull", options, kStreams, report);
  const std::string full = world.data + ".full";
  fs::remove(full);
  const std::string faults = absl::StrCat("full-while=", full);
  auto server = world.Serve(faults);
  const uint64_t rounds = options.cycles != 0 ? options.cycles : options.quick ? 5 : 100;
  for (uint64_t round = 0; round < rounds && server != nullptr && !report->TimeIsOver(); ++round) {
    if (round == 0) {
      Client client(server->address());
      if (const auto s = SetUp(client, world.ledger.get()); !s.ok()) {
        report->Find(Fault::kWrong, s.ToString());
      }
    }
    FullRound(&world, server.get(), full, round).Run();
    if (!Compare(&world, server.get(), absl::StrCat("round ", round))) break;
    report->Count("cycles");
    // What is on disk must be what was shown, also when the process is killed here.
    if (round % 10 == 9) {
      world.CheckEnding(server->Kill(), "kill");
      if (world.ServeVerified(absl::StrCat("after round ", round)) == nullptr) break;
      server = world.Serve(faults);
      report->Count("restarts");
    }
    report->Progress(round, rounds);
  }
  if (server != nullptr) {
    StopWhileFull(&world, server.get(), full);
    world.CheckEnding(server->Kill(), "end");
  }
  server.reset();
  world.ServeVerified("at the end", true);
  world.Fsck("at the end");
  report->Set("acknowledged", world.ledger->acknowledged_batches);
  fs::remove(full);
  world.Finish();
}

}  // namespace halqa::stress
