// Local moving, shared by Louvain and Leiden.

#include <algorithm>
#include <atomic>
#include <cstring>
#include <type_traits>

#include "engine/algo/community/level_graph.h"
#include "engine/algo/community/level_weights.h"
#include "engine/algo/community/neighbour_weights.h"
#include "engine/base/crew.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"

namespace halqa::internal {
namespace {

constexpr uint32_t kAlone = 0xffffffffu;  // a choice: a community of one's own
constexpr uint64_t kRun = 16;             // vertices that are visited behind each other
constexpr uint64_t kChunk = 64;           // vertices of a batch that one thread takes at a time

// Who has to be visited: a flag per vertex, read in runs of kRun vertices, the runs in an order
// that depends on the seed. Vertices with near numbers are often neighbours, so runs are short.
class VisitList {
 public:
  // Nobody is flagged.
  VisitList(uint32_t n, uint64_t seed) : flags_((n + kRun - 1) / kRun * kRun, uint8_t{0}) {
    runs_ = Array<uint32_t>(flags_.size() / kRun);
    for (uint32_t r = 0; r < runs_.size(); ++r) runs_[r] = r;
    CounterRng rng(seed, 0x1e1de);
    for (uint64_t i = runs_.size(); i > 1; --i) std::swap(runs_[i - 1], runs_[rng.Below(i)]);
  }
  // Takes about `count` flagged vertices; the next call goes on behind them. Empty: the end of the
  // round.
  void Take(uint64_t count, std::vector<uint32_t>* vertices) {
    vertices->clear();
    for (; at_ < runs_.size() && vertices->size() < count; ++at_) {
      const uint32_t first = runs_[at_] * static_cast<uint32_t>(kRun);
      uint64_t words[2];
      std::memcpy(words, &flags_[first], kRun);
      if ((words[0] | words[1]) == 0) continue;
      for (uint32_t v = first; v < first + kRun; ++v) {
        if (flags_[v] != 0) vertices->push_back(v);
      }
      std::memset(&flags_[first], 0, kRun);
    }
  }
  void NextRound() { at_ = 0; }
  // Both from any thread, but not during Take.
  bool Flagged(uint32_t v) {
    return std::atomic_ref<uint8_t>(flags_[v]).load(std::memory_order_relaxed) != 0;
  }
  void Flag(uint32_t v) { std::atomic_ref<uint8_t>(flags_[v]).store(1, std::memory_order_relaxed); }

 private:
  Array<uint8_t> flags_;
  Array<uint32_t> runs_;
  uint64_t at_ = 0;
};

template <typename Weight>
class Mover {
  using Sum = typename Weight::Sum;
  static constexpr bool kWeighted = !std::is_same_v<Weight, UnitWeight>;

 public:
  Mover(const LevelGraph& graph, Weight weight, const MoveOptions& options, int threads,
        Partition* partition)
      : graph_(graph),
        weight_(weight),
        options_(options),
        p_(*partition),
        visits_(graph.n, options.seed),
        touched_(graph.n, 0u),
        batch_size_(graph.n < 4096 ? 1 : std::clamp<uint64_t>(graph.n / 256, 16, 16384)),
        crew_(graph.n < 4096 ? 1 : threads),
        scratch_(static_cast<size_t>(crew_.workers())) {
    for (uint32_t c = graph.n; c > 0; --c) {
      if (p_.size[c - 1] == 0) free_.push_back(c - 1);
    }
  }

  absl::Status Run(Pacer pacer, MoveResult* result);

 private:
  struct Choice {
    uint32_t to;
    double gain;  // over staying, in weight
  };
  struct Scratch {
    NeighbourWeights<Sum> around;
    std::vector<uint32_t> others;  // communities of the neighbours outside, as they come
    std::vector<Sum> weights;
  };

  void Fetch(uint64_t i) const;
  Choice Choose(uint32_t v, Scratch* s) const;
  Choice BestOf(uint32_t v, uint64_t others, double stay, Scratch* s) const;
  Choice WeighAgain(uint32_t v, uint32_t to) const;
  void ChooseBatch();
  void CarryOut(MoveResult* result);
  void FlagAroundMoved();
  absl::Status Round(Pacer pacer, bool flag, MoveResult* result, bool* any);
  void Move(uint32_t v, uint32_t to);

