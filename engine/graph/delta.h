#pragma once
// Changes that are acknowledged but not yet in a snapshot, so that a write is visible at once.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

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

// The layer that takes writes: a log of edges, each linked to the one before of the same source and
// of the same target, and the newest entry of every account in arrays by account number. No lock:
// entries never change once an account's head points at them.
//
// Thread safety: one writer (Apply), any number of readers, all at the same time.
// Invariants:
// 1. A reader at lsn L sees exactly the entries applied with lsn <= L, provided that Apply(L)
// returned before L was handed to it.
// 2. Every edge is found in both directions.
class Delta {
 public:
  // Called with the other account, the winning word and the lsn that brought it.
  using Visitor = absl::FunctionRef<void(AccountId other, uint32_t state_word, Lsn lsn)>;

  // `first_lsn`: no record before it will be applied.
  explicit Delta(Lsn first_lsn = 0);
  ~Delta();
  Delta(const Delta&) = delete;
  Delta& operator=(const Delta&) = delete;

  // Adds the edges of one change record. REQUIRES: lsn >= that of every earlier call and of the
  // constructor; room for them (edges() + edges.size() <= kEdgesMax).
  // Cost: about 50 ns per edge; 24 bytes per edge and 8 per account touched.
  void Apply(Lsn lsn, absl::Span<const DeltaEdge> edges);
  static constexpr uint64_t kEdgesMax = uint64_t{1} << 30;

  // Calls fn once per account that `account` follows (Out) or is followed by (In) according to the
  // entries up to `upto`, in ascending order, with the largest word among them; a removed edge is
  // reported too. `after`: only accounts above it.
  // Cost: O(entries of the account · log).
  void ForEachOut(AccountId account, Lsn upto, Visitor fn,
                  std::optional<AccountId> after = std::nullopt) const;
  void ForEachIn(AccountId account, Lsn upto, Visitor fn,
                 std::optional<AccountId> after = std::nullopt) const;

  // Every edge held, in order of arrival, an edge as often as it was given. For packing
  // (delta_run.h).
  std::vector<DeltaEdge> Edges() const;

  // Edges held (repeated words of one edge separately) and bytes used.
  uint64_t edges() const { return edges_.load(std::memory_order_acquire); }
  uint64_t bytes() const;
  // The largest lsn applied, 0 before the first.
  Lsn last_lsn() const { return last_lsn_.load(std::memory_order_acquire); }

 private:
  struct Entry {
    AccountId src, dst;
    uint32_t word;
    uint32_t lsn;          // after first_lsn_
    uint32_t previous[2];  // 1 + place of the entry before, of the same source and target
  };
  static constexpr uint32_t kBlockBits = 16, kBlocks = 1 << 14;  // 64 Ki entries a block
  static constexpr uint32_t kPageBits = 16, kPages = 1 << 16;    // 64 Ki accounts a page
  // 1 + place of the newest entry of an account, 0 = none.
  using Head = std::atomic<uint32_t>;

  const Entry& At(uint32_t place) const {
    return blocks_[place >> kBlockBits][place & ((1u << kBlockBits) - 1)];
  }
  Entry* NewEntry(uint32_t place);
  Head* HeadOf(int direction, AccountId account);
  uint32_t NewestOf(int direction, AccountId account) const;
  void ForEach(int direction, AccountId account, Lsn upto, std::optional<AccountId> after,
               Visitor fn) const;

  const Lsn first_lsn_;
  std::unique_ptr<std::atomic<Entry*>[]> blocks_;
  std::unique_ptr<std::atomic<Head*>[]> pages_[2];  // by source, by target
  std::atomic<uint64_t> pages_made_{0};
  std::atomic<uint64_t> edges_{0};
  std::atomic<Lsn> last_lsn_{0};
};

}  // namespace halqa
