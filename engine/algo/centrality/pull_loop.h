#pragma once
// Rounds over all rows of a graph that gather along arcs and tally something, in parallel and with
// the same bits for every number of threads.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"
#include "engine/graph/csr_view.h"

namespace halqa {

// What a round adds up and what its extremes are; each kernel says of what.
struct Tally {
  double sum = 0;
  double other = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void Include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void Merge(const Tally& t) {
    sum += t.sum;
    other += t.other;
    low = std::min(low, t.low);
    high = std::max(high, t.high);
  }
};

// Thread safety: one thread at a time; each round uses those of the run.
class PullLoop {
 public:
  // Rows of neighbours to gather from: In(view) or Out(view). `rounds` rounds are the whole run.
  struct Rows {
    absl::Span<const uint64_t> offsets;
    absl::Span<const VertexIndex> values;
    absl::Span<const float> weights;  // empty = all 1
  };
  static Rows In(const CsrView& view, bool weighted) {
    return {view.in_offsets, view.in_sources,
            weighted ? view.in_weights : absl::Span<const float>()};
  }
  static Rows Out(const CsrView& view, bool weighted) {
    return {view.out_offsets, view.out_targets,
            weighted ? view.out_weights : absl::Span<const float>()};
  }

  PullLoop(const Rows& rows, RunContext& run, double rounds)
      : rows_(rows), run_(run), rounds_(rounds), bounds_(RowBlocks(rows.offsets)) {}

  // Calls each(v, sum, tally) for every v, where sum is that of weight · from[u] over row v.
  template <typename Each>
  absl::StatusOr<Tally> Gather(const double* from, const Each& each) {
    return Blocks(1, [&](VertexIndex v, Tally& t) { each(v, Sum(from, v), t); });
  }
  // Calls each(v, tally) for every v. Counts as no round.
  template <typename Each>
  absl::StatusOr<Tally> Scan(const Each& each) {
    return Blocks(0, each);
  }
  // The weight of row v.
  double RowWeight(VertexIndex v) const {
    if (rows_.weights.empty()) {
      return static_cast<double>(rows_.offsets[v + 1] - rows_.offsets[v]);
    }
    double sum = 0;
    for (uint64_t a = rows_.offsets[v]; a < rows_.offsets[v + 1]; ++a) sum += rows_.weights[a];
    return sum;
  }

 private:
  // Four partial sums in a fixed pattern hide the latency of addition.
  double Sum(const double* from, VertexIndex v) const {
    double s[4] = {0, 0, 0, 0};
    uint64_t a = rows_.offsets[v];
    const uint64_t end = rows_.offsets[v + 1];
    auto term = [&](uint64_t i) {
      const double x = from[rows_.values[i]];
      return rows_.weights.empty() ? x : x * rows_.weights[i];
    };
    for (; a + 4 <= end; a += 4) {
      for (uint64_t j = 0; j < 4; ++j) s[j] += term(a + j);
    }
    for (; a < end; ++a) s[0] += term(a);
    return (s[0] + s[1]) + (s[2] + s[3]);
  }

  template <typename Each>
  absl::StatusOr<Tally> Blocks(double rounds, const Each& each) {
    std::vector<Tally> parts(bounds_.size() - 1);
    HALQA_RETURN_IF_ERROR(
        CheckedBlocks(run_, parts.size(), {done_, rounds, rounds_}, [&](uint64_t b) {
          Tally part;
          for (VertexIndex v = bounds_[b]; v < bounds_[b + 1]; ++v) each(v, part);
          parts[b] = part;
        }));
    done_ += rounds;
    Tally all;
    for (const Tally& part : parts) all.Merge(part);
    return all;
  }

  Rows rows_;
  RunContext& run_;
  const double rounds_;
  double done_ = 0;
  std::vector<uint32_t> bounds_;
};

}  // namespace halqa
