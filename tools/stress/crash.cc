// kill -9 and power loss: nothing that was acknowledged may be gone, nothing may be there in part.

#include <algorithm>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/faults.h"
#include "tools/stress/load.h"
#include "tools/stress/modes.h"
#include "tools/stress/world.h"

namespace halqa::stress {
namespace {

constexpr uint64_t kStreams = 4;
// A directory serves so many cycles; then all of it is compared and a new one begins.
constexpr uint64_t kCyclesPerDirectory = 50;
constexpr uint64_t kCyclesPerFsck = 5;

void Sleep(uint64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

// Mostly short, sometimes long: most of what a crash can meet happens soon after the start.
uint64_t LoadTime(CounterRng* rng, bool quick) {
  if (quick) return 20 + rng->Below(150);
  return rng->Below(10) == 0 ? 500 + rng->Below(1500) : 20 + rng->Below(480);
}

bool EndOfDirectory(World* world, uint64_t cycle) {
  world->report->Set("acknowledged", world->report->Counted("acknowledged_before") +
                                         world->ledger->acknowledged_batches);
  if ((cycle + 1) % kCyclesPerFsck == 0) world->Fsck(absl::StrCat("after cycle ", cycle));
  if ((cycle + 1) % kCyclesPerDirectory != 0) return true;
  if (world->ServeVerified(absl::StrCat("after cycle ", cycle), true) == nullptr) return false;
  world->report->Count("acknowledged_before", world->ledger->acknowledged_batches);
  if (world->report->findings() == 0) world->Reset();
  return true;
}

// Compares everything a last time and tells the sum.
void Close(World* world) {
  world->ServeVerified("at the end", true);
  world->Fsck("at the end");
  world->report->Set("acknowledged", world->report->Counted("acknowledged_before") +
                                         world->ledger->acknowledged_batches);
  world->report->Set("acknowledged_before", 0);
  world->Finish();
}

bool CrashCycle(World* world, uint64_t cycle) {
  const std::string where = absl::StrCat("cycle ", cycle);
  // Some kills meet the start itself.
  if (world->rng.Below(8) == 0) {
    auto starting = ServerProcess::Spawn({world->options.halqad, world->data, world->log, "", "0"});
    Sleep(world->rng.Below(120));
    world->CheckEnding(starting->Kill(), where);
    world->report->Count("killed_at_start");
  }
  auto server = world->ServeVerified(where);
  if (server == nullptr) return false;
  {
    Client first(server->address());
    if (const auto s = SetUp(first, world->ledger.get()); !s.ok()) {
      world->report->Find(Fault::kWrong, absl::StrCat(where, ": ", s.ToString()));
      return false;
    }
    Load load(server->address(), world->ledger.get(), {});
    const uint64_t time = LoadTime(&world->rng, world->options.quick);
    Sleep(time / 2);
    if (world->rng.Below(3) == 0) {
      (void)load.client().Rank(false);
      world->report->Count("rankings");
    }
    Sleep(time - time / 2);
    world->CheckEnding(server->Kill(), where);
  }
  return true;
}

bool PowerLossCycle(World* world, uint64_t cycle, const std::string& kind) {
  const std::string where = absl::StrCat("cycle ", cycle);
  if (world->ServeVerified(where) == nullptr) return false;
  const uint64_t most = world->rng.Below(4) == 0 ? 150 : 1000;
  const std::string faults = absl::StrCat(kind, ",power-loss=", 1 + world->rng.Below(most),
                                          ",seed=", 1 + world->rng.Below(1 << 30));
  auto server = ServerProcess::Spawn({world->options.halqad, world->data, world->log, faults, "0"});
  if (server->WaitReady()) {
    // Nothing else before the targets have their names: Verify knows them by name only.
    Client first(server->address());
    if (SetUp(first, world->ledger.get()).ok()) {
      Load load(server->address(), world->ledger.get(), {});
      if (world->rng.Below(3) == 0) {
        (void)load.client().Rank(false);
        world->report->Count("rankings");
      }
      (void)server->WaitEnd(std::chrono::seconds(4));
    }
    (void)server->Kill();
  } else {
    world->report->Count("lost_at_start");
  }
  const Ending ending = server->Kill();
  if (ending.code == FaultPlan::kPowerLossExit) world->report->Count("power_losses");
  if (ending.code != FaultPlan::kPowerLossExit) world->CheckEnding(ending, where);
  return true;
}

}  // namespace

void RunCrash(const StressOptions& options, Report* report) {
  World world("crash", options, kStreams, report);
  const uint64_t cycles = options.cycles != 0 ? options.cycles : options.quick ? 12 : 1000;
  uint64_t cycle = 0;
  for (; cycle < cycles && !report->TimeIsOver(); ++cycle) {
    if (!CrashCycle(&world, cycle) || !EndOfDirectory(&world, cycle)) break;
    report->Count("cycles");
    report->Progress(cycle, cycles);
  }
  Close(&world);
}

void RunPowerLoss(const StressOptions& options, bool control, Report* report) {
  World world(control ? "control" : "powerloss", options, kStreams, report);
  const uint64_t goal = control ? 20 : 1000;
  const uint64_t cycles = options.cycles != 0 ? options.cycles : options.quick ? 8 : goal;
  for (uint64_t cycle = 0; cycle < cycles && !report->TimeIsOver(); ++cycle) {
    if (!PowerLossCycle(&world, cycle, control ? "nosync" : "lossy")) break;
    if (!control && !EndOfDirectory(&world, cycle)) break;
    report->Count("cycles");
    report->Progress(cycle, cycles);
  }
  if (!control || report->findings() == 0) Close(&world);
}

}  // namespace halqa::stress
