#include "engine/algo/centrality/harmonic_top.h"

#include <algorithm>
#include <numeric>

#include "engine/algo/centrality/lanes.h"
#include "engine/algo/community/weak_components.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr uint64_t kRound = 64;
constexpr uint64_t kSiftsPerCheck = 1 << 16;

// One search that gives up when its vertex cannot reach the threshold.
class CutSearch {
 public:
  CutSearch(const CsrView& view, PathDirection direction)
      : view_(view), direction_(direction), stamp_(view.vertices, 0), queue_(view.vertices) {}

  // The score of v, or -1 when it is certainly not above `threshold`. At most `others` vertices lie
  // at a finite distance.
  double Run(VertexIndex v, double others, double threshold, const RunContext& run);
  uint64_t steps() const { return steps_; }

 private:
  bool MayWin(double score, double level, double next, double others, double threshold) const {
    const double near = std::min(next, others);
    return score + near / level + (others - near) / (level + 1) > threshold;
  }
  void NextMark() {
    if (++mark_ != 0) return;
    stamp_.fill(0);
    mark_ = 1;
  }
  bool Look(VertexIndex u) {
    if (stamp_[u] == mark_) return false;
    stamp_[u] = mark_;
    queue_[end_++] = u;
    return true;
  }

  const CsrView& view_;
  const PathDirection direction_;
  Array<uint32_t> stamp_;
  Array<VertexIndex> queue_;
  uint32_t mark_ = 0;
  uint64_t begin_ = 0, end_ = 0;
  uint64_t steps_ = 0;
};

double CutSearch::Run(VertexIndex v, double others, double threshold, const RunContext& run) {
  NextMark();
  begin_ = end_ = 0;
  steps_ = 0;
  Look(v);
  double score = 0;
  uint64_t unchecked = 0;
  for (double level = 1; begin_ < end_; ++level) {
    const uint64_t level_end = end_;
    // Every step may find a new vertex until it is seen that it does not.
    double next = 0;
    for (uint64_t i = begin_; i < level_end; ++i) {
      next += static_cast<double>(StepCount(view_, direction_, queue_[i]));
    }
    for (; begin_ < level_end; ++begin_) {
      const VertexIndex u = queue_[begin_];
      ForEachStep(view_, direction_, u, [&](VertexIndex w) { next -= Look(w) ? 0 : 1; });
      const uint64_t steps = 1 + StepCount(view_, direction_, u);
      steps_ += steps;
      if (!MayWin(score, level, next, others, threshold)) return -1;
      if ((unchecked += steps) >= kBlockArcs) {
        unchecked = 0;
        if (run.ShouldStop()) return -1;
      }
    }
    const auto found = static_cast<double>(end_ - level_end);
    score += found / level;
    others -= found;
  }
  return score;
}

struct Candidate {
  double score = 0;
  VertexIndex vertex = 0;
};

// Rounds of searches, the vertices with the largest bounds first. All searches of a round are cut
// at the threshold that held before it.
class TopSearch {
 public:
  TopSearch(const CsrView& view, const HarmonicOptions& options, RunContext& run)
      : view_(view), options_(options), run_(run) {}

  absl::Status Run(HarmonicResult* result);

 private:
  absl::Status CountOthers();
  absl::Status Order();
  void SiftDown(uint64_t i);
  // No score of v is larger: its steps lead to neighbours, all others are at distance 2.
  double Bound(VertexIndex v) const {
    const auto steps = static_cast<double>(StepCount(view_, options_.direction, v));
    const double near = std::min<double>(others_[v], steps);
    return near + (others_[v] - near) / 2;
  }
  bool Later(VertexIndex a, VertexIndex b) const {
    const double bound_a = Bound(a), bound_b = Bound(b);
    return bound_a != bound_b ? bound_a < bound_b : a > b;
  }
  double Threshold() const { return top_.size() < options_.k ? -1 : top_.back().score; }
  // Takes the next vertices that may win; none when the search is over.
  std::vector<Candidate> NextRound();
  absl::Status Round(std::vector<Candidate>* round);
  void Keep(const Candidate& c);

  const CsrView& view_;
  const HarmonicOptions& options_;
  RunContext& run_;
  Lanes<CutSearch> lanes_;
  std::vector<uint32_t> others_;  // other vertices in the same weak component
  Array<VertexIndex> heap_;       // those not searched from, largest bound first
  uint64_t heap_size_ = 0;
  std::vector<Candidate> top_;  // sorted; among equals the earlier first
  uint64_t steps_ = 0;
};

