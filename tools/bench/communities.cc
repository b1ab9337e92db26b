#include "tools/bench/communities.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <vector>

#include "engine/algo/community/label_propagation.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/louvain.h"
#include "engine/algo/community/quality.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "tools/bench/generate.h"
#include "tools/bench/peak_memory.h"

namespace halqa::bench {
namespace {

absl::Status WriteMatrix(const CsrView& view, const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) {
    return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED", path);
  }
  uint64_t edges = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (const VertexIndex u : view.Out(v)) edges += u <= v ? 1 : 0;
  }
  std::fprintf(file, "%%%%MatrixMarket matrix coordinate pattern symmetric\n%u %u %llu\n",
               view.vertices, view.vertices, static_cast<unsigned long long>(edges));
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (const VertexIndex u : view.Out(v)) {
      if (u <= v) std::fprintf(file, "%u %u\n", v + 1, u + 1);
    }
  }
  if (std::fclose(file) == 0) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED", path);
}

struct Found {
  std::vector<uint32_t> communities;
  int rounds = 0;
};

absl::StatusOr<Found> Find(const CsrView& view, const CommunityOptions& o, RunContext& run) {
  if (o.algorithm == "louvain") {
    HALQA_ASSIGN_OR_RETURN(LouvainResult got, Louvain(view, {}, run));
    return Found{std::move(got.communities), got.rounds};
  }
  if (o.algorithm == "label_propagation") {
    HALQA_ASSIGN_OR_RETURN(LabelPropagationResult got, LabelPropagation(view, {}, run));
    return Found{std::move(got.labels), got.rounds};
  }
  LeidenOptions options;
  if (o.iterations > 0) options.iterations = o.iterations;
  HALQA_ASSIGN_OR_RETURN(LeidenResult got, Leiden(view, options, run));
  return Found{std::move(got.communities), got.rounds};
}

absl::Status Measure(const CommunityOptions& o) {
  RunContext run(o.threads);
  std::vector<uint32_t> truth;
  HALQA_ASSIGN_OR_RETURN(const Csr csr, Generate(o.graph, run, &truth));
  const CsrView view = csr.View();
  std::printf("%s: %u vertices, %llu arcs", o.graph.c_str(), view.vertices,
              static_cast<unsigned long long>(view.arcs()));
  if (!truth.empty()) std::printf(", planted Q %.6f", *Modularity(view, truth, 1));
  std::puts("");
  if (!o.write.empty()) HALQA_RETURN_IF_ERROR(WriteMatrix(view, o.write));
  for (int i = 0; i < o.repeats; ++i) {
    RunContext timed(o.threads);
    const PeakMemory memory;
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();  // of all threads: says more on a shared machine
    HALQA_ASSIGN_OR_RETURN(const Found found, Find(view, o, timed));
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    const uint64_t peak = memory.Bytes();
    HALQA_ASSIGN_OR_RETURN(const double q, Modularity(view, found.communities, 1));
    std::printf(
        "%s %d threads %.3f s (CPU %.3f), %.1f ns/arc, Q %.6f, %u disconnected, %d rounds, peak "
        "%.0f bytes/vertex",
        o.algorithm.c_str(), o.threads, time.count(), cpu_seconds,
        time.count() * 1e9 / static_cast<double>(view.arcs()), q,
        DisconnectedCommunities(view, found.communities), found.rounds,
        static_cast<double>(peak) / view.vertices);
    if (!truth.empty())
      std::printf(", AMI %.4f", *AdjustedMutualInformation(found.communities, truth));
    std::puts("");
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

}  // namespace

int RunCommunities(const CommunityOptions& options) {
  const absl::Status status = Measure(options);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}

}  // namespace halqa::bench
