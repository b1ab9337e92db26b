// The k-th file operation fails, for every k: whatever happens, nothing acknowledged is lost,
// nothing wrong is answered, and after a failed sync nothing is acknowledged any more.

#include <filesystem>
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

constexpr const char* kKinds[] = {"eio", "enospc", "short", "fsync"};
constexpr int kSingles = 400;  // each a write and a sync
constexpr uint64_t kStreamBatches = 40;

// A directory with something in it, as a kill left it.
bool MakeTemplate(World* world) {
  auto server = world->Serve();
  if (server == nullptr) return false;
  {
    Client client(server->address());
    std::atomic<bool> stop{false};
    bool good = SetUp(client, world->ledger.get()).ok();
    good = good && SendStream(client, world->ledger.get(), 0, 200, stop).ok();
    good = good && client.Rank(true).ok();
    good = good && SendStream(client, world->ledger.get(), 0, 300, stop).ok();
    if (!good) world->report->Find(Fault::kWrong, "the template cannot be made");
  }
  server->Kill();
  fs::remove_all(world->data + ".template");
  fs::rename(world->data, world->data + ".template");
  return true;
}

// Writes and ranks on a disk that fails somewhere, and tells what the server said.
class Attempt {
 public:
  Attempt(Client& client, World* world, const std::string& where)
      : client_(client), world_(world), where_(where) {}

  void Note(const absl::Status& status) {
    const bool stopped = ErrorReason(status) == "WRITES_STOPPED";
    if (status.ok() && stopped_) {
      world_->report->Find(Fault::kWrong, where_ + ": acknowledged after WRITES_STOPPED");
    }
    stopped_ = stopped_ || stopped;
    if (ErrorReason(status) == "STORAGE_FULL") world_->report->Count("full");
  }

  void Run(int scenario) {
    std::atomic<bool> stop{false};
    Note(SetUp(client_, world_->ledger.get()));
    for (int i = 0; i < kSingles; ++i) {
      Note(SendSingle(client_, world_->ledger.get()));
      if (i == kSingles / 2 && scenario != 0) (void)client_.Rank(true);
    }
    const uint64_t before = world_->ledger->streams[0].acknowledged;
    (void)SendStream(client_, world_->ledger.get(), 0, before + kStreamBatches, stop);
    if (stopped_ && world_->ledger->streams[0].acknowledged > before) {
      world_->report->Find(Fault::kWrong, where_ + ": a stream acknowledged after WRITES_STOPPED");
    }
    Note(SendSingle(client_, world_->ledger.get()));
  }
  bool stopped() const { return stopped_; }

 private:
  Client& client_;
  World* const world_;
  const std::string where_;
  bool stopped_ = false;
};

// A server that stopped writing must end by itself, with an error.
void ExpectEnd(ServerProcess* server, World* world, const std::string& where) {
  const Ending ending = server->WaitEnd(std::chrono::seconds(10));
  world->report->Count("ended_by_itself");
  if (ending.running) {
    world->report->Find(Fault::kWrong, where + ": does not end after its disk failed");
  } else if (ending.code == 0 && ending.signal == 0) {
    world->report->Find(Fault::kWrong, where + ": ended with code 0 after its disk failed");
  }
}

bool FailCycle(World* world, const Ledger& base, uint64_t k, const std::string& kind) {
  const int scenario = static_cast<int>(k % 3);  // 0 no ranking, 1 with, 2 a new directory
  const std::string where = absl::StrCat("fail-op=", k, ":", kind, " scenario ", scenario);
  fs::remove_all(world->data);
  world->ledger->streams = {{}};
  world->ledger->set_up = false;
  world->ledger->singles_next = 1;
  world->ledger->singles_open.clear();
  world->ledger->singles_under.clear();
  if (scenario != 2) {
    fs::copy(world->data + ".template", world->data, fs::copy_options::recursive);
    world->ledger->streams = base.streams;
    world->ledger->set_up = true;
  }
  const std::string faults = absl::StrCat("fail-op=", k, ":", kind, ",lossy");
  auto server = ServerProcess::Spawn({world->options.halqad, world->data, world->log, faults, "0"});
  if (server->WaitReady()) {
    Client client(server->address());
    Attempt attempt(client, world, where);
    attempt.Run(scenario);
    if (attempt.stopped()) ExpectEnd(server.get(), world, where);
  } else {
    world->report->Count("refused_to_start");
  }
  world->CheckEnding(server->Kill(), where);
  const bool hit = absl::StrContains(server->Log(), "test fault:");
  world->report->Count(hit ? "hit" : "not_reached");
  if (world->ServeVerified(where) == nullptr) return false;
  if (hit && k % 10 == 0) world->Fsck(where);
  return true;
}

}  // namespace

void RunFailOp(const StressOptions& options, Report* report) {
  World world("failop", options, 1, report);
  if (!MakeTemplate(&world)) return;
  Ledger base(1, "");
  base.streams = world.ledger->streams;
  const uint64_t most = options.cycles != 0 ? options.cycles : 500;
  const uint64_t step = options.quick ? 97 : 1;
  const uint64_t first = options.first + (options.quick ? options.seed % step : 0);
  for (uint64_t k = first; k <= most; k += step) {
    for (const char* kind : kKinds) {
      if (report->TimeIsOver()) break;
      report->Count("cycles");
      const uint64_t before = report->findings();
      (void)FailCycle(&world, base, k, kind);
      if (report->findings() == before) continue;
      std::error_code ignored;
      const std::string kept = absl::StrCat(world.data, ".", k, kind);
      fs::remove_all(kept, ignored);
      fs::rename(world.data, kept, ignored);
    }
    report->Progress(k, most);
  }
  report->Set("acknowledged", world.ledger->acknowledged_batches);
  if (report->findings() == 0) fs::remove_all(world.data + ".template");
  world.Finish();
}

}  // namespace halqa::stress