absl::Status TopSearch::CountOthers() {
  RunContext part = run_.Part(0, 0.05);
  HALQA_ASSIGN_OR_RETURN(WeakComponentsResult components, WeakComponents(view_, {}, part));
  others_ = std::move(components.labels);
  Array<uint32_t> sizes(view_.vertices, 0);
  for (const VertexIndex label : others_) ++sizes[label];
  for (uint32_t& other : others_) other = sizes[other] - 1;
  return run_.Checkpoint(0.05, 1);
}

absl::Status TopSearch::Order() {
  heap_size_ = view_.vertices;
  heap_ = Array<VertexIndex>(heap_size_);
  std::iota(heap_.begin(), heap_.end(), VertexIndex{0});
  // As std::make_heap, which cannot be stopped.
  for (uint64_t i = heap_size_ / 2; i-- > 0;) {
    SiftDown(i);
    if (i % kSiftsPerCheck == 0) HALQA_RETURN_IF_ERROR(run_.Checkpoint(0.05, 1));
  }
  return run_.Checkpoint(0.1, 1);
}

void TopSearch::SiftDown(uint64_t i) {
  const VertexIndex v = heap_[i];
  for (uint64_t child = 2 * i + 1; child < heap_size_; child = 2 * i + 1) {
    if (child + 1 < heap_size_ && Later(heap_[child], heap_[child + 1])) ++child;
    if (!Later(v, heap_[child])) break;
    heap_[i] = heap_[child];
    i = child;
  }
  heap_[i] = v;
}

std::vector<Candidate> TopSearch::NextRound() {
  std::vector<Candidate> round;
  while (round.size() < kRound && heap_size_ > 0 && Bound(heap_[0]) > Threshold()) {
    round.push_back({0, heap_[0]});
    std::pop_heap(heap_.begin(), heap_.begin() + heap_size_,
                  [&](auto a, auto b) { return Later(a, b); });
    --heap_size_;
  }
  return round;
}

absl::Status TopSearch::Round(std::vector<Candidate>* round) {
  std::vector<uint64_t> steps(round->size());
  const double threshold = Threshold();
  const double n = view_.vertices;
  const auto searched = static_cast<double>(view_.vertices - heap_size_);
  const auto size = static_cast<double>(round->size());
  const Progress progress{0.1 + 0.9 * (searched - size) / n, 0.9 * size / n, 1};
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, round->size(), progress, [&](uint64_t i) {
    auto search =
        lanes_.Borrow([&] { return std::make_unique<CutSearch>(view_, options_.direction); });
    Candidate& c = (*round)[i];
    c.score = search->Run(c.vertex, others_[c.vertex], threshold, run_);
    steps[i] = search->steps();
  }));
  for (const uint64_t s : steps) steps_ += s;
  for (const Candidate& c : *round) Keep(c);
  return absl::OkStatus();
}

void TopSearch::Keep(const Candidate& c) {
  if (c.score <= Threshold()) return;
  const auto place =
      std::upper_bound(top_.begin(), top_.end(), c,
                       [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  top_.insert(place, c);
  if (top_.size() > options_.k) top_.pop_back();
}

absl::Status TopSearch::Run(HarmonicResult* result) {
  HALQA_RETURN_IF_ERROR(CountOthers());
  HALQA_RETURN_IF_ERROR(Order());
  for (std::vector<Candidate> round = NextRound(); !round.empty(); round = NextRound()) {
    HALQA_RETURN_IF_ERROR(Round(&round));
  }
  result->scores.assign(view_.vertices, 0);
  for (const Candidate& c : top_) {
    result->scores[c.vertex] = c.score;
    result->top.push_back(c.vertex);
  }
  result->steps = steps_;
  return run_.Checkpoint(1, 1);
}

}  // namespace

uint64_t EstimateHarmonicTop(const CsrView& view, int threads) {
  return WithSmallThings(view.vertices * (16 + 8 * LaneCount(threads, kRound)));
}

absl::Status HarmonicTop(const CsrView& view, const HarmonicOptions& options, RunContext& run,
                         HarmonicResult* result) {
  return TopSearch(view, options, run).Run(result);
}

}  // namespace halqa
