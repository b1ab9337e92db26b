#pragma once
// A layer of changes that takes no more writes: sorted and packed.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/graph/delta.h"
#include "engine/graph/rank_bits.h"

namespace halqa {

// Thread safety: immutable.
// Invariants: 1. Each edge once, with the largest word given for it. 2. In both directions.
class DeltaRun {
 public:
  // Packs the edges of the change records up to `last_lsn`. Cost: two sorts; 16 bytes an edge,
  // 4 per account and direction touched and 3 bits per account of the graph stay.
  DeltaRun(std::vector<DeltaEdge> edges, Lsn last_lsn);

  // As Delta's, for every entry.
  void ForEachOut(AccountId account, Delta::Visitor fn,
                  std::optional<AccountId> after = std::nullopt) const;
  void ForEachIn(AccountId account, Delta::Visitor fn,
                 std::optional<AccountId> after = std::nullopt) const;

  uint64_t edges() const { return out_.cells.size(); }
  uint64_t bytes() const;
  Lsn last_lsn() const { return last_lsn_; }

 private:
  struct Cell {
    AccountId other;
    uint32_t word;
  };
  // Rows of the accounts in ascending order; row i is cells [starts[i], starts[i + 1]).
  struct Side {
    RankBits accounts;
    std::vector<uint32_t> starts;
    std::vector<Cell> cells;
  };
  static Side Pack(const std::vector<DeltaEdge>& edges);
  void ForEach(const Side& side, AccountId account, std::optional<AccountId> after,
               Delta::Visitor fn) const;

  Side out_, in_;
  Lsn last_lsn_;
};

}  // namespace halqa
