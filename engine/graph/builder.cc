#include "engine/graph/builder.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/graph/scatter.h"

namespace halqa {
namespace {

constexpr uint64_t kEdgesPerBlock = 1 << 19;

// Emits edges with the target as key; undirected edges both ways.
class EdgeSource {
 public:
  EdgeSource(const EdgeArrays& edges, const BuildOptions& options)
      : edges_(edges), options_(options) {}

  uint64_t blocks() const { return (edges_.sources.size() + kEdgesPerBlock - 1) / kEdgesPerBlock; }
  template <typename Emit>
  void ForEach(uint64_t block, Emit emit) const {
    const uint64_t end = std::min<uint64_t>(edges_.sources.size(), (block + 1) * kEdgesPerBlock);
    for (uint64_t i = block * kEdgesPerBlock; i < end; ++i) {
      const VertexIndex u = edges_.sources[i];
      const VertexIndex v = edges_.targets[i];
      if (u == v && !options_.keep_self_loops) continue;
      const float weight = edges_.weights.empty() ? 1.0f : edges_.weights[i];
      emit(v, u, weight);
      if (options_.undirected && u != v) emit(u, v, weight);
    }
  }

 private:
  const EdgeArrays& edges_;
  const BuildOptions& options_;
};

// Emits the arcs of `view` renamed, sources ascending in the new names.
class RenamedSource {
 public:
  RenamedSource(const CsrView& view, absl::Span<const VertexIndex> order,
                absl::Span<const VertexIndex> rename)
      : view_(view), order_(order), rename_(rename), offsets_(uint64_t{view.vertices} + 1) {
    offsets_[0] = 0;
    for (uint32_t i = 0; i < view.vertices; ++i) {
      offsets_[i + 1] = offsets_[i] + view.OutDegree(order[i]);
    }
    bounds_ = RowBlocks(offsets_.span());
  }

  uint64_t blocks() const { return bounds_.size() - 1; }
  template <typename Emit>
  void ForEach(uint64_t block, Emit emit) const {
    for (uint32_t i = bounds_[block]; i < bounds_[block + 1]; ++i) {
      const VertexIndex u = order_[i];
      for (uint64_t a = view_.out_offsets[u]; a < view_.out_offsets[u + 1]; ++a) {
        emit(rename_[view_.out_targets[a]], i, view_.OutWeight(a));
      }
    }
  }

 private:
  const CsrView& view_;
  absl::Span<const VertexIndex> order_;
  absl::Span<const VertexIndex> rename_;
  Array<uint64_t> offsets_;
  std::vector<uint32_t> bounds_;
};

template <typename Source>
absl::StatusOr<CsrRows> Scatter(const Source& source, uint32_t vertices, uint64_t items,
                                bool weighted, RunContext& run, const Progress& progress) {
  if (weighted) {
    return internal::ScatterByKey<true>(source, vertices, items, run, progress);
  }
  return internal::ScatterByKey<false>(source, vertices, items, run, progress);
}

// Number of different values in row v of sorted rows.
uint64_t UniqueInRow(const CsrRows& rows, uint64_t v) {
  uint64_t count = 0;
  for (uint64_t a = rows.offsets[v]; a < rows.offsets[v + 1]; ++a) {
    if (a == rows.offsets[v] || rows.values[a] != rows.values[a - 1]) ++count;
  }
  return count;
}

// Copies row v without its duplicates to `to`, starting at slot `at`.
void CopyUnique(const CsrRows& from, uint64_t v, DuplicateEdges duplicates, uint64_t at,
                CsrRows* to) {
  for (uint64_t a = from.offsets[v]; a < from.offsets[v + 1];) {
    const VertexIndex value = from.values[a];
    double weight = from.weights.empty() ? 1.0 : from.weights[a];
    for (++a; a < from.offsets[v + 1] && from.values[a] == value; ++a) {
      if (duplicates == DuplicateEdges::kSumWeights && !from.weights.empty()) {
        weight += from.weights[a];
      }
    }
    to->values[at] = value;
    if (!to->weights.empty()) {
      const double largest = std::numeric_limits<float>::max();
      to->weights[at] = static_cast<float>(std::min(weight, largest));
    }
    ++at;
  }
}

// Merges equal neighbours of sorted rows; returns the rows themselves when there are none.
absl::StatusOr<CsrRows> MergeDuplicates(CsrRows rows, DuplicateEdges duplicates, RunContext& run,
                                        const Progress& progress) {
  const std::vector<uint32_t> bounds = RowBlocks(rows.offsets.span());
  const uint64_t blocks = bounds.size() - 1;
  CsrRows merged;
  merged.offsets = Array<uint64_t>(rows.offsets.size());
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks, progress, [&](uint64_t b) {
    for (uint32_t v = bounds[b]; v < bounds[b + 1]; ++v) {
      merged.offsets[v + 1] = UniqueInRow(rows, v);
    }
  }));
  merged.offsets[0] = 0;
  for (uint64_t v = 1; v < merged.offsets.size(); ++v) merged.offsets[v] += merged.offsets[v - 1];
  const uint64_t arcs = merged.offsets[merged.offsets.size() - 1];
  if (arcs == rows.arcs()) return rows;
  merged.values = Array<VertexIndex>(arcs);
  if (!rows.weights.empty()) merged.weights = Array<float>(arcs);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks, progress, [&](uint64_t b) {
    for (uint32_t v = bounds[b]; v < bounds[b + 1]; ++v) {
      CopyUnique(rows, v, duplicates, merged.offsets[v], &merged);
    }
  }));
  return merged;
}

