#include "engine/algo/community/triangle_links.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>

#include "engine/algo/kernel.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"
#include "engine/graph/builder.h"

namespace halqa::internal {
namespace {

constexpr uint64_t kRowArcs = 1 << 14;         // arcs of a block of work
constexpr uint32_t kHubs = 1 << 15;            // first vertices, counted by each thread for itself
constexpr uint64_t kWedgesPerCheck = 1 << 20;  // about a millisecond
constexpr uint64_t kSampledArcs = 1 << 19;     // arcs that an estimate looks at
constexpr uint64_t kAhead = 6;                 // rows fetched before they are read

// The undirected graph, vertices by degree; an arc weighs 2 where both directions exist (kArcs).
struct Ranked {
  std::vector<VertexIndex> order;
  Csr csr;
};

// Vertices by degree, largest first, the smaller index first among equals: a counting sort.
std::vector<VertexIndex> DegreeOrder(const CsrView& view) {
  uint64_t most = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) most = std::max(most, view.OutDegree(v));
  std::vector<uint32_t> at(most + 2, 0);
  for (VertexIndex v = 0; v < view.vertices; ++v) ++at[most - view.OutDegree(v) + 1];
  for (uint64_t d = 1; d < at.size(); ++d) at[d] += at[d - 1];
  std::vector<VertexIndex> order(view.vertices);
  for (VertexIndex v = 0; v < view.vertices; ++v) order[at[most - view.OutDegree(v)]++] = v;
  return order;
}

CsrView WithoutWeights(CsrView view) {
  view.out_weights = view.in_weights = {};
  return view;
}

// Peak bytes where the undirected graph has so many arcs.
uint64_t LinkBytes(const CsrView& view, LinkCount what, int threads, uint64_t arcs) {
  const uint64_t n = view.vertices, lanes = static_cast<uint64_t>(threads);
  const bool weighted = what == LinkCount::kArcs;
  // The renumbering: two orders, offsets of both numberings, arcs in buckets and in rows, beside
  // them, for a directed graph, its undirected form.
  const uint64_t buckets = std::clamp<uint64_t>(arcs >> 17, 1, 2048);
  const uint64_t rows = arcs * (weighted ? 8 : 4) + 8 * n;
  const uint64_t renumber =
      rows + arcs * (weighted ? 12 : 8) + 16 * n + 8 * (n / buckets + 1) * std::min(lanes, buckets);
  const uint64_t undirected = view.symmetric ? 0 : 8 * (arcs + n);
  const uint64_t counts = what == LinkCount::kTotal ? 0 : 16 * n + (weighted ? 4 * n : 0);
  const uint64_t scratch = lanes * (n / 4 + 8 * kHubs);
  return WithSmallThings(std::max(renumber + undirected, rows + 4 * n + counts + scratch));
}

absl::StatusOr<Ranked> Rank(const CsrView& view, LinkCount what, RunContext& run) {
  Csr both;
  CsrView plain = WithoutWeights(view);
  if (!view.symmetric) {
    RunContext part = run.Part(0, 0.1);
    HALQA_ASSIGN_OR_RETURN(both, Symmetrised(plain, part));
    HALQA_RETURN_IF_ERROR(
        RequireMemory(run, LinkBytes(view, what, run.threads(), both.View().arcs())));
    plain = what == LinkCount::kArcs ? both.View() : WithoutWeights(both.View());
  }
  Ranked ranked;
  ranked.order = DegreeOrder(plain);
  RunContext part = run.Part(0.1, 0.3);
  HALQA_ASSIGN_OR_RETURN(ranked.csr, Relabelled(plain, ranked.order, part));
  return ranked;
}

// What one thread writes.
struct Scratch {
  explicit Scratch(uint32_t vertices)
      : marked((uint64_t{vertices} + 63) / 64, 0), mutual(marked.size(), 0), hubs(kHubs, 0) {}
  std::vector<uint64_t> marked;  // neighbours in front of the vertex at work
  std::vector<uint64_t> mutual;  // those with arcs both ways
  std::vector<uint64_t> hubs;    // links of the first vertices
  uint64_t triangles = 0, wedges = 0;
  uint64_t unchecked = 0;  // wedges since it was asked whether to stop
};

uint64_t Bit(const std::vector<uint64_t>& bits, VertexIndex v) {
  return (bits[v >> 6] >> (v & 63)) & 1;
}
void Set(std::vector<uint64_t>& bits, VertexIndex v) { bits[v >> 6] |= uint64_t{1} << (v & 63); }

template <LinkCount kWhat>
class Counter {
 public:
  Counter(const CsrView& view, RunContext& run) : view_(view), run_(run) {
    if (kWhat != LinkCount::kTotal) links_ = Array<uint64_t>(view.vertices, 0);
  }
  absl::StatusOr<LinkResult> Run(absl::Span<const VertexIndex> order);

