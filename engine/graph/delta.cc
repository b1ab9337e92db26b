#include "engine/graph/delta.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <utility>

#include "engine/base/check.h"

namespace halqa {

bool Delta::Before(const Entry& a, const Entry& b) {
  return std::tie(a.other, a.lsn, a.word) < std::tie(b.other, b.lsn, b.word);
}

// Sorts the tail into a run and merges runs until each is twice as long as the next.
void Delta::Settle(Row* row) {
  if (row->runs == nullptr) row->runs = std::make_unique<std::vector<std::vector<Entry>>>();
  std::vector<std::vector<Entry>>& runs = *row->runs;
  std::sort(row->tail.begin(), row->tail.end(), Before);
  runs.push_back(std::move(row->tail));
  row->tail = {};
  while (runs.size() > 1 && runs[runs.size() - 2].size() < 2 * runs.back().size()) {
    std::vector<Entry> merged;
    merged.reserve(runs[runs.size() - 2].size() + runs.back().size());
    std::merge(runs[runs.size() - 2].begin(), runs[runs.size() - 2].end(), runs.back().begin(),
               runs.back().end(), std::back_inserter(merged), Before);
    runs.pop_back();
    runs.back() = std::move(merged);
  }
}

void Delta::Insert(int direction, AccountId account, const Entry& entry) {
  Shard& s = shard(account);
  const std::unique_lock lock(s.mutex);
  Row& row = s.rows[direction][account];
  row.tail.push_back(entry);
  ++s.entries;
  if (row.tail.size() >= kTailEntries) Settle(&row);
}

void Delta::Apply(Lsn lsn, absl::Span<const DeltaEdge> edges) {
  HALQA_CHECK(lsn >= last_lsn());
  for (const DeltaEdge& e : edges) {
    Insert(0, e.src, {e.dst, e.state_word, lsn});
    Insert(1, e.dst, {e.src, e.state_word, lsn});
  }
  last_lsn_.store(lsn, std::memory_order_release);
}

void Delta::Visit(const Row& row, Lsn upto, std::optional<AccountId> after, Visitor fn) {
  std::vector<Entry> tail;
  for (const Entry& e : row.tail) {
    if (e.lsn <= upto && (!after.has_value() || e.other > *after)) tail.push_back(e);
  }
  std::sort(tail.begin(), tail.end(), Before);
  std::vector<absl::Span<const Entry>> runs = {tail};
  if (row.runs != nullptr) {
    for (const std::vector<Entry>& run : *row.runs) {
      absl::Span<const Entry> rest(run);
      if (after.has_value()) {
        const auto first =
            std::upper_bound(rest.begin(), rest.end(), *after,
                             [](AccountId id, const Entry& e) { return id < e.other; });
        rest.remove_prefix(static_cast<size_t>(first - rest.begin()));
      }
      runs.push_back(rest);
    }
  }
  for (;;) {
    const Entry* smallest = nullptr;
    for (const auto& run : runs) {
      if (!run.empty() && (smallest == nullptr || run.front().other < smallest->other)) {
        smallest = &run.front();
      }
    }
    if (smallest == nullptr) return;
    const AccountId other = smallest->other;
    const Entry* best = nullptr;
    for (auto& run : runs) {
      for (; !run.empty() && run.front().other == other; run.remove_prefix(1)) {
        const Entry& e = run.front();
        if (e.lsn > upto) continue;
        if (best == nullptr || e.word > best->word || (e.word == best->word && e.lsn < best->lsn)) {
          best = &e;
        }
      }
    }
    if (best != nullptr) fn(other, best->word, best->lsn);
  }
}

void Delta::ForEach(int direction, AccountId account, Lsn upto, std::optional<AccountId> after,
                    Visitor fn) const {
  const Shard& s = shard(account);
  const std::shared_lock lock(s.mutex);
  const auto row = s.rows[direction].find(account);
  if (row != s.rows[direction].end()) Visit(row->second, upto, after, fn);
}

void Delta::ForEachOut(AccountId account, Lsn upto, Visitor fn,
                       std::optional<AccountId> after) const {
  ForEach(0, account, upto, after, fn);
}

void Delta::ForEachIn(AccountId account, Lsn upto, Visitor fn,
                      std::optional<AccountId> after) const {
  ForEach(1, account, upto, after, fn);
}

uint64_t Delta::DropFrom(Row* row, Lsn lsn) {
  uint64_t dropped = 0;
  auto drop = [&](std::vector<Entry>* entries) {
    const auto keep = std::remove_if(entries->begin(), entries->end(),
                                     [&](const Entry& e) { return e.lsn <= lsn; });
    const auto gone = static_cast<uint64_t>(entries->end() - keep);
    if (gone == 0) return;
    entries->erase(keep, entries->end());
    entries->shrink_to_fit();
    dropped += gone;
  };
  drop(&row->tail);
  if (row->runs == nullptr) return dropped;
  for (std::vector<Entry>& run : *row->runs) drop(&run);
  row->runs->erase(std::remove_if(row->runs->begin(), row->runs->end(),
                                  [](const std::vector<Entry>& run) { return run.empty(); }),
                   row->runs->end());
  if (row->runs->empty()) row->runs.reset();
  return dropped;
}

void Delta::DropThrough(Lsn lsn) {
  for (Shard& s : shards_) {
    const std::unique_lock lock(s.mutex);
    for (auto& rows : s.rows) {
      for (auto it = rows.begin(); it != rows.end();) {
        s.entries -= DropFrom(&it->second, lsn);
        const bool empty = it->second.tail.empty() && it->second.runs == nullptr;
        if (empty) {
          rows.erase(it++);
        } else {
          ++it;
        }
      }
      rows.rehash(0);
    }
  }
}

uint64_t Delta::edges() const {
  uint64_t entries = 0;
  for (const Shard& s : shards_) {
    const std::shared_lock lock(s.mutex);
    entries += s.entries;
  }
  return entries / 2;
}

uint64_t Delta::bytes() const {
  uint64_t bytes = sizeof *this;
  for (const Shard& s : shards_) {
    const std::shared_lock lock(s.mutex);
    for (const auto& rows : s.rows) bytes += rows.capacity() * (sizeof(Row) + 9);
    // Vectors that grow by doubling are three quarters full on average.
    bytes += s.entries * sizeof(Entry) * 4 / 3;
  }
  return bytes;
}

}  // namespace halqa
