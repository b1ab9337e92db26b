#include "tools/stress/scrub.h"

#include <cstdio>
#include <filesystem>

#include "engine/ingest/live_graph.h"

namespace halqa::stress {

Ending RunScrub(const std::string& data, const std::string& log) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  return RunProgram({self, "scrub", "--halqad", "-", "--dir", data}, log, std::chrono::minutes(2));
}

int ScrubHere(const std::string& data) {
  absl::Status status;
  if (auto graph = ingest::LiveGraph::Open(data, {}, {}); graph.ok()) {
    status = (*graph)->db().VerifyChecksums();
  } else {
    status = graph.status();
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "scrub: %s\n", status.ToString().c_str());
  return status.code() == absl::StatusCode::kDataLoss ? kScrubFound : 1;
}

}  // namespace halqa::stress
