// Batches sent several times, over reconnects, kills and two servers in turn: each has its effect
// once, and an id that comes back with another content is refused.

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "tools/stress/load.h"
#include "tools/stress/modes.h"
#include "tools/stress/world.h"

namespace halqa::stress {
namespace {

constexpr uint64_t kStreams = 4;
constexpr int kTimesMax = 5;

// Sends a piece of a stream again and again, each time on a new call, from a place before its end.
void Repeat(Client& client, World* world, uint64_t stream, uint64_t pieces,
            std::atomic<uint64_t>* sent) {
  CounterRng rng(world->options.seed + stream, world->ledger->streams[stream].sent);
  std::atomic<bool> stop{false};
  for (uint64_t piece = 0; piece < pieces; ++piece) {
    StreamLedger& ledger = world->ledger->streams[stream];
    const uint64_t length = 1 + rng.Below(60);
    const uint64_t start = ledger.acknowledged, end = start + length;
    const uint64_t times = 1 + rng.Below(kTimesMax);
    for (uint64_t time = 0; time < times; ++time) {
      // The client forgets what was acknowledged, as after a crash of its own.
      Ledger forgetful(stream + 1, "");
      forgetful.streams[stream].acknowledged = start;
      world->ledger->Sent(stream, end);
      const bool good = SendStream(client, &forgetful, stream, end, stop).ok();
      sent->fetch_add(length);
      world->ledger->Acknowledged(stream, forgetful.streams[stream].acknowledged);
      if (!good) return;
    }
  }
}

void RepeatSingles(Client& client, World* world, uint64_t count, std::atomic<uint64_t>* sent) {
  CounterRng rng(world->options.seed, 31 + world->ledger->singles_next);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t batch = world->ledger->NextSingle();
    v1::WriteBatchRequest request;
    request.set_request_id(world->ledger->RequestId(absl::StrCat("single-", batch)));
    content::Fill(world->ledger->single_stream(), batch, &request);
    bool good = true;
    const uint64_t times = 1 + rng.Below(kTimesMax);
    for (uint64_t time = 0; time < times && good; ++time) {
      good = client.Write(request).ok();
      sent->fetch_add(1);
    }
    world->ledger->SingleDone(batch, good);
    if (!good) return;
    if (i % 16 != 0) continue;
    request.mutable_follows(0)->set_time(1);
    const absl::Status reused = client.Write(request).status();
    if (ErrorReason(reused) == "REQUEST_ID_REUSED") {
      world->report->Count("reuses_refused");
    } else if (reused.ok()) {
      world->report->Find(Fault::kWrong, absl::StrCat("single ", batch,
                                                      " was taken a second time "
                                                      "with another content"));
    }
  }
}

void Session(World* world, ServerProcess* server, bool kill, std::atomic<uint64_t>* sent) {
  Client client(server->address());
  std::vector<std::thread> threads;
  for (uint64_t s = 0; s < kStreams; ++s) {
    threads.emplace_back([&, s] { Repeat(client, world, s, 12, sent); });
  }
  threads.emplace_back([&] { RepeatSingles(client, world, 200, sent); });
  if (kill) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + world->rng.Below(700)));
    world->CheckEnding(server->Kill(), "kill");
    world->report->Count("kills");
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

void RunExactlyOnce(const StressOptions& options, Report* report) {
  World world("exactly-once", options, kStreams, report);
  const uint64_t goal = options.cycles != 0 ? options.cycles : options.quick ? 3000 : 100'000;
  std::atomic<uint64_t> sent{0};
  bool set_up = false;
  for (uint64_t session = 0; world.ledger->acknowledged_batches < goal; ++session) {
    auto server = world.ServeVerified(absl::StrCat("session ", session));
    if (server == nullptr || report->TimeIsOver()) break;
    if (!set_up) {
      Client client(server->address());
      set_up = SetUp(client, world.ledger.get()).ok();
    }
    Session(&world, server.get(), session % 3 != 2, &sent);
    if (server->Poll().running && server->Stop().code != 0) {
      report->Find(Fault::kWrong, "a clean stop ended with an error");
    }
    report->Count("sessions");
    report->Progress(world.ledger->acknowledged_batches, goal);
  }
  world.ServeVerified("at the end", true);
  world.Fsck("at the end");
  report->Set("batches", world.ledger->acknowledged_batches);
  report->Set("sent", sent.load());
  world.Finish();
}

}  // namespace halqa::stress