// The first edge for which bad(i) is true, or `edges` if none.
template <typename Bad>
uint64_t FirstBad(uint64_t edges, int threads, Bad bad) {
  std::atomic<uint64_t> first{edges};
  ParallelRange(threads, edges, kEdgesPerBlock, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i) {
      if (!bad(i)) continue;
      uint64_t seen = first.load();
      while (i < seen && !first.compare_exchange_weak(seen, i)) {
      }
      return;
    }
  });
  return first.load();
}

absl::Status CheckEdges(const EdgeArrays& edges, const BuildOptions& options, int threads) {
  const uint64_t count = edges.sources.size();
  const uint64_t id = FirstBad(count, threads, [&](uint64_t i) {
    return edges.sources[i] >= options.vertices || edges.targets[i] >= options.vertices;
  });
  if (id < count) {
    return FieldError("VERTEX_OUT_OF_RANGE", "sources",
                      absl::StrCat("edge ", id, " (", edges.sources[id], " -> ", edges.targets[id],
                                   ") names a vertex outside [0, ", options.vertices, ")"));
  }
  if (edges.weights.empty()) return absl::OkStatus();
  const uint64_t weight = FirstBad(count, threads, [&](uint64_t i) {
    return !(edges.weights[i] >= 0 && std::isfinite(edges.weights[i]));
  });
  if (weight < count) {
    return FieldError("BAD_WEIGHT", "weights",
                      absl::StrCat("edge ", weight, " has weight ", edges.weights[weight],
                                   "; weights are finite and not negative"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BuildOptions::Validate(const EdgeArrays& edges) const {
  if (vertices == kNoVertex) {
    return FieldError("TOO_MANY_VERTICES", "vertices", "at most 4294967294 vertices");
  }
  if (edges.sources.size() != edges.targets.size()) {
    return FieldError(
        "LENGTH_MISMATCH", "targets",
        absl::StrCat(edges.sources.size(), " sources but ", edges.targets.size(), " targets"));
  }
  if (!edges.weights.empty() && edges.weights.size() != edges.sources.size()) {
    return FieldError(
        "LENGTH_MISMATCH", "weights",
        absl::StrCat(edges.sources.size(), " edges but ", edges.weights.size(), " weights"));
  }
  return absl::OkStatus();
}

uint64_t EstimateBuildCsr(uint64_t edges, bool weighted, const BuildOptions& options) {
  const uint64_t arcs = options.undirected ? 2 * edges : edges;
  const uint64_t arc = weighted ? 8 : 4;
  const uint64_t offsets = 8 * (uint64_t{options.vertices} + 1);
  return 2 * (arcs * arc + offsets) + arcs * (8 + (weighted ? 4 : 0));
}

absl::StatusOr<Csr> BuildCsr(const EdgeArrays& edges, const BuildOptions& options,
                             RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(edges));
  HALQA_RETURN_IF_ERROR(CheckEdges(edges, options, run.threads()));
  const bool weighted = !edges.weights.empty();
  const uint64_t items = edges.sources.size() * (options.undirected ? 2 : 1);
  CsrRows out;
  {
    HALQA_ASSIGN_OR_RETURN(
        const CsrRows by_target,
        Scatter(EdgeSource(edges, options), options.vertices, items, weighted, run, {0, 0.3, 1}));
    HALQA_ASSIGN_OR_RETURN(
        out, internal::TransposeRows(by_target.offsets.span(), by_target.values.span(),
                                     by_target.weights.span(), run, {0.3, 0.3, 1}));
  }
  HALQA_ASSIGN_OR_RETURN(out,
                         MergeDuplicates(std::move(out), options.duplicates, run, {0.6, 0.1, 1}));
  if (options.undirected) return Csr::Symmetric(std::move(out));
  CsrRows in;
  if (options.in_rows) {
    HALQA_ASSIGN_OR_RETURN(in, internal::TransposeRows(out.offsets.span(), out.values.span(),
                                                       out.weights.span(), run, {0.7, 0.3, 1}));
  }
  return Csr(std::move(out), std::move(in));
}

namespace {

template <typename T>
Array<T> CopyOf(absl::Span<const T> from) {
  Array<T> to(from.size());
  std::copy(from.begin(), from.end(), to.begin());
  return to;
}

absl::Status MissingInRows() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "MISSING_IN_ROWS",
                   "the graph has no in-rows; build it with them");
}

// Merges the out-row and the in-row of v; calls emit(neighbour, weight) in ascending order.
template <typename Emit>
void MergeRows(const CsrView& view, VertexIndex v, Emit emit) {
  uint64_t o = view.out_offsets[v];
  uint64_t i = view.in_offsets[v];
  const uint64_t o_end = view.out_offsets[v + 1];
  const uint64_t i_end = view.in_offsets[v + 1];
  while (o < o_end || i < i_end) {
    const VertexIndex a = o < o_end ? view.out_targets[o] : kNoVertex;
    const VertexIndex b = i < i_end ? view.in_sources[i] : kNoVertex;
    double weight = 0;
    if (a <= b) weight += view.OutWeight(o++);
    if (b <= a) weight += view.InWeight(i++);
    emit(std::min(a, b), static_cast<float>(weight));
  }
}

}  // namespace

absl::StatusOr<Csr> WithInRows(const CsrView& view, RunContext& run) {
  CsrRows out{CopyOf(view.out_offsets), CopyOf(view.out_targets), CopyOf(view.out_weights)};
  HALQA_ASSIGN_OR_RETURN(CsrRows in, internal::TransposeRows(view.out_offsets, view.out_targets,
                                                             view.out_weights, run, {0, 1, 1}));
  return Csr(std::move(out), std::move(in));
}

absl::StatusOr<Csr> Symmetrised(const CsrView& view, RunContext& run) {
  if (!view.has_in()) return MissingInRows();
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  CsrRows rows;
  rows.offsets = Array<uint64_t>(uint64_t{view.vertices} + 1);
  rows.offsets[0] = 0;
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {0, 0.4, 1}, [&](uint64_t b) {
    for (uint32_t v = bounds[b]; v < bounds[b + 1]; ++v) {
      uint64_t count = 0;
      MergeRows(view, v, [&](VertexIndex, float) { ++count; });
      rows.offsets[v + 1] = count;
    }
  }));
  for (uint32_t v = 0; v < view.vertices; ++v) rows.offsets[v + 1] += rows.offsets[v];
  rows.values = Array<VertexIndex>(rows.offsets[view.vertices]);
  rows.weights = Array<float>(rows.offsets[view.vertices]);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {0.4, 0.6, 1}, [&](uint64_t b) {
    for (uint32_t v = bounds[b]; v < bounds[b + 1]; ++v) {
      uint64_t at = rows.offsets[v];
      MergeRows(view, v, [&](VertexIndex u, float weight) {
        rows.values[at] = u;
        rows.weights[at++] = weight;
      });
    }
  }));
  return Csr::Symmetric(std::move(rows));
}

