#include "engine/algo/centrality/top_page_rank.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>

#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"

namespace halqa {
namespace {

constexpr double kFirstThreshold = 1e-4;  // of residual per arc
constexpr double kThresholdFall = 4;
constexpr uint32_t kSpreadShare = 8;  // of the vertices waiting: the mass has spread
constexpr int kSweepsPerCertificate = 4;
constexpr uint32_t kSortShare =
    16;                          // of the vertices touched: a scan of all is faster than sorting
constexpr uint64_t kAhead = 12;  // arcs whose cells are on their way
constexpr uint64_t kStepsPerCheckpoint = 1 << 18;

// What an arc into a vertex touches, in one place.
struct Cell {
  double residual = 0;  // mass that is here and not yet placed
  uint32_t degree = 0;  // out-degree, at least 1, once touched
  uint8_t touched = 0, queued = 0;
};

// Bytes that are there from the beginning; for the largest number of touched vertices.
uint64_t LeastBytes(const CsrView& view, uint64_t k) {
  return WithSmallThings(view.vertices * (8 + sizeof(Cell)) + k * sizeof(TopPageRankResult::Entry));
}
uint64_t TouchedBytes(const CsrView& view, uint64_t touched) {
  // The list, with what it has grown out of; the queue; what is compared at the end.
  const uint64_t list = std::min(GrownVector(touched, 4),
                                 4 * uint64_t{view.vertices} + view.vertices / kSpreadShare * 4);
  const uint64_t queue = 4 * std::min<uint64_t>(touched, view.vertices / kSpreadShare + 1);
  return list + queue + touched * sizeof(TopPageRankResult::Entry);
}

// Vertices that may be touched in the memory of the run.
uint64_t TouchedMax(const CsrView& view, const TopPageRankOptions& options, const RunContext& run) {
  const uint64_t allowed = run.memory_bytes_max();
  const uint64_t least = LeastBytes(view, std::min<uint64_t>(options.k, view.vertices));
  uint64_t low = 0, high = view.vertices;
  if (allowed == 0 || least + TouchedBytes(view, high) <= allowed) return high;
  while (high - low > 1) {
    const uint64_t middle = (low + high) / 2;
    (least + TouchedBytes(view, middle) <= allowed ? low : high) = middle;
  }
  return low;
}

class Pusher {
 public:
  Pusher(const CsrView& view, const TopPageRankOptions& options, RunContext& run)
      : view_(view),
        options_(options),
        run_(run),
        weighted_(options.weighted && view.weighted()),
        scores_(view.vertices, 0),
        cells_(view.vertices, Cell()),
        touched_max_(TouchedMax(view, options, run)) {
    for (const TeleportEntry& e : options.source) source_weight_ += e.weight;
  }

  absl::StatusOr<TopPageRankResult> Run();

 private:
  bool Above(const Cell& cell) const { return cell.residual > threshold_ * cell.degree; }
  // Whether so many more vertices may be touched.
  bool HasRoomFor(uint64_t vertices) const {
    return std::min<uint64_t>(touched_.size() + vertices, view_.vertices) <= touched_max_;
  }
  void Touch(VertexIndex v);
  void Enqueue(VertexIndex v);
  void Add(VertexIndex v, double mass);
  template <bool kSpread>
  void Give(VertexIndex v, double mass);
  template <bool kSpread>
  void Jump(double mass);
  double OutWeight(VertexIndex v) const;
  template <bool kSpread>
  void Push(VertexIndex v);
  absl::Status Drain();
  void Spread();
  absl::Status Sweep();
  absl::Status Tick();
  bool Limited() const;
  void LowerThreshold();
  void SortTouched();
  absl::Status Certify(TopPageRankResult* result);

