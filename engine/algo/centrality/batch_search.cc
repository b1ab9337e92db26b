#include "engine/algo/centrality/batch_search.h"

#include <algorithm>
#include <bit>

#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr int kFewBits = 6;                  // one by one is faster up to here
constexpr uint64_t kStepsPerLook = 1 << 17;  // then it asks whether to stop: every few ms

}  // namespace

BatchSearch::BatchSearch(const CsrView& view, PathDirection direction)
    : view_(view),
      direction_(direction),
      seen_(view.vertices, 0),
      now_(view.vertices, 0),
      next_(view.vertices, 0),
      front_(view.vertices),
      coming_(view.vertices),
      touched_(view.vertices) {}

void BatchSearch::Start(VertexIndex first, VertexIndex last) {
  front_count_ = touched_count_ = 0;
  for (VertexIndex v = first; v < last; ++v) {
    const uint64_t bit = uint64_t{1} << (v - first);
    now_[v] = bit;
    See(v, bit);
    front_[front_count_++] = v;
  }
}

bool BatchSearch::Spread(const RunContext& run) {
  coming_count_ = 0;
  uint64_t steps = 0;
  for (uint32_t i = 0; i < front_count_; ++i) {
    const VertexIndex v = front_[i];
    const uint64_t bits = now_[v];
    ForEachStep(view_, direction_, v, [&](VertexIndex u) {
      const uint64_t fresh = bits & ~seen_[u];
      if (fresh == 0) return;
      if (next_[u] == 0) coming_[coming_count_++] = u;
      next_[u] |= fresh;
    });
    steps += 1 + StepCount(view_, direction_, v);
    if (steps >= kStepsPerLook) {
      steps = 0;
      if (run.ShouldStop()) return false;
    }
  }
  return true;
}

bool BatchSearch::Settle(const RunContext& run) {
  std::fill(counts_, counts_ + kWidth, 0);
  for (uint32_t i = 0; i < front_count_; ++i) now_[front_[i]] = 0;
  for (uint32_t i = 0; i < coming_count_; ++i) {
    if (i % kStepsPerLook == kStepsPerLook - 1 && run.ShouldStop()) return false;
    const VertexIndex v = coming_[i];
    const uint64_t bits = next_[v];
    See(v, bits);
    now_[v] = bits;
    next_[v] = 0;
    Count(bits);
  }
  for (uint32_t digit = 0; digit < digits_; ++digit) {
    for (uint32_t i = 0; i < kWidth; ++i) {
      counts_[i] += static_cast<uint32_t>((digit_[digit] >> i) & 1) << digit;
    }
    digit_[digit] = 0;
  }
  digits_ = 0;
  std::swap(front_, coming_);
  front_count_ = coming_count_;
  return true;
}

void BatchSearch::Count(uint64_t bits) {
  if (std::popcount(bits) <= kFewBits) {
    for (uint64_t left = bits; left != 0; left &= left - 1) ++counts_[std::countr_zero(left)];
    return;
  }
  for (uint32_t digit = 0; bits != 0; ++digit) {
    const uint64_t carry = digit_[digit] & bits;
    digit_[digit] ^= bits;
    bits = carry;
    digits_ = std::max(digits_, digit + 1);
  }
}

bool BatchSearch::Advance(const RunContext& run) {
  return Spread(run) && Settle(run) && front_count_ > 0;
}

void BatchSearch::Clear() {
  if (touched_count_ > view_.vertices / 8) {  // one after another is faster then
    for (Array<uint64_t>* masks : {&seen_, &now_, &next_}) masks->fill(0);
  } else {
    for (uint32_t i = 0; i < touched_count_; ++i) seen_[touched_[i]] = now_[touched_[i]] = 0;
    for (uint32_t i = 0; i < coming_count_; ++i) next_[coming_[i]] = 0;
  }
  std::fill(digit_, digit_ + digits_, 0);  // of a run that was stopped
  digits_ = coming_count_ = 0;
}

}  // namespace halqa
