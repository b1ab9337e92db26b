#include "engine/algo/centrality/betweenness.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "engine/algo/centrality/lanes.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

// Source number s belongs to sum s % kSums; each sum takes its sources in order.
constexpr uint64_t kSums = 16;
// Arcs that the sources of one sum may read in a round, about.
constexpr uint64_t kRoundArcs = uint64_t{1} << 22;

// One source: a search that counts shortest paths, then dependencies from far to near.
class SourceSearch {
 public:
  explicit SourceSearch(const CsrView& view)
      : view_(view),
        distance_(view.vertices, kNoVertex),
        paths_(view.vertices),
        share_(view.vertices),
        order_(view.vertices) {}

  // Adds the dependencies of `source` to `sum`, some of them when the run must stop; false when the
  // paths are too many to count.
  bool Run(VertexIndex source, const RunContext& run, double* sum);

 private:
  bool Count(VertexIndex source, const RunContext& run);
  bool Collect(const RunContext& run, double* sum);
  // True when the run must stop; asks the clock after every kBlockArcs arcs.
  bool Stop(const RunContext& run, VertexIndex v) {
    if ((unchecked_ += 1 + view_.OutDegree(v)) < kBlockArcs) return false;
    unchecked_ = 0;
    return run.ShouldStop();
  }

  const CsrView& view_;
  Array<uint32_t> distance_;  // kNoVertex between two runs
  Array<double> paths_;       // shortest paths from the source
  Array<double> share_;       // (1 + dependency) / paths
  Array<VertexIndex> order_;
  uint32_t found_ = 0;
  uint64_t unchecked_ = 0;
};

bool SourceSearch::Count(VertexIndex source, const RunContext& run) {
  distance_[source] = 0;
  paths_[source] = 1;
  order_[0] = source;
  found_ = 1;
  for (uint32_t i = 0; i < found_; ++i) {
    const VertexIndex u = order_[i];
    for (const VertexIndex w : view_.Out(u)) {
      if (distance_[w] == kNoVertex) {
        distance_[w] = distance_[u] + 1;
        paths_[w] = 0;
        order_[found_++] = w;
      }
      if (distance_[w] == distance_[u] + 1) paths_[w] += paths_[u];
    }
    if (Stop(run, u)) return false;
  }
  return true;
}

bool SourceSearch::Collect(const RunContext& run, double* sum) {
  for (uint32_t i = found_; i-- > 1;) {
    const VertexIndex v = order_[i];
    double below = 0;
    for (const VertexIndex w : view_.Out(v)) {
      if (distance_[w] == distance_[v] + 1) below += share_[w];
    }
    const double dependency = paths_[v] * below;
    share_[v] = (1 + dependency) / paths_[v];
    sum[v] += dependency;
    if (Stop(run, v)) return false;
  }
  return true;
}

bool SourceSearch::Run(VertexIndex source, const RunContext& run, double* sum) {
  bool countable = true;
  if (Count(source, run)) {
    for (uint32_t i = 0; i < found_; ++i) countable &= std::isfinite(paths_[order_[i]]);
    if (countable) Collect(run, sum);
  }
  for (uint32_t i = 0; i < found_; ++i) distance_[order_[i]] = kNoVertex;
  return countable;
}

class Solver {
 public:
  Solver(const CsrView& view, const BetweennessOptions& options, RunContext& run)
      : view_(view), sources_(options.sources), run_(run) {}
  absl::StatusOr<BetweennessResult> Run();

 private:
  absl::Status Round(uint64_t first, uint64_t last);
  absl::StatusOr<BetweennessResult> Added();
  uint64_t sources() const { return sources_.empty() ? view_.vertices : sources_.size(); }
  VertexIndex source(uint64_t i) const {
    return sources_.empty() ? static_cast<VertexIndex>(i) : sources_[i];
  }

  const CsrView& view_;
  const absl::Span<const VertexIndex> sources_;  // empty: all vertices
  RunContext& run_;
  Lanes<SourceSearch> lanes_;
  std::vector<Array<double>> sums_;
  std::atomic<bool> countable_{true};
};

absl::Status Solver::Round(uint64_t first, uint64_t last) {
  const Progress progress{static_cast<double>(first), static_cast<double>(last - first),
                          static_cast<double>(sources())};
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, sums_.size(), progress, [&](uint64_t k) {
    auto search = lanes_.Borrow([&] { return std::make_unique<SourceSearch>(view_); });
    for (uint64_t s = first + k; s < last && !run_.ShouldStop(); s += kSums) {
      if (!search->Run(source(s), run_, sums_[k].data())) countable_ = false;
    }
  }));
  if (countable_) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_PATHS",
                   "more than 1e308 shortest paths between two vertices");
}

absl::StatusOr<BetweennessResult> Solver::Added() {
  BetweennessResult result;
  result.scores.assign(view_.vertices, 0);
  const double once = view_.symmetric && sources_.empty() ? 0.5 : 1;
  const uint64_t blocks = (uint64_t{view_.vertices} + kBlockVertices - 1) / kBlockVertices;
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, blocks, {1, 0, 1}, [&](uint64_t b) {
    const uint64_t end = std::min<uint64_t>(view_.vertices, (b + 1) * kBlockVertices);
    for (uint64_t v = b * kBlockVertices; v < end; ++v) {
      for (const Array<double>& sum : sums_) result.scores[v] += sum[v];
      result.scores[v] *= once;
    }
  }));
  return result;
}

absl::StatusOr<BetweennessResult> Solver::Run() {
  const uint64_t each = std::max<uint64_t>(1, kRoundArcs / (view_.arcs() + view_.vertices + 1));
  const uint64_t n = sources();
  sums_.resize(std::min(kSums, n));
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, sums_.size(), {0, 0, 1}, [&](uint64_t k) {
    sums_[k] = Array<double>(view_.vertices, 0.0);
  }));
  for (uint64_t first = 0; first < n; first += kSums * each) {
    HALQA_RETURN_IF_ERROR(Round(first, std::min(n, first + kSums * each)));
  }
  return Added();
}

}  // namespace

absl::Status BetweennessOptions::Validate(const CsrView& view) const {
  return sources.empty() ? absl::OkStatus() : RequireSources(view, sources);
}

uint64_t EstimateBetweenness(const CsrView& view, const BetweennessOptions&, int threads) {
  return WithSmallThings(view.vertices * (8 * kSums + 8 + 24 * LaneCount(threads, kSums)));
}

absl::StatusOr<BetweennessResult> Betweenness(const CsrView& view,
                                              const BetweennessOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateBetweenness(view, options, run.threads())));
  return Solver(view, options, run).Run();
}

}  // namespace halqa
