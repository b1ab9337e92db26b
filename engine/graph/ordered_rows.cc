#include "engine/graph/ordered_rows.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/graph/scatter.h"

namespace halqa {
namespace {

// Arrays of counts, one per thread that is counting at the moment; sums commute, so the result does
// not tell who counted what.
class Tallies {
 public:
  explicit Tallies(uint32_t size) : size_(size) {}
  std::unique_ptr<std::vector<uint32_t>> Take() {
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<std::vector<uint32_t>>(size_);
    auto tally = std::move(idle_.back());
    idle_.pop_back();
    return tally;
  }
  void GiveBack(std::unique_ptr<std::vector<uint32_t>> tally) {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(tally));
  }
  std::vector<uint32_t> Sum() {
    if (idle_.empty()) return std::vector<uint32_t>(size_);
    std::vector<uint32_t> sum = std::move(*idle_.back());
    idle_.pop_back();
    for (const auto& tally : idle_) {
      for (uint32_t v = 0; v < size_; ++v) sum[v] += (*tally)[v];
    }
    return sum;
  }

 private:
  const uint32_t size_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<std::vector<uint32_t>>> idle_;
};

absl::Status OutOfRange(const RowPieces& rows) {
  for (uint32_t v = 0; v < rows.vertices; ++v) {
    for (const VertexIndex target : rows.Row(v)) {
      if (target < rows.vertices) continue;
      return FieldError(
          "VERTEX_OUT_OF_RANGE", "targets",
          absl::StrCat("vertex ", v, " points at ", target, " outside [0, ", rows.vertices, ")"));
    }
  }
  return absl::OkStatus();
}

// A counting sort: degrees of a graph are small numbers, or few of them are large.
std::vector<VertexIndex> OrderByDegree(absl::Span<const uint32_t> degrees) {
  constexpr uint32_t kCounted = 1 << 20;
  uint32_t largest = 0;
  for (const uint32_t d : degrees) largest = std::max(largest, d);
  const uint32_t limit = std::min(largest, kCounted);  // larger ones share the first bucket
  std::vector<uint32_t> starts(uint64_t{limit} + 2);
  auto bucket = [&](uint32_t degree) { return limit - std::min(degree, limit); };
  for (const uint32_t d : degrees) ++starts[bucket(d) + 1];
  for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  const uint32_t shared = largest > limit ? starts[1] : 0;
  std::vector<VertexIndex> order(degrees.size());
  for (uint32_t v = 0; v < degrees.size(); ++v) order[starts[bucket(degrees[v])]++] = v;
  std::stable_sort(order.begin(), order.begin() + shared,
                   [&](VertexIndex a, VertexIndex b) { return degrees[a] > degrees[b]; });
  return order;
}

// Gives the targets their new names, where they stand: rows are no longer sorted afterwards.
absl::Status RenameTargets(absl::Span<const VertexIndex> order, RowPieces* rows, RunContext& run,
                           const Progress& progress) {
  Array<VertexIndex> rename(rows->vertices);
  for (uint32_t i = 0; i < rows->vertices; ++i) rename[order[i]] = i;
  return CheckedBlocks(run, rows->pieces.size(), progress, [&](uint64_t p) {
    for (VertexIndex& target : rows->pieces[p].targets) target = rename[target];
  });
}

// Emits the arcs of renamed rows, sources ascending in the new names.
class PieceSource {
 public:
  PieceSource(const RowPieces& rows, absl::Span<const VertexIndex> order)
      : rows_(rows), order_(order), offsets_(uint64_t{rows.vertices} + 1) {
    offsets_[0] = 0;
    for (uint32_t i = 0; i < rows.vertices; ++i) {
      offsets_[i + 1] = offsets_[i] + rows.Row(order[i]).size();
    }
    bounds_ = RowBlocks(offsets_.span());
  }

  uint64_t blocks() const { return bounds_.size() - 1; }
  template <typename Emit>
  void ForEach(uint64_t block, Emit emit) const {
    constexpr uint32_t kAhead = 8;
    for (uint32_t i = bounds_[block]; i < bounds_[block + 1]; ++i) {
      if (i + kAhead < order_.size()) Prefetch(rows_.Row(order_[i + kAhead]));
      const VertexIndex u = order_[i];
      const absl::Span<const VertexIndex> row = rows_.Row(u);
      const RowPiece& piece = rows_.pieces[u >> RowPieces::kShift];
      const float* weights = piece.weights.empty()
                                 ? nullptr
                                 : piece.weights.data() + (row.data() - piece.targets.data());
      for (size_t a = 0; a < row.size(); ++a)
        emit(row[a], i, weights == nullptr ? 1.0f : weights[a]);
    }
  }

 private:
  // The first lines of a row; the processor goes on by itself.
  static void Prefetch(absl::Span<const VertexIndex> row) {
    __builtin_prefetch(row.data());
    __builtin_prefetch(row.data() + 16);
    __builtin_prefetch(row.data() + 32);
  }
  const RowPieces& rows_;
  absl::Span<const VertexIndex> order_;
  Array<uint64_t> offsets_;
  std::vector<uint32_t> bounds_;
};

}  // namespace

absl::StatusOr<std::vector<uint32_t>> InDegrees(const RowPieces& rows, RunContext& run) {
  Tallies tallies(rows.vertices);
  std::atomic<bool> bad{false};
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, rows.pieces.size(), {0, 1, 1}, [&](uint64_t p) {
    auto tally = tallies.Take();
    uint32_t* counts = tally->data();
    for (const VertexIndex target : rows.pieces[p].targets) {
      if (target >= rows.vertices) {
        bad = true;
        break;
      }
      ++counts[target];
    }
    tallies.GiveBack(std::move(tally));
  }));
  if (bad) return OutOfRange(rows);
  return tallies.Sum();
}

absl::StatusOr<OrderedGraph> OrderByInDegree(RowPieces rows, absl::Span<const uint32_t> in_degrees,
                                             RunContext& run) {
  OrderedGraph out;
  const uint64_t arcs = rows.arcs();
  const bool weighted = std::any_of(rows.pieces.begin(), rows.pieces.end(),
                                    [](const RowPiece& p) { return !p.weights.empty(); });
  out.order = OrderByDegree(in_degrees);
  HALQA_RETURN_IF_ERROR(RenameTargets(out.order, &rows, run, {0, 0.1, 1}));
  CsrRows in;
  {
    const PieceSource source(rows, out.order);
    if (weighted) {
      HALQA_ASSIGN_OR_RETURN(
          in, internal::ScatterByKey<true>(source, rows.vertices, arcs, run, {0.1, 0.5, 1}));
    } else {
      HALQA_ASSIGN_OR_RETURN(
          in, internal::ScatterByKey<false>(source, rows.vertices, arcs, run, {0.1, 0.5, 1}));
    }
  }
  rows.pieces = {};
  HALQA_ASSIGN_OR_RETURN(CsrRows rows_out,
                         internal::TransposeRows(in.offsets.span(), in.values.span(),
                                                 in.weights.span(), run, {0.6, 0.4, 1}));
  out.graph = Csr(std::move(rows_out), std::move(in));
  return out;
}

}  // namespace halqa
