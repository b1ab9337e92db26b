#include "engine/graph/delta_run.h"

#include <algorithm>
#include <utility>

#include "engine/base/radix_sort.h"

namespace halqa {

namespace {

// Of neighbouring edges of one pair the newest.
void KeepNewest(std::vector<DeltaEdge>* edges) {
  size_t kept = 0;
  for (const DeltaEdge& e : *edges) {
    if (kept > 0 && (*edges)[kept - 1].src == e.src && (*edges)[kept - 1].dst == e.dst) {
      uint32_t& word = (*edges)[kept - 1].state_word;
      word = std::max(word, e.state_word);
    } else {
      (*edges)[kept++] = e;
    }
  }
  edges->resize(kept);
}

}  // namespace

DeltaRun::DeltaRun(std::vector<DeltaEdge> edges, Lsn last_lsn) : last_lsn_(last_lsn) {
  const auto by_source = [](const DeltaEdge& e) { return Raw(e.src); };
  RadixSort(&edges, [](const DeltaEdge& e) { return Raw(e.dst); });
  RadixSort(&edges, by_source);
  KeepNewest(&edges);
  out_ = Pack(edges);
  for (DeltaEdge& e : edges) std::swap(e.src, e.dst);
  RadixSort(&edges, by_source);  // keeps the order of the sources of one target
  in_ = Pack(edges);
}

DeltaRun::Side DeltaRun::Pack(const std::vector<DeltaEdge>& edges) {
  Side side;
  side.cells.reserve(edges.size());
  AccountId last{};
  for (const DeltaEdge& e : edges) {
    if (side.cells.empty() || last != e.src) {
      side.accounts.Append(Raw(e.src));
      side.starts.push_back(static_cast<uint32_t>(side.cells.size()));
      last = e.src;
    }
    side.cells.push_back({e.dst, e.state_word});
  }
  side.starts.push_back(static_cast<uint32_t>(side.cells.size()));
  side.accounts.Shrink();
  side.starts.shrink_to_fit();
  return side;
}

void DeltaRun::ForEach(const Side& side, AccountId account, std::optional<AccountId> after,
                       Delta::Visitor fn) const {
  const auto row = side.accounts.RankOf(Raw(account));
  if (!row.has_value()) return;
  const uint32_t start = side.starts[*row];
  absl::Span<const Cell> cells(side.cells.data() + start, side.starts[*row + 1] - start);
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
    bytes += side->accounts.bytes() + side->starts.capacity() * sizeof(uint32_t) +
             side->cells.capacity() * sizeof(Cell);
  }
  return bytes;
}

}  // namespace halqa
