#include "engine/algo/centrality/hits.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/algo/centrality/pull_loop.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"

namespace halqa {
namespace {

constexpr double kShareThatCounts = 1e-6;

class Solver {
 public:
  Solver(const CsrView& view, const HitsOptions& options, RunContext& run)
      : view_(view),
        options_(options),
        run_(run),
        in_(PullLoop::In(view, options.weighted), run, options.iterations),
        out_(PullLoop::Out(view, options.weighted), run, options.iterations) {}

  absl::StatusOr<HitsResult> Run();

 private:
  absl::Status Round();
  absl::Status CountParts();
  VertexIndex Root(VertexIndex v) {
    while (parent_[v] != v) v = parent_[v] = parent_[parent_[v]];
    return v;
  }
  // All authorities of one hub are in one part.
  void Join(VertexIndex hub);

  const CsrView& view_;
  const HitsOptions& options_;
  RunContext& run_;
  PullLoop in_, out_;
  Array<double> next_;
  VertexIndex* parent_ = nullptr;
  HitsResult result_;
};

// Hubs to authorities to hubs, each divided by its sum.
absl::Status Solver::Round() {
  HALQA_ASSIGN_OR_RETURN(const Tally got,
                         in_.Gather(result_.hubs.data(), [&](VertexIndex v, double sum, Tally& t) {
                           next_[v] = sum;
                           t.sum += sum;
                         }));
  const double scale = got.sum > 0 ? 1 / got.sum : 0;
  HALQA_ASSIGN_OR_RETURN(const Tally change, in_.Scan([&](VertexIndex v, Tally& t) {
    const double fresh = next_[v] * scale;
    t.sum += std::fabs(fresh - result_.authorities[v]);
    result_.authorities[v] = fresh;
  }));
  HALQA_ASSIGN_OR_RETURN(const Tally hubs, out_.Gather(result_.authorities.data(),
                                                       [&](VertexIndex v, double sum, Tally& t) {
                                                         result_.hubs[v] = sum;
                                                         t.sum += sum;
                                                       }));
  const double hub_scale = hubs.sum > 0 ? 1 / hubs.sum : 0;
  HALQA_RETURN_IF_ERROR(
      out_.Scan([&](VertexIndex v, Tally&) { result_.hubs[v] *= hub_scale; }).status());
  result_.eigenvalue = got.sum * hubs.sum;
  result_.residual = change.sum;
  ++result_.rounds;
  return absl::OkStatus();
}

void Solver::Join(VertexIndex hub) {
  VertexIndex first = kNoVertex;
  for (uint64_t a = view_.out_offsets[hub]; a < view_.out_offsets[hub + 1]; ++a) {
    if (options_.weighted && view_.OutWeight(a) == 0) continue;
    const VertexIndex root = Root(view_.out_targets[a]);
    if (first == kNoVertex) first = root;
    if (root < first) {
      parent_[first] = root;
      first = root;
    } else {
      parent_[root] = first;
    }
  }
}

absl::Status Solver::CountParts() {
  // The memory of next_ serves again, so that the peak stays at three numbers per vertex.
  const uint64_t n = view_.vertices;
  parent_ = reinterpret_cast<VertexIndex*>(next_.data());
  float* const mass = reinterpret_cast<float*>(next_.data()) + n;
  std::iota(parent_, parent_ + n, VertexIndex{0});
  std::fill(mass, mass + n, 0.0f);
  const std::vector<uint32_t> bounds = RowBlocks(view_.out_offsets);
  for (size_t b = 0; b + 1 < bounds.size(); ++b) {
    for (VertexIndex u = bounds[b]; u < bounds[b + 1]; ++u) Join(u);
    HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
  }
  for (VertexIndex v = 0; v < n; ++v) mass[Root(v)] += static_cast<float>(result_.authorities[v]);
  result_.parts = static_cast<uint32_t>(
      std::count_if(mass, mass + n, [](float m) { return m > kShareThatCounts; }));
  return absl::OkStatus();
}

absl::StatusOr<HitsResult> Solver::Run() {
  result_.converged = view_.vertices == 0;
  next_ = Array<double>(view_.vertices);
  result_.hubs.assign(view_.vertices, 1.0 / view_.vertices);
  result_.authorities.assign(view_.vertices, 0.0);
  while (view_.vertices > 0 && result_.rounds < options_.iterations && !result_.converged) {
    HALQA_RETURN_IF_ERROR(Round());
    if (options_.tolerance > 0) result_.converged = result_.residual <= options_.tolerance;
  }
  HALQA_RETURN_IF_ERROR(CountParts());
  HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
  return std::move(result_);
}

}  // namespace

absl::Status HitsOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("tolerance", tolerance, 0, 1));
  return RequireRange("iterations", iterations, 1, 1000000);
}

uint64_t EstimateHits(const CsrView& view, const HitsOptions&) {
  return WithSmallThings(24 * uint64_t{view.vertices});
}

absl::StatusOr<HitsResult> Hits(const CsrView& view, const HitsOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateHits(view, options)));
  return Solver(view, options, run).Run();
}

}  // namespace halqa
