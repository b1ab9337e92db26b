#pragma once
// One consistent state of the graph, as readers hold it.

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/ids.h"
#include "engine/graph/neighbours.h"
#include "engine/graph/overlay.h"
#include "engine/graph/snapshot_file.h"
#include "engine/ingest/log_tail.h"
#include "engine/store/mask.h"

namespace halqa::ingest {

// Thread safety: immutable, but for the layer of the overlay that takes writes, of which readers
// see no change after `tail`.
struct Epoch {
  std::shared_ptr<const Snapshot> snapshot;
  Overlay overlay;               // everything after the snapshot
  LogTail tail;                  // the newest record inside
  Lsn durable_lsn = 0;           // up to here a power loss takes nothing back
  uint32_t accounts = 0;         // ids in use: [0, accounts)
  uint64_t profile_changes = 0;  // profiles and posts written since the graph was opened
  std::shared_ptr<const store::Mask> mask;
  // Accounts erased or merged since the snapshot: it and the overlay still hold their edges.
  // Ascending; hidden_since[i] is the record that hid hidden[i].
  std::vector<AccountId> hidden;
  std::vector<Lsn> hidden_since;

  // For the readers of the graph room. Valid while the epoch lives.
  GraphAt At() const { return {snapshot.get(), &overlay, tail.lsn, hidden}; }
  // Erased or merged into another: it has no page, no place and no neighbours.
  bool Hidden(AccountId account) const {
    return mask != nullptr &&
           (mask->Hidden(Raw(account)) || mask->aliases().contains(Raw(account)));
  }
};

}  // namespace halqa::ingest