absl::StatusOr<std::vector<VertexIndex>> InDegreeOrder(const CsrView& view) {
  if (!view.has_in()) return MissingInRows();
  std::vector<VertexIndex> order(view.vertices);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](VertexIndex a, VertexIndex b) {
    return view.InDegree(a) > view.InDegree(b);
  });
  return order;
}

absl::StatusOr<Csr> Relabelled(const CsrView& view, absl::Span<const VertexIndex> order,
                               RunContext& run) {
  std::vector<VertexIndex> rename(view.vertices, kNoVertex);
  bool permutation = order.size() == view.vertices;
  for (uint32_t i = 0; permutation && i < view.vertices; ++i) {
    permutation = order[i] < view.vertices && rename[order[i]] == kNoVertex;
    if (permutation) rename[order[i]] = i;
  }
  if (!permutation) {
    return FieldError("NOT_A_PERMUTATION", "order", "order must name every vertex exactly once");
  }
  HALQA_ASSIGN_OR_RETURN(CsrRows in, Scatter(RenamedSource(view, order, rename), view.vertices,
                                             view.arcs(), view.weighted(), run, {0, 0.5, 1}));
  if (view.symmetric) return Csr::Symmetric(std::move(in));
  HALQA_ASSIGN_OR_RETURN(
      CsrRows out, internal::TransposeRows(in.offsets.span(), in.values.span(), in.weights.span(),
                                           run, {0.5, 0.5, 1}));
  return Csr(std::move(out), std::move(in));
}

}  // namespace halqa
