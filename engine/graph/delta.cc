#include "engine/graph/delta.h"

#include <algorithm>
#include <tuple>

#include "engine/base/check.h"

namespace halqa {
namespace {

constexpr size_t kPrefetchAhead = 8;

struct Found {
  AccountId other;
  uint32_t word;
  uint32_t lsn;
};

}  // namespace

Delta::Delta(Lsn first_lsn)
    : first_lsn_(first_lsn), blocks_(std::make_unique<std::atomic<Entry*>[]>(kBlocks)) {
  for (auto& pages : pages_) pages = std::make_unique<std::atomic<Head*>[]>(kPages);
}

Delta::~Delta() {
  for (uint32_t b = 0; b < kBlocks && blocks_[b] != nullptr; ++b) delete[] blocks_[b].load();
  if (pages_made_.load() == 0) return;
  for (auto& pages : pages_) {
    for (uint32_t p = 0; p < kPages; ++p) delete[] pages[p].load();
  }
}

Delta::Entry* Delta::NewEntry(uint32_t place) {
  std::atomic<Entry*>& block = blocks_[place >> kBlockBits];
  if (block.load(std::memory_order_relaxed) == nullptr) {
    block.store(new Entry[size_t{1} << kBlockBits], std::memory_order_release);
  }
  return &block.load(std::memory_order_relaxed)[place & ((1u << kBlockBits) - 1)];
}

Delta::Head* Delta::HeadOf(int direction, AccountId account) {
  std::atomic<Head*>& page = pages_[direction][Raw(account) >> kPageBits];
  if (page.load(std::memory_order_relaxed) == nullptr) {
    page.store(new Head[size_t{1} << kPageBits](), std::memory_order_release);
    pages_made_.fetch_add(1, std::memory_order_relaxed);
  }
  return &page.load(std::memory_order_relaxed)[Raw(account) & ((1u << kPageBits) - 1)];
}

uint32_t Delta::NewestOf(int direction, AccountId account) const {
  const Head* page = pages_[direction][Raw(account) >> kPageBits].load(std::memory_order_acquire);
  if (page == nullptr) return 0;
  return page[Raw(account) & ((1u << kPageBits) - 1)].load(std::memory_order_acquire);
}

void Delta::Apply(Lsn lsn, absl::Span<const DeltaEdge> edges) {
  HALQA_CHECK(lsn >= last_lsn() && lsn >= first_lsn_ && lsn - first_lsn_ <= 0xffffffffull);
  uint64_t place = edges_.load(std::memory_order_relaxed);
  HALQA_CHECK(place + edges.size() <= kEdgesMax);
  for (size_t i = 0; i < edges.size(); ++i, ++place) {
    if (i + kPrefetchAhead < edges.size()) {
      __builtin_prefetch(HeadOf(0, edges[i + kPrefetchAhead].src), 1);
      __builtin_prefetch(HeadOf(1, edges[i + kPrefetchAhead].dst), 1);
    }
    const DeltaEdge& e = edges[i];
    Head* const heads[2] = {HeadOf(0, e.src), HeadOf(1, e.dst)};
    *NewEntry(static_cast<uint32_t>(place)) = {
        e.src,
        e.dst,
        e.state_word,
        static_cast<uint32_t>(lsn - first_lsn_),
        {heads[0]->load(std::memory_order_relaxed), heads[1]->load(std::memory_order_relaxed)}};
    for (Head* head : heads)
      head->store(static_cast<uint32_t>(place + 1), std::memory_order_release);
  }
  edges_.store(place, std::memory_order_release);
  last_lsn_.store(lsn, std::memory_order_release);
}

void Delta::ForEach(int direction, AccountId account, Lsn upto, std::optional<AccountId> after,
                    Visitor fn) const {
  if (upto < first_lsn_) return;
  const uint64_t limit = upto - first_lsn_;
  std::vector<Found> found;
  for (uint32_t next = NewestOf(direction, account); next != 0;) {
    const Entry& e = At(next - 1);
    next = e.previous[direction];
    const AccountId other = direction == 0 ? e.dst : e.src;
    if (e.lsn <= limit && (!after.has_value() || other > *after))
      found.push_back({other, e.word, e.lsn});
  }
  // Per account the largest word first, the record that brought it first among equals.
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return std::tie(a.other, b.word, a.lsn) < std::tie(b.other, a.word, b.lsn);
  });
  for (size_t i = 0; i < found.size(); ++i) {
    if (i > 0 && found[i].other == found[i - 1].other) continue;
    fn(found[i].other, found[i].word, first_lsn_ + found[i].lsn);
  }
}

void Delta::ForEachOut(AccountId account, Lsn upto, Visitor fn,
                       std::optional<AccountId> after) const {
  ForEach(0, account, upto, after, fn);
}

void Delta::ForEachIn(AccountId account, Lsn upto, Visitor fn,
                      std::optional<AccountId> after) const {
  ForEach(1, account, upto, after, fn);
}

std::vector<DeltaEdge> Delta::Edges() const {
  std::vector<DeltaEdge> out;
  const uint64_t n = edges();
  out.reserve(n);
  for (uint64_t place = 0; place < n; ++place) {
    const Entry& e = At(static_cast<uint32_t>(place));
    out.push_back({e.src, e.dst, e.word});
  }
  return out;
}

uint64_t Delta::bytes() const {
  const uint64_t blocks = (edges() + (1u << kBlockBits) - 1) >> kBlockBits;
  return sizeof *this + (blocks * sizeof(Entry) << kBlockBits) +
         (pages_made_.load(std::memory_order_relaxed) * sizeof(Head) << kPageBits);
}

}  // namespace halqa
