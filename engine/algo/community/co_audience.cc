#include "engine/algo/community/co_audience.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr uint64_t kPathsPerBlock = 1 << 20;
constexpr uint64_t kPathsPerCheck = 1 << 17;

// Rows of one block of producers.
struct Rows {
  std::vector<uint32_t> lengths;
  std::vector<VertexIndex> targets;
  std::vector<float> weights;
};

class Counter {
 public:
  Counter(const CsrView& view, const CoAudienceOptions& options, RunContext& run)
      : view_(view), options_(options), run_(run) {}

  absl::StatusOr<CoAudienceResult> Count();

 private:
  bool Counts(VertexIndex follower) const {
    return view_.OutDegree(follower) <= options_.follows_max;
  }
  absl::Status CountFollowers();
  std::vector<uint32_t> Blocks() const;
  void CountBlock(VertexIndex begin, VertexIndex end, Rows* rows) const;
  void CountRow(VertexIndex p, std::vector<uint32_t>* shared, std::vector<VertexIndex>* seen,
                Rows* rows) const;
  absl::StatusOr<CsrRows> Join(std::vector<Rows>* blocks) const;

  const CsrView& view_;
  const CoAudienceOptions& options_;
  RunContext& run_;
  std::vector<uint32_t> followers_;  // that count, by producer; 0 = no producer
  std::vector<uint64_t> paths_;      // by producer
};

absl::Status Counter::CountFollowers() {
  followers_.assign(view_.vertices, 0);
  paths_.assign(view_.vertices, 0);
  const std::vector<uint32_t> bounds = RowBlocks(view_.in_offsets);
  return CheckedBlocks(run_, bounds.size() - 1, {0, 0.05, 1}, [&](uint64_t b) {
    for (VertexIndex p = bounds[b]; p < bounds[b + 1]; ++p) {
      for (const VertexIndex f : view_.In(p)) {
        if (f == p || !Counts(f)) continue;
        ++followers_[p];
        paths_[p] += view_.OutDegree(f);
      }
      if (followers_[p] < std::max(1u, options_.followers_min)) followers_[p] = 0;
      if (followers_[p] == 0) paths_[p] = 0;
    }
  });
}

// Runs of vertices with about kPathsPerBlock paths each.
std::vector<uint32_t> Counter::Blocks() const {
  std::vector<uint32_t> bounds = {0};
  uint64_t work = 0;
  for (VertexIndex p = 0; p < view_.vertices; ++p) {
    work += paths_[p] + 64;
    if (work < kPathsPerBlock && p + 1 < view_.vertices) continue;
    bounds.push_back(p + 1);
    work = 0;
  }
  return bounds;
}

void Counter::CountRow(VertexIndex p, std::vector<uint32_t>* shared, std::vector<VertexIndex>* seen,
                       Rows* rows) const {
  seen->clear();
  uint64_t since = 0;
  for (const VertexIndex f : view_.In(p)) {
    if (f == p || !Counts(f)) continue;
    since += view_.OutDegree(f);
    if (since > kPathsPerCheck) {
      since = 0;
      if (run_.ShouldStop()) break;  // the next checkpoint says why
    }
    for (const VertexIndex q : view_.Out(f)) {
      if (q == f || q == p || followers_[q] == 0) continue;
      if ((*shared)[q]++ == 0) seen->push_back(q);
    }
  }
  std::sort(seen->begin(), seen->end());
  const uint64_t before = rows->targets.size();
  for (const VertexIndex q : *seen) {
    // The same operations in the same order for (p, q) and (q, p): the weights are equal bits.
    const double sizes = static_cast<double>(followers_[p]) * static_cast<double>(followers_[q]);
    const double cosine = (*shared)[q] / std::sqrt(sizes);
    (*shared)[q] = 0;
    if (cosine < options_.cosine_min) continue;
    rows->targets.push_back(q);
    rows->weights.push_back(static_cast<float>(cosine));
  }
  rows->lengths.push_back(static_cast<uint32_t>(rows->targets.size() - before));
}

void Counter::CountBlock(VertexIndex begin, VertexIndex end, Rows* rows) const {
  std::vector<uint32_t> shared;
  std::vector<VertexIndex> seen;
  for (VertexIndex p = begin; p < end; ++p) {
    if (followers_[p] == 0) {
      rows->lengths.push_back(0);
      continue;
    }
    if (shared.empty()) shared.assign(view_.vertices, 0);
    CountRow(p, &shared, &seen, rows);
    if (run_.ShouldStop()) return;
  }
}

absl::StatusOr<CsrRows> Counter::Join(std::vector<Rows>* blocks) const {
  uint64_t arcs = 0;
  for (const Rows& b : *blocks) arcs += b.targets.size();
  CsrRows rows{Array<uint64_t>(uint64_t{view_.vertices} + 1), Array<VertexIndex>(arcs),
               Array<float>(arcs)};
  uint64_t row = 0, at = 0;
  rows.offsets[0] = 0;
  for (Rows& b : *blocks) {
    std::copy(b.targets.begin(), b.targets.end(), rows.values.data() + at);
    std::copy(b.weights.begin(), b.weights.end(), rows.weights.data() + at);
    at += b.targets.size();
    for (const uint32_t length : b.lengths) {
      rows.offsets[row + 1] = rows.offsets[row] + length;
      ++row;
    }
    b = {};
    HALQA_RETURN_IF_ERROR(run_.Checkpoint(0.95, 1));
  }
  return rows;
}

absl::StatusOr<CoAudienceResult> Counter::Count() {
  HALQA_RETURN_IF_ERROR(CountFollowers());
  const std::vector<uint32_t> bounds = Blocks();
  std::vector<Rows> blocks(bounds.size() - 1);
  std::atomic<uint64_t> arcs{0};
  const uint64_t base = EstimateCoAudience(view_, options_, run_.threads());
  const uint64_t limit = run_.memory_bytes_max();
  auto full = [&] { return limit > 0 && base + 24 * arcs.load() > limit; };
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, blocks.size(), {0.05, 0.9, 1}, [&](uint64_t b) {
    if (full()) return;
    CountBlock(bounds[b], bounds[b + 1], &blocks[b]);
    arcs += blocks[b].targets.size();
  }));
  HALQA_RETURN_IF_ERROR(RequireMemory(run_, base + 24 * arcs.load()));
  CoAudienceResult result;
  if (view_.vertices > 0) {
    HALQA_ASSIGN_OR_RETURN(CsrRows rows, Join(&blocks));
    result.graph = Csr::Symmetric(std::move(rows));
  }
  for (const uint32_t f : followers_) result.producers += f > 0 ? 1 : 0;
  for (const uint64_t p : paths_) result.paths += p;
  HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
  return result;
}

}  // namespace

absl::Status CoAudienceOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("cosine_min", cosine_min, 1e-6, 1));
  HALQA_RETURN_IF_ERROR(RequireRange("followers_min", followers_min, 1, 1e9));
  return RequireRange("follows_max", follows_max, 1, 1e9);
}

uint64_t EstimateCoAudience(const CsrView& view, const CoAudienceOptions&, int threads) {
  return (13 + 8 * static_cast<uint64_t>(std::max(threads, 1))) * view.vertices;
}

absl::StatusOr<CoAudienceResult> CoAudience(const CsrView& view, const CoAudienceOptions& options,
                                            RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateCoAudience(view, options, run.threads())));
  return Counter(view, options, run).Count();
}

}  // namespace halqa
