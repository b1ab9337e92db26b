#include "tools/stress/world.h"

#include <cstdio>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace halqa::stress {

namespace fs = std::filesystem;

World::World(const std::string& name, const StressOptions& all, uint64_t streams, Report* to)
    : options(all),
      report(to),
      rng(all.seed, 17),
      data(absl::StrCat(all.directory, "/", name)),
      log(data + ".log"),
      streams_(streams) {
  fs::create_directories(all.directory);
  fs::remove(log);
  Reset();
}

void World::Reset() {
  fs::remove_all(data);
  ledger = std::make_unique<Ledger>(streams_, data + ".ledger");
}

std::unique_ptr<ServerProcess> World::Serve(const std::string& faults, const std::string& reserve) {
  auto server = ServerProcess::Spawn({options.halqad, data, log, faults, reserve});
  if (server->WaitReady()) return server;
  if (!faults.empty()) return nullptr;
  const Ending ending = server->Poll();
  CheckEnding(ending, "start");
  report->Find(Fault::kWrong, absl::StrCat("the server does not start: ", server->Log()));
  return nullptr;
}

std::unique_ptr<ServerProcess> World::ServeVerified(const std::string& where, bool everything) {
  RemoveKept();
  auto server = Serve();
  if (server == nullptr) return nullptr;
  Client client(server->address());
  VerifyOptions verify;
  verify.where = where;
  verify.everything = everything;
  verify.count_records = count_records;
  absl::Status status;
  for (int attempt = 0; attempt < 3; ++attempt) {
    status = Verify(client, verify, &rng, ledger.get(), report);
    // A machine that was paused or is overloaded is no finding.
    if (!absl::IsDeadlineExceeded(status)) break;
  }
  if (!status.ok()) {
    CheckEnding(server->Poll(), where);
    report->Find(Fault::kWrong, absl::StrCat(where, ": cannot compare: ", status.ToString()));
    return nullptr;
  }
  ledger->Save();
  return server;
}

void World::CheckEnding(const Ending& ending, const std::string& where) {
  if (ending.signal == 0 || ending.signal == 9) return;
  report->Find(Fault::kSignal, absl::StrCat(where, ": signal ", ending.signal));
}

void World::Fsck(const std::string& where) {
  if (options.halqa.empty()) return;
  RemoveKept();
  const Ending ending =
      RunProgram({options.halqa, "fsck", "--data", data}, log, std::chrono::minutes(5));
  // 2: it could not run. Whether the directory opens is ServeVerified's business.
  const bool found = ending.code == 1 || ending.signal != 0;
  report->Count(ending.code == 2 ? "fsck_not_run" : found ? "fsck_found" : "fsck_clean");
  if (!found) return;
  report->Find(Fault::kWrong, absl::StrCat(where, ": fsck ended with code ", ending.code,
                                           ", signal ", ending.signal, "; see ", log));
}

void World::RemoveKept() {
  std::error_code ignored;
  for (const char* part : {"/rocksdb", "/snapshots"}) {
    for (const auto& entry : fs::directory_iterator(data + part, ignored)) {
      if (absl::StartsWith(entry.path().filename().string(), "kept-")) fs::remove(entry, ignored);
    }
  }
}

void World::Finish() {
  if (report->findings() > 0) {
    std::fprintf(stderr, "kept: %s and %s\n", data.c_str(), log.c_str());
    return;
  }
  fs::remove_all(data);
  for (const char* ending : {".log", ".ledger", ".port"}) fs::remove(data + ending);
}

}  // namespace halqa::stress
