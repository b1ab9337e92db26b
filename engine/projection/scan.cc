#include "engine/projection/scan.h"

#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/base/status_macros.h"

namespace halqa::projection {
namespace {

using store::Family;

// Scans the rows of sources [from, to) and decodes each value into a reused vector.
template <typename Entry, typename Decode, typename Fn>
absl::Status ScanRows(const store::Store& db, const store::ReadView* view, Family family,
                      uint32_t from, uint32_t to, Decode decode, const Fn& fn) {
  std::vector<Entry> entries;
  absl::Status status;
  const std::string first = store::AccountKey(AccountId{from});
  const std::string last = store::AccountKey(AccountId{to});
  auto row = [&](absl::string_view key, absl::string_view value) {
    entries.clear();
    status = decode(value, &entries);
    if (status.ok()) fn(DecodeFixed32BE(key), entries);
    return status.ok();
  };
  HALQA_RETURN_IF_ERROR(db.Scan(family, first, last, row, view, /*bulk=*/true));
  return status;
}

}  // namespace

absl::Status ScanFollows(
    const store::Store& db, const store::ReadView* view, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::FollowEntry>&)>& fn) {
  return ScanRows<store::FollowEntry>(db, view, Family::kFollowOut, from, to, store::DecodeFollows,
                                      fn);
}

absl::Status ScanInteractions(
    const store::Store& db, const store::ReadView* view, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::InteractionEntry>&)>& fn) {
  return ScanRows<store::InteractionEntry>(db, view, Family::kInteractOut, from, to,
                                           store::DecodeInteractions, fn);
}

absl::Status ForEachBlock(uint32_t accounts, RunContext& run, double share,
                          const std::function<absl::Status(uint32_t, uint32_t, uint32_t)>& fn) {
  const uint32_t blocks = BlockCount(accounts);
  const auto group = static_cast<uint32_t>(run.threads());
  for (uint32_t first = 0; first < blocks; first += group) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(share * first, blocks));
    const uint32_t count = std::min(group, blocks - first);
    std::vector<absl::Status> statuses(count);
    ParallelBlocks(run.threads(), count, [&](uint64_t i) {
      const uint32_t block = first + static_cast<uint32_t>(i);
      const uint64_t from = uint64_t{block} * kAccountsPerBlock;
      const uint64_t to = std::min<uint64_t>(accounts, from + kAccountsPerBlock);
      statuses[i] = fn(block, static_cast<uint32_t>(from), static_cast<uint32_t>(to));
    });
    for (const absl::Status& s : statuses) HALQA_RETURN_IF_ERROR(s);
  }
  return absl::OkStatus();
}

}  // namespace halqa::projection
