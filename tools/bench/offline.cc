#include "tools/bench/offline.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "engine/graph/snapshot_file.h"
#include "engine/ingest/live_graph.h"
#include "engine/projection/projection.h"
#include "tools/bench/follow_load.h"

namespace halqa::bench {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Time on a core: what others do on the machine counts for nothing, waiting for the disk neither.
double CoreSeconds() {
  struct timespec t {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double Rate(uint64_t count, double core_seconds) {
  return static_cast<double>(count) / std::max(core_seconds, 1e-9);
}

absl::StatusOr<double> ScanRate(const ingest::LiveGraph& graph, uint32_t accounts,
                                uint64_t* follows) {
  RunContext run(1);
  const double start = CoreSeconds();
  HALQA_ASSIGN_OR_RETURN(const RowPieces rows,
                         projection::ActiveFollows(graph.db(), nullptr, accounts, run));
  *follows = rows.arcs();
  return Rate(*follows, CoreSeconds() - start);
}

// Two million changes of one minute, then their fold alone.
absl::Status MeasureFold(ingest::LiveGraph& graph, uint32_t accounts, OfflineFigures* f) {
  constexpr uint32_t kBatches = 200, kRows = 10'000;
  CounterRng rng(77, 1);
  for (uint32_t b = 0; b < kBatches; ++b) {
    ingest::WriteRequestBuilder builder;
    for (uint32_t i = 0; i < kRows; ++i) {
      const auto from = static_cast<uint32_t>(rng.Below(accounts));
      const std::string follower = LoadId(from);
      const std::string followee =
          LoadId((from + 1 + static_cast<uint32_t>(rng.Below(accounts - 1))) % accounts);
      HALQA_RETURN_IF_ERROR(builder.OnFollow({follower, followee, std::time(nullptr), false}));
    }
    HALQA_RETURN_IF_ERROR(graph.Write(builder.Take()).status());
  }
  const uint64_t before = graph.counters().folded_rows;
  const double start = CoreSeconds();
  RunContext run(1);
  HALQA_RETURN_IF_ERROR(graph.FoldOnly(run));
  f->folded = graph.counters().folded_rows - before;
  f->fold = Rate(f->folded, CoreSeconds() - start);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OfflineFigures> MeasureOffline(const std::string& directory) {
  OfflineFigures f;
  ingest::LiveGraphOptions options;
  options.fold_edges = options.snapshot_edges = 1'000'000'000;  // only when told
  options.fold_age = options.snapshot_age = std::chrono::hours(24);
  HALQA_ASSIGN_OR_RETURN(auto graph, ingest::LiveGraph::Open(directory, {}, options));
  RunContext run(1);
  HALQA_RETURN_IF_ERROR(graph->FoldOnly(run));
  const uint32_t accounts = graph->epoch()->accounts;
  HALQA_ASSIGN_OR_RETURN(f.scan_before, ScanRate(*graph, accounts, &f.follows));
  auto start = Clock::now();
  HALQA_RETURN_IF_ERROR(graph->db().Compact(store::Family::kFollowOut));
  f.compact_seconds = Since(start);
  f.store_bytes = graph->db().SstBytes(store::Family::kFollowOut);
  HALQA_ASSIGN_OR_RETURN(f.scan, ScanRate(*graph, accounts, &f.follows));
  const std::string file = absl::StrCat(directory, "/bench.halqa");
  start = Clock::now();
  const double cores = CoreSeconds();
  HALQA_RETURN_IF_ERROR(
      projection::BuildSnapshot(graph->db(), nullptr, accounts, {1, 1, 1}, file, run));
  f.rebuild = Rate(f.follows, CoreSeconds() - cores);
  f.rebuild_wall = Rate(f.follows, Since(start));
  start = Clock::now();
  HALQA_ASSIGN_OR_RETURN(const Snapshot snapshot, Snapshot::Open(file));
  f.open_seconds = Since(start);
  f.snapshot_bytes = snapshot.file_bytes();
  f.plain_csr_bytes = 8.0 * static_cast<double>(f.follows) + 16.0 * (accounts + 1);
  std::filesystem::remove(file);
  HALQA_RETURN_IF_ERROR(MeasureFold(*graph, accounts, &f));
  return f;
}

absl::Status WriteFollowFile(const std::string& path, uint32_t accounts, uint64_t edges) {
  std::ofstream out(path, std::ios::binary);
  std::string text = "follower,followee,time\n";
  CounterRng rng(9, 9);
  for (uint64_t i = 0; i < edges; ++i) {
    const auto from = static_cast<uint32_t>(rng.Below(accounts));
    const auto to = static_cast<uint32_t>((from + 1 + rng.Below(accounts - 1)) % accounts);
    absl::StrAppend(&text, LoadId(from), ",", LoadId(to), ",",
                    1'500'000'000 + rng.Below(200'000'000), "\n");
    if (text.size() < (1 << 20)) continue;
    out << text;
    text.clear();
  }
  out << text;
  out.close();
  if (out.good()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED",
                   absl::StrCat(path, ": cannot write"));
}

}  // namespace halqa::bench
