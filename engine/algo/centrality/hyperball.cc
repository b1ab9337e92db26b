#include "engine/algo/centrality/hyperball.h"

#include <algorithm>

#include "engine/algo/centrality/hyperloglog.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr uint64_t kUnionsPerCheck = 4096;

// Vertices per block: a block reads about as many bytes for every number of registers.
uint64_t BlockVertices(int bits) { return std::max<uint64_t>(1, (uint64_t{1} << 16) >> bits); }

class Balls {
 public:
  Balls(const CsrView& view, const HyperBallOptions& options, RunContext& run)
      : view_(view),
        options_(options),
        run_(run),
        size_(uint64_t{1} << options.register_bits),
        block_(BlockVertices(options.register_bits)),
        blocks_((view.vertices + block_ - 1) / block_),
        parts_(blocks_),
        grew_in_(blocks_) {
    for (int side : {0, 1}) {
      registers_[side] = Array<uint8_t>(view.vertices * size_);
      grew_[side] = Array<uint8_t>(view.vertices);
    }
    sizes_ = Array<float>(view.vertices);
  }

  absl::Status Run(HyperBallResult* result);

 private:
  uint8_t* Now(VertexIndex v) { return registers_[0].data() + v * size_; }
  uint8_t* Next(VertexIndex v) { return registers_[1].data() + v * size_; }
  absl::Status ForEach(int round, const std::function<void(uint64_t, VertexIndex)>& fn);
  absl::Status Start(HyperBallResult* result);
  absl::Status Hop(int hop, HyperBallResult* result);
  // The ball of v after one more hop; true when it grew.
  bool Grow(VertexIndex v);
  bool Sum(HyperBallResult* result);

  const CsrView& view_;
  const HyperBallOptions& options_;
  RunContext& run_;
  const uint64_t size_, block_, blocks_;
  Array<uint8_t> registers_[2];
  Array<uint8_t> grew_[2];  // in the last hop, in this one
  Array<float> sizes_;
  std::vector<double> parts_;     // per block: the sum of its ball sizes
  std::vector<uint8_t> grew_in_;  // per block: whether any ball grew
};

absl::Status Balls::ForEach(int round, const std::function<void(uint64_t, VertexIndex)>& fn) {
  // How many hops there will be is not known: each gets half of what is left.
  const double done = 1 - std::ldexp(1.0, -round);
  return CheckedBlocks(run_, blocks_, {done, (1 - done) / 2, 1}, [&](uint64_t b) {
    const uint64_t end = std::min<uint64_t>(view_.vertices, (b + 1) * block_);
    parts_[b] = 0;
    grew_in_[b] = 0;
    for (uint64_t v = b * block_; v < end; ++v) fn(b, static_cast<VertexIndex>(v));
  });
}

bool Balls::Sum(HyperBallResult* result) {
  result->pairs.push_back(SumInOrder(parts_));
  return std::find(grew_in_.begin(), grew_in_.end(), 1) != grew_in_.end();
}

absl::Status Balls::Start(HyperBallResult* result) {
  result->scores.assign(view_.vertices, 0);
  result->reach.assign(static_cast<size_t>(options_.hops), std::vector<float>(view_.vertices));
  HALQA_RETURN_IF_ERROR(ForEach(0, [&](uint64_t b, VertexIndex v) {
    std::memset(Now(v), 0, size_);
    hyperloglog::Add(v, options_.seed, options_.register_bits, Now(v));
    std::memcpy(Next(v), Now(v), size_);
    grew_[0][v] = 1;
    grew_in_[b] = 1;
    sizes_[v] = static_cast<float>(hyperloglog::Size(Now(v), options_.register_bits));
    parts_[b] += sizes_[v];
  }));
  Sum(result);
  return absl::OkStatus();
}

bool Balls::Grow(VertexIndex v) {
  bool stale = grew_[0][v] != 0;  // Next(v) lacks what came in the last hop
  bool may_grow = false;
  ForEachStep(view_, options_.direction, v, [&](VertexIndex u) { may_grow |= grew_[0][u] != 0; });
  if (!may_grow && !stale) return false;
  std::memcpy(Next(v), Now(v), size_);
  if (!may_grow) return false;
  uint64_t steps = 0;
  bool stop = false;  // one row may be long
  ForEachStep(view_, options_.direction, v, [&](VertexIndex u) {
    if (stop || grew_[0][u] == 0) return;
    hyperloglog::Unite(Next(v), Now(u), size_);
    stop = ++steps % kUnionsPerCheck == 0 && run_.ShouldStop();
  });
  return std::memcmp(Next(v), Now(v), size_) != 0;
}

absl::Status Balls::Hop(int hop, HyperBallResult* result) {
  HALQA_RETURN_IF_ERROR(ForEach(hop, [&](uint64_t b, VertexIndex v) {
    const bool grew = Grow(v);
    grew_[1][v] = grew ? 1 : 0;
    if (grew) {
      grew_in_[b] = 1;
      const auto size = static_cast<float>(hyperloglog::Size(Next(v), options_.register_bits));
      result->scores[v] += (static_cast<double>(size) - sizes_[v]) / hop;
      sizes_[v] = size;
    }
    if (hop <= options_.hops) result->reach[static_cast<size_t>(hop) - 1][v] = sizes_[v];
    parts_[b] += sizes_[v];
  }));
  std::swap(registers_[0], registers_[1]);
  std::swap(grew_[0], grew_[1]);
  return absl::OkStatus();
}

absl::Status Balls::Run(HyperBallResult* result) {
  HALQA_RETURN_IF_ERROR(Start(result));
  while (result->rounds < options_.iterations && !result->converged) {
    HALQA_RETURN_IF_ERROR(Hop(++result->rounds, result));
    result->converged = !Sum(result);
  }
  // A ball that has stopped growing is as large after any further hop.
  for (int hop = result->rounds + 1; hop <= options_.hops; ++hop) {
    for (VertexIndex v = 0; v < view_.vertices; ++v) {
      result->reach[static_cast<size_t>(hop) - 1][v] = sizes_[v];
    }
  }
  return run_.Checkpoint(1, 1);
}

}  // namespace

absl::Status HyperBallOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("register_bits", register_bits, 4, 14));
  HALQA_RETURN_IF_ERROR(RequireRange("hops", hops, 0, 16));
  return RequireRange("iterations", iterations, 1, 1000000);
}

uint64_t EstimateHyperBall(const CsrView& view, const HyperBallOptions& options) {
  const uint64_t per_vertex = (uint64_t{2} << std::clamp(options.register_bits, 4, 14)) + 14 +
                              4 * static_cast<uint64_t>(std::clamp(options.hops, 0, 16));
  return WithSmallThings(view.vertices * per_vertex);
}

absl::StatusOr<HyperBallResult> HyperBall(const CsrView& view, const HyperBallOptions& options,
                                          RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireRowsFor(view, options.direction));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateHyperBall(view, options)));
  HyperBallResult result;
  result.relative_standard_deviation =
      hyperloglog::RelativeStandardDeviation(options.register_bits);
  if (view.vertices == 0) result.converged = true;
  HALQA_RETURN_IF_ERROR(Balls(view, options, run).Run(&result));
  return result;
}

}  // namespace halqa