 private:
  static constexpr bool kEach = kWhat != LinkCount::kTotal;

  std::vector<uint32_t> SplitRows() const;
  std::unique_ptr<Scratch> Take();
  void Mark(VertexIndex v, uint64_t front, Scratch* s) const;
  bool CountAt(VertexIndex v, Scratch* s);  // false when the run must stop
  // The triangles of v, u and what stands in u's row before v; `arc` is the one from v to u.
  uint64_t CountPair(VertexIndex v, uint64_t arc, Scratch* s);
  uint64_t Mutual(uint64_t arc) const { return view_.out_weights[arc] > 1.5f ? 1 : 0; }
  void Add(VertexIndex v, uint64_t links) {
    std::atomic_ref<uint64_t>(links_[v]).fetch_add(links, std::memory_order_relaxed);
  }
  absl::StatusOr<LinkResult> Collect(absl::Span<const VertexIndex> order);

  const CsrView& view_;
  RunContext& run_;
  Array<uint64_t> links_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> idle_;
};

template <LinkCount kWhat>
std::vector<uint32_t> Counter<kWhat>::SplitRows() const {
  std::vector<uint32_t> bounds = {0};
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    const uint64_t arcs = view_.out_offsets[v + 1] - view_.out_offsets[bounds.back()];
    if (arcs >= kRowArcs || v - bounds.back() >= kBlockVertices) bounds.push_back(v + 1);
  }
  if (bounds.back() < view_.vertices) bounds.push_back(view_.vertices);
  return bounds;
}

template <LinkCount kWhat>
std::unique_ptr<Scratch> Counter<kWhat>::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Scratch>(view_.vertices);
  std::unique_ptr<Scratch> scratch = std::move(idle_.back());
  idle_.pop_back();
  return scratch;
}

template <LinkCount kWhat>
void Counter<kWhat>::Mark(VertexIndex v, uint64_t front, Scratch* s) const {
  for (uint64_t a = view_.out_offsets[v]; a < front; ++a) {
    Set(s->marked, view_.out_targets[a]);
    if constexpr (kWhat == LinkCount::kArcs) {
      if (Mutual(a) != 0) Set(s->mutual, view_.out_targets[a]);
    }
  }
}

template <LinkCount kWhat>
uint64_t Counter<kWhat>::CountPair(VertexIndex v, uint64_t arc, Scratch* s) {
  const VertexIndex* const row = view_.out_targets.data();
  const VertexIndex u = row[arc];
  const uint64_t begin = view_.out_offsets[u];
  uint64_t a = begin, closed = 0, of_v = 0, of_u = 0;
  uint64_t of_w = 1;
  if constexpr (kWhat == LinkCount::kArcs) of_w += Mutual(arc);
  for (; row[a] < v; ++a) {  // v itself stands in the row
    const VertexIndex w = row[a];
    const uint64_t hit = Bit(s->marked, w);
    closed += hit;
    if constexpr (kWhat == LinkCount::kArcs) {
      if (hit == 0) continue;
      of_v += 1 + Mutual(a);
      of_u += 1 + Bit(s->mutual, w);
    }
    if constexpr (kEach) {
      if (w < kHubs) {
        s->hubs[w] += hit * of_w;
      } else if (hit != 0) {
        Add(w, of_w);
      }
    }
  }
  s->wedges += a - begin;
  s->unchecked += 1 + a - begin;
  s->triangles += closed;
  if (!kEach || closed == 0) return 0;
  Add(u, kWhat == LinkCount::kArcs ? of_u : closed);
  return kWhat == LinkCount::kArcs ? of_v : closed;
}

