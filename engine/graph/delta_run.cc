#include "engine/graph/delta_run.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace halqa {

DeltaRun::DeltaRun(std::vector<DeltaEdge> edges, Lsn last_lsn) : last_lsn_(last_lsn) {
  auto before = [](const DeltaEdge& a, const DeltaEdge& b) {
    return std::tie(a.src, a.dst, b.state_word) < std::tie(b.src, b.dst, a.state_word);
  };
  auto same = [](const DeltaEdge& a, const DeltaEdge& b) {
    return a.src == b.src && a.dst == b.dst;
  };
  std::sort(edges.begin(), edges.end(), before);
  edges.erase(std::unique(edges.begin(), edges.end(), same), edges.end());
  out_ = Pack(edges);
  for (DeltaEdge& e : edges) std::swap(e.src, e.dst);
  std::sort(edges.begin(), edges.end(), before);
  in_ = Pack(edges);
}

DeltaRun::Side DeltaRun::Pack(const std::vector<DeltaEdge>& edges) {
  Side side;
  side.cells.reserve(edges.size());
  for (const DeltaEdge& e : edges) {
    if (side.accounts.empty() || side.accounts.back() != e.src) {
      side.accounts.push_back(e.src);
      side.starts.push_back(side.cells.size());
    }
    side.cells.push_back({e.dst, e.state_word});
  }
  side.starts.push_back(side.cells.size());
  side.accounts.shrink_to_fit();
  side.starts.shrink_to_fit();
  return side;
}

void DeltaRun::ForEach(const Side& side, AccountId account, std::optional<AccountId> after,
                       Delta::Visitor fn) const {
  const auto row = std::lower_bound(side.accounts.begin(), side.accounts.end(), account);
  if (row == side.accounts.end() || *row != account) return;
  const auto i = static_cast<size_t>(row - side.accounts.begin());
  absl::Span<const Cell> cells(side.cells.data() + side.starts[i],
                               side.starts[i + 1] - side.starts[i]);
  if (after.has_value()) {
    const auto first = std::upper_bound(cells.begin(), cells.end(), *after,
                                        [](AccountId id, const Cell& c) { return id < c.other; });
    cells.remove_prefix(static_cast<size_t>(first - cells.begin()));
  }
  for (const Cell& c : cells) fn(c.other, c.word, last_lsn_);
}

void DeltaRun::ForEachOut(AccountId account, Delta::Visitor fn,
                          std::optional<AccountId> after) const {
  ForEach(out_, account, after, fn);
}

void DeltaRun::ForEachIn(AccountId account, Delta::Visitor fn,
                         std::optional<AccountId> after) const {
  ForEach(in_, account, after, fn);
}

uint64_t DeltaRun::bytes() const {
  uint64_t bytes = sizeof *this;
  for (const Side* side : {&out_, &in_}) {
    bytes += side->accounts.capacity() * sizeof(AccountId) +
             side->starts.capacity() * sizeof(uint64_t) + side->cells.capacity() * sizeof(Cell);
  }
  return bytes;
}

}  // namespace halqa
