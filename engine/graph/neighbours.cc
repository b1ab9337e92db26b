#include "engine/graph/neighbours.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

absl::StatusOr<absl::Span<const VertexIndex>> RowOf(const GraphAt& at, AccountId account,
                                                    Direction direction) {
  if (at.snapshot == nullptr) return absl::Span<const VertexIndex>();
  const VertexIndex v = at.snapshot->VertexOf(account);
  if (v == kNoVertex) return absl::Span<const VertexIndex>();
  return direction == Direction::kOut ? at.snapshot->OutRow(v) : at.snapshot->InRow(v);
}

void ForEachChange(const GraphAt& at, AccountId account, Direction direction,
                   std::optional<AccountId> after, Overlay::Visitor fn) {
  if (at.overlay == nullptr) return;
  at.overlay->ForEach(direction, account, at.lsn, fn, after);
}

bool Hidden(const GraphAt& at, AccountId account) {
  return !at.hidden.empty() && std::binary_search(at.hidden.begin(), at.hidden.end(), account);
}

bool InRow(const GraphAt& at, absl::Span<const VertexIndex> row, AccountId account) {
  const VertexIndex v = at.snapshot == nullptr ? kNoVertex : at.snapshot->VertexOf(account);
  return v != kNoVertex && std::binary_search(row.begin(), row.end(), v);
}

// The `limit` smallest accounts offered, kept in a heap.
class Smallest {
 public:
  explicit Smallest(uint64_t limit) : limit_(limit) {}
  void Offer(AccountId id) {
    if (heap_.size() < limit_) {
      heap_.push_back(id);
      std::push_heap(heap_.begin(), heap_.end());
    } else if (id < heap_.front()) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.back() = id;
      std::push_heap(heap_.begin(), heap_.end());
    }
  }
  std::vector<AccountId> Take() {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  uint64_t limit_;
  std::vector<AccountId> heap_;
};

}  // namespace

absl::StatusOr<NeighbourPage> MergedNeighbours(const GraphAt& at, const NeighbourQuery& query) {
  if (query.limit < 1 || query.limit > (uint64_t{1} << 32)) {
    return FieldError("LIMIT_OUT_OF_RANGE", "limit", "limit must be in [1, 2^32]");
  }
  if (Hidden(at, query.account)) return NeighbourPage{};
  HALQA_ASSIGN_OR_RETURN(const absl::Span<const VertexIndex> row,
                         RowOf(at, query.account, query.direction));
  Smallest page(query.limit + 1);  // one more shows that there is a next page
  std::vector<AccountId> changed;
  ForEachChange(at, query.account, query.direction, query.after,
                [&](AccountId other, uint32_t word) {
                  changed.push_back(other);
                  if (StateOf(word) == EdgeState::kActive && !Hidden(at, other)) page.Offer(other);
                });
  for (const VertexIndex v : row) {
    const AccountId other = at.snapshot->AccountOf(v);
    if (query.after.has_value() && other <= *query.after) continue;
    if (Hidden(at, other)) continue;
    if (!std::binary_search(changed.begin(), changed.end(), other)) page.Offer(other);
  }
  NeighbourPage result;
  result.accounts = page.Take();
  result.more = result.accounts.size() > query.limit;
  if (result.more) result.accounts.pop_back();
  return result;
}

absl::StatusOr<uint64_t> MergedDegree(const GraphAt& at, AccountId account, Direction direction) {
  if (Hidden(at, account)) return 0;
  HALQA_ASSIGN_OR_RETURN(const absl::Span<const VertexIndex> row, RowOf(at, account, direction));
  uint64_t degree = row.size();
  for (const AccountId gone : at.hidden) {
    if (InRow(at, row, gone)) --degree;
  }
  ForEachChange(at, account, direction, std::nullopt, [&](AccountId other, uint32_t word) {
    if (Hidden(at, other)) return;
    const bool before = InRow(at, row, other);
    const bool now = StateOf(word) == EdgeState::kActive;
    if (now && !before) ++degree;
    if (!now && before) --degree;
  });
  return degree;
}

}  // namespace halqa
