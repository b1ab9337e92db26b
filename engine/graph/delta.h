#pragma once
// Changes that are acknowledged but not yet in a snapshot, so that a write is visible at once.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"

namespace halqa {

// State of a follow as one word: (seconds since 2006-01-01 UTC) << 2 | state. The larger word wins,
// whatever the order of arrival.
enum class EdgeState : uint32_t { kActive = 0, kArchived = 1, kRemoved = 2 };
constexpr EdgeState StateOf(uint32_t state_word) { return static_cast<EdgeState>(state_word & 3); }
constexpr uint32_t MakeStateWord(uint32_t seconds_since_2006, EdgeState state) {
  return (seconds_since_2006 << 2) | static_cast<uint32_t>(state);
}

struct DeltaEdge {
  AccountId src{};
  AccountId dst{};
  uint32_t state_word = 0;
};

// The overlay over the newest snapshot, by account. It overrides the snapshot's word on an edge, so
// the writer gives it only words that are not older than what the snapshot was made from.
//
// Thread safety: one writer (Apply, DropThrough), any number of readers, all at the same time.
// Invariants:
// 1. A reader at lsn L sees exactly the entries applied with lsn <= L, provided that Apply(L)
// returned before L was handed to it.
// 2. Every edge is held in both directions.
class Delta {
 public:
  // Called with the other account, the winning word and the lsn that brought it.
  using Visitor = absl::FunctionRef<void(AccountId other, uint32_t state_word, Lsn lsn)>;

  Delta() = default;
  Delta(const Delta&) = delete;
  Delta& operator=(const Delta&) = delete;

  // Adds the edges of one change record. REQUIRES: lsn >= that of every earlier call.
  // Cost: amortised O(log row) per edge, about 0.3 us.
  void Apply(Lsn lsn, absl::Span<const DeltaEdge> edges);

  // Calls fn once per account that `account` follows (Out) or is followed by (In) according to the
  // entries up to `upto`, in ascending order, with the largest word among them; a removed edge is
  // reported too. `after`: only accounts above it. fn must not call into this object.
  // Cost: O(entries reported · log row).
  void ForEachOut(AccountId account, Lsn upto, Visitor fn,
                  std::optional<AccountId> after = std::nullopt) const;
  void ForEachIn(AccountId account, Lsn upto, Visitor fn,
                 std::optional<AccountId> after = std::nullopt) const;

  // Forgets all entries with lsn <= `lsn`: they are in the published snapshot. REQUIRES: no reader
  // that still uses an older snapshot. Cost: O(everything held).
  void DropThrough(Lsn lsn);

  // Edges held (each counted once, repeated words of one edge separately) and bytes used.
  uint64_t edges() const;
  uint64_t bytes() const;
  // The largest lsn applied, 0 before the first.
  Lsn last_lsn() const { return last_lsn_.load(std::memory_order_acquire); }

 private:
  struct Entry {
    AccountId other;
    uint32_t word;
    Lsn lsn;
  };
  // Sorted runs, each at least twice as long as the next, and a short unsorted tail.
  struct Row {
    std::vector<Entry> tail;
    std::unique_ptr<std::vector<std::vector<Entry>>> runs;
  };
  struct Shard {
    // The standard library's: the thread sanitizer cannot see into the packaged Abseil's.
    mutable std::shared_mutex mutex;              // guards all below
    absl::flat_hash_map<AccountId, Row> rows[2];  // out, in
    uint64_t entries = 0;
  };
  static constexpr size_t kShards = 64;
  static constexpr size_t kTailEntries = 64;

  static bool Before(const Entry& a, const Entry& b);
  static void Settle(Row* row);
  static void Visit(const Row& row, Lsn upto, std::optional<AccountId> after, Visitor fn);
  static uint64_t DropFrom(Row* row, Lsn lsn);
  Shard& shard(AccountId account) { return shards_[Raw(account) % kShards]; }
  const Shard& shard(AccountId account) const { return shards_[Raw(account) % kShards]; }
  void Insert(int direction, AccountId account, const Entry& entry);
  void ForEach(int direction, AccountId account, Lsn upto, std::optional<AccountId> after,
               Visitor fn) const;

  std::array<Shard, kShards> shards_;
  std::atomic<Lsn> last_lsn_{0};
};

}  // namespace halqa