  const CsrView& view_;
  const TopPageRankOptions& options_;
  RunContext& run_;
  const bool weighted_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double source_weight_ = 0;
  Array<double> scores_;
  Array<Cell> cells_;
  const uint64_t touched_max_;
  std::vector<VertexIndex> touched_;
  std::deque<VertexIndex> queue_;
  double threshold_ = kFirstThreshold;
  bool spread_ = false;
  double residual_ = 0;
  uint64_t steps_ = 0, next_tick_ = kStepsPerCheckpoint;
  bool limited_ = false;
};

void Pusher::Touch(VertexIndex v) {
  cells_[v].touched = 1;
  cells_[v].degree =
      static_cast<uint32_t>(std::clamp<uint64_t>(view_.OutDegree(v), 1, 0xffffffffu));
  if (touched_.size() == touched_.capacity() && touched_.size() > view_.vertices / kSpreadShare) {
    touched_.reserve(view_.vertices);
  }
  touched_.push_back(v);
}

void Pusher::Enqueue(VertexIndex v) {
  cells_[v].queued = 1;
  queue_.push_back(v);
}

void Pusher::Add(VertexIndex v, double mass) {
  Cell& cell = cells_[v];
  cell.residual += mass;
  if (cell.touched == 0) Touch(v);
  if (cell.queued == 0 && Above(cell)) Enqueue(v);
}

// Once the mass has spread over the graph there is no queue.
template <bool kSpread>
void Pusher::Give(VertexIndex v, double mass) {
  if constexpr (kSpread) {
    cells_[v].residual += mass;
  } else {
    Add(v, mass);
  }
}

template <bool kSpread>
void Pusher::Jump(double mass) {
  for (const TeleportEntry& e : options_.source)
    Give<kSpread>(e.vertex, mass * e.weight / source_weight_);
}

double Pusher::OutWeight(VertexIndex v) const {
  if (!weighted_) return static_cast<double>(view_.OutDegree(v));
  double sum = 0;
  for (uint64_t a = view_.out_offsets[v]; a < view_.out_offsets[v + 1]; ++a)
    sum += view_.out_weights[a];
  return sum;
}

// Places 1 - damping of the vertex's mass and hands the rest on; where no arc leaves, to the
// source.
template <bool kSpread>
void Pusher::Push(VertexIndex v) {
  const double mass = cells_[v].residual;
  cells_[v].residual = 0;
  scores_[v] += (1 - options_.damping) * mass;
  residual_ -= (1 - options_.damping) * mass;
  const double onward = options_.damping * mass;
  const double weight = OutWeight(v);
  ++steps_;
  if (!(weight > 0)) return Jump<kSpread>(onward);
  steps_ += view_.OutDegree(v);
  const double unit = onward / weight;
  const uint64_t end = view_.out_offsets[v + 1];
  for (uint64_t a = view_.out_offsets[v]; a < end; ++a) {
    if (a + kAhead < end) __builtin_prefetch(&cells_[view_.out_targets[a + kAhead]], 1);
    const double share = weighted_ ? unit * view_.out_weights[a] : unit;
    if (share > 0) Give<kSpread>(view_.out_targets[a], share);
  }
}

bool Pusher::Limited() const {
  if (options_.steps_max != 0 && steps_ >= options_.steps_max) return true;
  if (options_.milliseconds_max <= 0) return false;
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start_;
  return spent.count() >= options_.milliseconds_max;
}

// A checkpoint now and then. Progress is the share of mass that is placed.
absl::Status Pusher::Tick() {
  if (steps_ < next_tick_) return absl::OkStatus();
  next_tick_ = steps_ + kStepsPerCheckpoint;
  limited_ = limited_ || Limited();
  return run_.Checkpoint(1 - residual_, 1);
}

// Pushes whatever is above the threshold, until nothing is or the mass has spread.
absl::Status Pusher::Drain() {
  while (!queue_.empty() && !limited_) {
    if (queue_.size() > view_.vertices / kSpreadShare) {
      limited_ = limited_ || view_.vertices > touched_max_;
      if (!limited_) Spread();
      return absl::OkStatus();
    }
    const VertexIndex v = queue_.front();
    limited_ = limited_ || !HasRoomFor(view_.OutDegree(v));
    if (limited_) break;
    queue_.pop_front();
    cells_[v].queued = 0;
    Push<false>(v);
    HALQA_RETURN_IF_ERROR(Tick());
  }
  return absl::OkStatus();
}

void Pusher::Spread() {
  spread_ = true;
  queue_.clear();
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    if (cells_[v].touched == 0) Touch(v);
  }
}

// One pass in vertex order, which reads the rows one after another, over all that hold a fair share
// of what is left.
absl::Status Pusher::Sweep() {
  threshold_ = residual_ / (4 * static_cast<double>(view_.arcs() + 1));
  for (VertexIndex v = 0; v < view_.vertices && !limited_; ++v) {
    if (!Above(cells_[v])) continue;
    Push<true>(v);
    HALQA_RETURN_IF_ERROR(Tick());
  }
  return absl::OkStatus();
}

// The first k by score, and how many of them no vertex outside can overtake.
absl::Status Pusher::Certify(TopPageRankResult* result) {
  using Entry = TopPageRankResult::Entry;
  std::vector<Entry> all;
  double residual = 0;
  uint64_t positive = 0;
  for (const VertexIndex v : touched_) {
    residual += cells_[v].residual;
    positive += scores_[v] > 0 ? 1 : 0;
  }
  all.reserve(positive);
  for (const VertexIndex v : touched_) {
    if (scores_[v] > 0) all.push_back({v, scores_[v]});
  }
  HALQA_RETURN_IF_ERROR(run_.Checkpoint(1 - residual, 1));
  residual_ = residual;  // the running difference gathers rounding
  auto before = [](const Entry& a, const Entry& b) {
    return a.score != b.score ? a.score > b.score : a.vertex < b.vertex;
  };
  const size_t k = std::min<size_t>(options_.k, all.size());
  if (k < all.size()) {
    std::nth_element(all.begin(), all.begin() + static_cast<ptrdiff_t>(k), all.end(), before);
  }
  // The best score outside: the true one is at most that and all of the residual.
  const double outside = k < all.size() ? all[k].score : 0;
  all.resize(k);
  std::sort(all.begin(), all.end(), before);
  result->certified = 0;
  for (const Entry& e : all) result->certified += e.score >= outside + residual ? 1 : 0;
  if (residual == 0 && k < options_.k) result->certified = static_cast<uint32_t>(k);
  result->top.assign(all.begin(), all.end());  // `all` has room for many more
  result->residual = residual;
  result->steps = steps_;
  result->complete = residual <= options_.residual_max ||
                     (result->top.size() == options_.k && result->certified == options_.k);
  return absl::OkStatus();
}

// In vertex order, so that rows are read one after another.
void Pusher::SortTouched() {
  if (touched_.size() < view_.vertices / kSortShare) {
    std::sort(touched_.begin(), touched_.end());
    return;
  }
  touched_.clear();
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    if (cells_[v].touched != 0) touched_.push_back(v);
  }
}

