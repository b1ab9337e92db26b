#pragma once
// Everything acknowledged after a snapshot: layers of changes, the newest of which takes writes.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/graph/delta.h"
#include "engine/graph/delta_run.h"

namespace halqa {

enum class Direction { kOut, kIn };

// A list of layers; copying it is cheap and keeps the layers alive.
//
// Invariants: 1. A word in a layer is not older than any word of the same edge in the snapshot or
// in a layer below: the writer leaves late events out. So the largest word wins over all layers.
// 2. Layers hold consecutive ranges of change records, oldest first: runs, then deltas.
struct Overlay {
  std::vector<std::shared_ptr<const DeltaRun>> runs;
  std::vector<std::shared_ptr<const Delta>> deltas;

  // Calls fn(other, word) once per account that the changes up to `upto` name beside `account`, in
  // ascending order, with the largest word; `after`: only accounts above it.
  // Cost: O(entries · log entries).
  using Visitor = absl::FunctionRef<void(AccountId other, uint32_t state_word)>;
  void ForEach(Direction direction, AccountId account, Lsn upto, Visitor fn,
               std::optional<AccountId> after = std::nullopt) const;

  // The largest word of one edge in all layers, nullopt where none names it.
  std::optional<uint32_t> WordOf(AccountId src, AccountId dst, Lsn upto) const;

  // Changes held, an edge that several layers name counted in each; and bytes.
  uint64_t edges() const;
  uint64_t bytes() const;

  // The layers with changes after `lsn`. REQUIRES: no layer holds changes on both sides of it.
  Overlay After(Lsn lsn) const;
};

}  // namespace halqa