template <LinkCount kWhat>
bool Counter<kWhat>::CountAt(VertexIndex v, Scratch* s) {
  const absl::Span<const VertexIndex> row = view_.Out(v);
  const auto middle = std::lower_bound(row.begin(), row.end(), v);
  const uint64_t begin = view_.out_offsets[v];
  const uint64_t front = begin + static_cast<uint64_t>(middle - row.begin());
  const uint64_t end = view_.out_offsets[v + 1];
  uint64_t behind = front;
  if (behind < end && view_.out_targets[behind] == v) ++behind;
  if (front == begin || behind == end) return true;
  Mark(v, front, s);
  uint64_t links = 0;
  bool stop = false;
  for (uint64_t a = behind; a < end && !stop; ++a) {
    if (a + kAhead < end) {
      __builtin_prefetch(&view_.out_targets[view_.out_offsets[view_.out_targets[a + kAhead]]]);
    }
    links += CountPair(v, a, s);
    if (s->unchecked < kWedgesPerCheck) continue;
    s->unchecked = 0;
    stop = run_.ShouldStop();
  }
  if (kEach && links > 0) Add(v, links);
  for (uint64_t a = begin; a < front; ++a) {
    s->marked[view_.out_targets[a] >> 6] = 0;
    if (kWhat == LinkCount::kArcs) s->mutual[view_.out_targets[a] >> 6] = 0;
  }
  return !stop;
}

template <LinkCount kWhat>
absl::StatusOr<LinkResult> Counter<kWhat>::Collect(absl::Span<const VertexIndex> order) {
  LinkResult result;
  for (const auto& s : idle_) {
    result.triangles += s->triangles;
    result.wedges += s->wedges;
    for (VertexIndex v = 0; kEach && v < std::min(kHubs, view_.vertices); ++v) {
      links_[v] += s->hubs[v];
    }
  }
  if (!kEach) return result;
  result.links.resize(view_.vertices);
  for (VertexIndex v = 0; v < view_.vertices; ++v) result.links[order[v]] = links_[v];
  if (kWhat != LinkCount::kArcs) return result;
  result.degrees.resize(view_.vertices);
  const std::vector<uint32_t> bounds = SplitRows();
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, bounds.size() - 1, {1, 0, 1}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      const absl::Span<const VertexIndex> row = view_.Out(v);
      const bool loop = std::binary_search(row.begin(), row.end(), v);
      result.degrees[order[v]] = static_cast<uint32_t>(row.size()) - (loop ? 1 : 0);
    }
  }));
  return result;
}

template <LinkCount kWhat>
absl::StatusOr<LinkResult> Counter<kWhat>::Run(absl::Span<const VertexIndex> order) {
  const std::vector<uint32_t> bounds = SplitRows();
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, bounds.size() - 1, {0, 1, 1}, [&](uint64_t b) {
    std::unique_ptr<Scratch> scratch = Take();
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      if (!CountAt(v, scratch.get())) break;
    }
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(scratch));
  }));
  return Collect(order);
}

// Arcs to neighbours that point back.
uint64_t MutualArcs(const CsrView& view, VertexIndex v) {
  const absl::Span<const VertexIndex> out = view.Out(v), in = view.In(v);
  uint64_t mutual = 0;
  for (uint64_t o = 0, i = 0; o < out.size() && i < in.size();) {
    mutual += out[o] == in[i] ? 1 : 0;
    const bool step_out = out[o] <= in[i], step_in = in[i] <= out[o];
    o += step_out ? 1 : 0;
    i += step_in ? 1 : 0;
  }
  return mutual;
}

// Arcs of the undirected graph, from a sample of the rows where there are many.
uint64_t UndirectedArcs(const CsrView& view) {
  if (view.symmetric || !view.has_in()) return view.arcs();
  const uint64_t every = std::max<uint64_t>(1, view.arcs() / kSampledArcs);
  uint64_t seen = 0, mutual = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (every > 1 && Mix64(v) % every != 0) continue;
    seen += view.OutDegree(v);
    mutual += MutualArcs(view, v);
  }
  const double share = seen == 0 ? 0 : static_cast<double>(mutual) / static_cast<double>(seen);
  const double certain = every == 1 ? 0 : 0.02;
  const double once = 2 - std::max(0.0, share - certain);
  return static_cast<uint64_t>(std::ceil(static_cast<double>(view.arcs()) * once));
}

}  // namespace

uint64_t EstimateLinks(const CsrView& view, LinkCount what, int threads) {
  return LinkBytes(view, what, threads, UndirectedArcs(view));
}

absl::StatusOr<LinkResult> CountLinks(const CsrView& view, LinkCount what, RunContext& run) {
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_ASSIGN_OR_RETURN(const Ranked ranked, Rank(view, what, run));
  const CsrView rows = ranked.csr.View();
  RunContext part = run.Part(0.3, 1);
  if (what == LinkCount::kTotal) return Counter<LinkCount::kTotal>(rows, part).Run(ranked.order);
  if (what == LinkCount::kArcs) return Counter<LinkCount::kArcs>(rows, part).Run(ranked.order);
  return Counter<LinkCount::kTriangles>(rows, part).Run(ranked.order);
}

}  // namespace halqa::internal