void Pusher::LowerThreshold() {
  threshold_ /= kThresholdFall;
  SortTouched();
  for (const VertexIndex v : touched_) {
    if (cells_[v].queued == 0 && Above(cells_[v])) Enqueue(v);
  }
}

absl::StatusOr<TopPageRankResult> Pusher::Run() {
  TopPageRankResult result;
  residual_ = 1;
  Jump<false>(1);
  for (;;) {
    HALQA_RETURN_IF_ERROR(run_.Checkpoint(1 - residual_, 1));
    if (!spread_) HALQA_RETURN_IF_ERROR(Drain());
    for (int i = 0; spread_ && i < kSweepsPerCertificate; ++i) HALQA_RETURN_IF_ERROR(Sweep());
    limited_ = limited_ || Limited();
    HALQA_RETURN_IF_ERROR(Certify(&result));
    if (result.complete || limited_) return result;
    if (!spread_) LowerThreshold();
  }
}

}  // namespace

absl::Status TopPageRankOptions::Validate(const CsrView& view) const {
  HALQA_RETURN_IF_ERROR(RequireRange("damping", damping, 0, 0.9999));
  HALQA_RETURN_IF_ERROR(RequireRange("k", k, 1, 1000000));
  HALQA_RETURN_IF_ERROR(RequireRange("residual_max", residual_max, 1e-15, 1));
  HALQA_RETURN_IF_ERROR(RequireRange("milliseconds_max", milliseconds_max, 0, 1e9));
  PageRankOptions same;
  same.teleport_sparse = source;
  if (source.empty()) return FieldError("BAD_WEIGHT", "source", "source names no vertex");
  const absl::Status status = same.Validate(view);
  return status.ok() ? status : FieldError(ErrorReason(status), "source", status.message());
}

uint64_t EstimateTopPageRank(const CsrView& view, const TopPageRankOptions& options) {
  return LeastBytes(view, std::min<uint64_t>(options.k, view.vertices)) +
         TouchedBytes(view, view.vertices);
}

absl::StatusOr<TopPageRankResult> TopPageRank(const CsrView& view,
                                              const TopPageRankOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(
      RequireMemory(run, LeastBytes(view, std::min<uint64_t>(options.k, view.vertices))));
  return Pusher(view, options, run).Run();
}

absl::Status VerifyTopPageRank(const CsrView& view, const TopPageRankOptions& options,
                               const TopPageRankResult& result) {
  PageRankOptions exact;
  exact.damping = options.damping;
  exact.weighted = options.weighted;
  exact.teleport_sparse = options.source;
  exact.tolerance = 1e-13;
  exact.iterations = 100000;
  RunContext run(1);
  HALQA_ASSIGN_OR_RETURN(const PageRankResult want, PageRank(view, exact, run));
  constexpr double kSlack = 1e-11;
  std::vector<double> sorted = want.scores;
  std::sort(sorted.rbegin(), sorted.rend());
  const double last = sorted[std::min<size_t>(options.k, sorted.size()) - 1];
  uint32_t number = 0;
  for (const auto& e : result.top) {
    const double score = want.scores[e.vertex];
    const bool enclosed = e.score <= score + kSlack && score <= e.score + result.residual + kSlack;
    const bool among = number >= result.certified || score >= last - kSlack;
    ++number;
    if (enclosed && among) continue;
    return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                     absl::StrCat("vertex ", e.vertex, ": ", e.score, " + ", result.residual,
                                  " does not fit ", score));
  }
  return absl::OkStatus();
}

}  // namespace halqa