  const LevelGraph& graph_;
  const Weight weight_;
  const MoveOptions options_;
  Partition& p_;
  VisitList visits_;
  Array<uint32_t> touched_;  // by community: the last batch that changed it
  std::vector<uint32_t> free_;
  const uint64_t batch_size_;
  uint64_t visited_ = 0, work_ = 0;
  uint32_t batch_number_ = 0;
  std::vector<uint32_t> batch_;
  std::vector<Choice> choices_;
  std::vector<uint32_t> moved_;
  Crew crew_;
  std::vector<Scratch> scratch_;
};

// Asks for the rows of the vertices to come: the visiting order is random.
template <typename Weight>
void Mover<Weight>::Fetch(uint64_t i) const {
  if (i + 8 < batch_.size()) __builtin_prefetch(&graph_.offsets[batch_[i + 8]]);
  if (i + 4 < batch_.size()) {
    const uint64_t row = graph_.offsets[batch_[i + 4]];
    __builtin_prefetch(graph_.targets.data() + row);
    __builtin_prefetch(graph_.targets.data() + row + 16);
    __builtin_prefetch(graph_.targets.data() + row + 32);
  }
  if (i + 1 < batch_.size()) PrefetchRow(graph_, p_.of.data(), batch_[i + 1]);
}

template <typename Weight>
typename Mover<Weight>::Choice Mover<Weight>::Choose(uint32_t v, Scratch* s) const {
  const uint64_t begin = graph_.offsets[v];
  const uint64_t end = graph_.offsets[v + 1];
  const uint32_t own = p_.of[v];
  if (s->others.size() < end - begin) {
    s->others.resize(end - begin);
    if constexpr (kWeighted) s->weights.resize(end - begin);
  }
  uint64_t others = 0;
  Sum inside = 0, outside = 0;
  for (uint64_t a = begin; a < end; ++a) {
    const uint32_t u = graph_.targets[a];
    const uint32_t c = p_.of[u];
    const Sum w = weight_(a);
    const bool mine = c == own;
    inside += mine && u != v ? w : 0;
    outside += mine ? 0 : w;
    s->others[others] = c;
    if constexpr (kWeighted) s->weights[others] = w;
    others += mine ? 0 : 1;
  }
  const double k = graph_.mass[v];
  const double stay = inside - options_.rate * k * (p_.mass[own] - k);
  // All the weight outside is not enough: most vertices of good communities end here.
  if (stay >= 0 && outside - stay <= options_.least) return {own, 0};
  return BestOf(v, others, stay, s);
}

template <typename Weight>
typename Mover<Weight>::Choice Mover<Weight>::BestOf(uint32_t v, uint64_t others, double stay,
                                                     Scratch* s) const {
  s->around.Prepare(std::min<uint64_t>(others, graph_.n) + 1, graph_.n);
  for (uint64_t i = 0; i < others; ++i) s->around.Add(s->others[i], kWeighted ? s->weights[i] : 1);
  const uint32_t own = p_.of[v];
  const double charge = options_.rate * graph_.mass[v];
  Choice best{own, options_.least};
  s->around.ForEach([&](uint32_t c, Sum w) {
    if (!(w > 0)) return;
    if (w - stay < best.gain) return;  // its mass is not worth looking up
    const double gain = w - charge * p_.mass[c] - stay;
    if (gain > best.gain || (gain == best.gain && best.to != own && c < best.to)) best = {c, gain};
  });
  s->around.Clear();
  if (-stay > best.gain && p_.size[own] > 1) best = {kAlone, -stay};
  return best;
}

// The gain of one choice in the state of now; the vertex stays where it does not pay any more.
template <typename Weight>
typename Mover<Weight>::Choice Mover<Weight>::WeighAgain(uint32_t v, uint32_t to) const {
  const uint32_t own = p_.of[v];
  Sum inside = 0, there = 0;
  for (uint64_t a = graph_.offsets[v]; a < graph_.offsets[v + 1]; ++a) {
    const uint32_t u = graph_.targets[a];
    const uint32_t c = p_.of[u];
    const Sum w = weight_(a);
    inside += c == own && u != v ? w : 0;
    there += c == to ? w : 0;
  }
  const double k = graph_.mass[v];
  const double stay = inside - options_.rate * k * (p_.mass[own] - k);
  const double gain = to == kAlone ? -stay : there - options_.rate * k * p_.mass[to] - stay;
  const bool open = to == kAlone ? p_.size[own] > 1 : p_.size[to] > 0 && there > 0;
  return open && gain > options_.least ? Choice{to, gain} : Choice{own, 0};
}

template <typename Weight>
void Mover<Weight>::ChooseBatch() {
  choices_.resize(batch_.size());
  crew_.Run((batch_.size() + kChunk - 1) / kChunk, [this](int worker, uint64_t chunk) {
    const uint64_t end = std::min<uint64_t>(batch_.size(), (chunk + 1) * kChunk);
    for (uint64_t i = chunk * kChunk; i < end; ++i) {
      Fetch(i);
      choices_[i] = Choose(batch_[i], &scratch_[static_cast<size_t>(worker)]);
    }
  });
}

template <typename Weight>
void Mover<Weight>::Move(uint32_t v, uint32_t to) {
  const uint32_t from = p_.of[v];
  if (to == kAlone) {
    to = free_.back();  // there is one: some community holds two
    free_.pop_back();
    ++p_.count;
  }
  p_.of[v] = to;
  p_.mass[from] -= graph_.mass[v];
  p_.mass[to] += graph_.mass[v];
  ++p_.size[to];
  if (--p_.size[from] == 0) {
    p_.mass[from] = 0;
    free_.push_back(from);
    --p_.count;
  }
  touched_[from] = batch_number_;
  touched_[to] = batch_number_;
  moved_.push_back(v);
}

template <typename Weight>
void Mover<Weight>::CarryOut(MoveResult* result) {
  moved_.clear();
  ++batch_number_;
  for (size_t i = 0; i < batch_.size(); ++i) {
    const uint32_t v = batch_[i];
    const uint32_t own = p_.of[v];
    Choice choice = choices_[i];
    if (choice.to == own) continue;
    const bool changed = touched_[own] == batch_number_ ||
                         (choice.to != kAlone && touched_[choice.to] == batch_number_);
    if (changed) choice = WeighAgain(v, choice.to);
    if (choice.to == own) {
      visits_.Flag(v);
      continue;
    }
    result->gain += choice.gain;
    ++result->moves;
    Move(v, choice.to);
  }
}

// Neighbours that did not see v arrive have something to reconsider.
template <typename Weight>
void Mover<Weight>::FlagAroundMoved() {
  crew_.Run((moved_.size() + kChunk - 1) / kChunk, [this](int, uint64_t chunk) {
    const uint64_t end = std::min<uint64_t>(moved_.size(), (chunk + 1) * kChunk);
    for (uint64_t i = chunk * kChunk; i < end; ++i) {
      const uint32_t v = moved_[i];
      const uint32_t to = p_.of[v];
      for (uint64_t a = graph_.offsets[v]; a < graph_.offsets[v + 1]; ++a) {
        const uint32_t u = graph_.targets[a];
        if (!visits_.Flagged(u) && p_.of[u] != to) visits_.Flag(u);
      }
    }
  });
}

// Visits who is flagged. `flag`: whoever has to be visited for a move is flagged in turn.
template <typename Weight>
absl::Status Mover<Weight>::Round(Pacer pacer, bool flag, MoveResult* result, bool* any) {
  *any = false;
  visits_.NextRound();
  for (visits_.Take(batch_size_, &batch_); !batch_.empty(); visits_.Take(batch_size_, &batch_)) {
    *any = true;
    ChooseBatch();
    CarryOut(result);
    if (flag) FlagAroundMoved();
    visited_ += batch_.size();
    for (const uint32_t v : batch_) work_ += 32 + graph_.offsets[v + 1] - graph_.offsets[v];
    if (work_ < 2 * kBlockArcs) continue;
    work_ = 0;
    const auto all = static_cast<double>(visited_ + graph_.n);
    HALQA_RETURN_IF_ERROR(pacer.Tick(static_cast<double>(visited_) / all));
  }
  return absl::OkStatus();
}

template <typename Weight>
absl::Status Mover<Weight>::Run(Pacer pacer, MoveResult* result) {
  bool any = false;
  for (uint32_t v = 0; v < graph_.n; ++v) visits_.Flag(v);
  if (p_.count == graph_.n && batch_size_ > 1) {
    // Where all are alone, nearly all move, and all the others have to be visited again.
    HALQA_RETURN_IF_ERROR(Round(pacer, false, result, &any));
  }
  for (uint32_t v = 0; v < graph_.n; ++v) visits_.Flag(v);
  do {
    const double gain_before = result->gain;
    HALQA_RETURN_IF_ERROR(Round(pacer, true, result, &any));
    if (result->gain - gain_before < options_.stop_gain) break;
  } while (any);
  return pacer.Tick(1);
}

}  // namespace

absl::Status Pacer::Tick(double share) {
  if (!inside_) return run_.Checkpoint(progress_.done + progress_.part * share, progress_.total);
  return run_.ShouldStop() ? absl::CancelledError("a worker saw that the run must stop")
                           : absl::OkStatus();
}

absl::Status MoveVertices(const LevelGraph& graph, const MoveOptions& options, Pacer pacer,
                          Partition* partition, MoveResult* result) {
  return WithWeights(graph, [&](auto weight) {
    return Mover(graph, weight, options, pacer.threads(), partition).Run(pacer, result);
  });
}

}  // namespace halqa::internal
