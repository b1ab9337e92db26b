#pragma once
// What the store still holds but nobody may see: erased accounts, the events of sources that were
// undone; and accounts that were merged into others. Every scan of edges applies
// it; compactions remove for good what it hides.

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/records.h"
#include "engine/store/edge_list.h"

namespace halqa::store {

class ReadView;
class Store;

// Thread safety: const methods from any thread.
class Mask {
 public:
  bool empty() const { return !accounts_ && sources_.empty(); }

  bool Hidden(uint32_t account) const {
    return account < special_.size() && special_[account] && !aliases_.contains(account);
  }
  bool SourceHidden(uint32_t source) const {
    return !sources_.empty() && sources_.contains(source);
  }
  // The account that stands for this one: itself, or what it was merged into.
  uint32_t Canonical(uint32_t account) const {
    if (account >= special_.size() || !special_[account]) return account;
    auto it = aliases_.find(account);
    return it == aliases_.end() ? account : it->second;
  }
  const absl::flat_hash_map<uint32_t, uint32_t>& aliases() const { return aliases_; }
  const absl::flat_hash_set<uint32_t>& sources() const { return sources_; }

  void Erase(uint32_t account);
  // REQUIRES: no chain: an account merged into `alias` before is renamed by the caller.
  void Alias(uint32_t alias, uint32_t canonical);
  void HideSource(uint32_t source) { sources_.insert(source); }

  // Takes what is hidden out of the list of `src`, renames merged accounts, drops what becomes a
  // self-loop. The list stays normalised. True when anything changed.
  bool Apply(uint32_t src, std::vector<FollowEntry>* entries) const;
  bool Apply(uint32_t src, std::vector<InteractionEntry>* entries) const;

 private:
  void MarkSpecial(uint32_t account);
  template <typename Entry>
  bool ApplyTo(uint32_t src, std::vector<Entry>* entries) const;

  bool accounts_ = false;
  std::vector<bool> special_;  // erased or merged
  absl::flat_hash_map<uint32_t, uint32_t> aliases_;
  absl::flat_hash_set<uint32_t> sources_;
};

// The mask that the families `erased`, `alias` and `source` say, as `view` sees them. Errors:
// DataLoss (a row is damaged).
absl::StatusOr<std::shared_ptr<const Mask>> LoadMask(const Store& db, const ReadView* view);

}  // namespace halqa::store
