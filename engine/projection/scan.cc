#include "engine/projection/scan.h"

#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/base/status_macros.h"

namespace halqa::projection {
namespace {

using store::Family;

// Scans the rows of sources [from, to), decodes each value into a reused vector and hides what the
// scope hides.
template <typename Entry, typename Decode, typename Fn>
absl::Status ScanRows(const ScanScope& scope, Family family, uint32_t from, uint32_t to,
                      Decode decode, const Fn& fn) {
  std::vector<Entry> entries;
  absl::Status status;
  const std::string first = store::NumberKey(from);
  const std::string last = store::NumberKey(to);
  auto row = [&](absl::string_view key, absl::string_view value) {
    const uint32_t src = DecodeFixed32BE(key);
    if (scope.mask != nullptr && scope.mask->Hidden(src)) return true;
    entries.clear();
    status = decode(value, &entries);
    if (!status.ok()) return false;
    if (scope.mask != nullptr) scope.mask->Apply(src, &entries);
    fn(src, &entries);
    return true;
  };
  HALQA_RETURN_IF_ERROR(scope.db->Scan(family, first, last, row, scope.view, /*bulk=*/true));
  return status;
}

}  // namespace

absl::Status ScanFollowEvents(
    const ScanScope& scope, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::FollowEntry>&)>& fn) {
  const uint32_t after = (store::CompactSeconds(scope.as_of) + 1) << 2;
  return ScanRows<store::FollowEntry>(
      scope, Family::kFollowOut, from, to, store::DecodeFollows,
      [&](uint32_t src, std::vector<store::FollowEntry>* entries) {
        if (scope.as_of != 0) {
          std::erase_if(*entries, [&](const auto& e) { return e.word >= after; });
        }
        if (!entries->empty()) fn(src, *entries);
      });
}

absl::Status ScanFollows(
    const ScanScope& scope, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::FollowEntry>&)>& fn) {
  std::vector<store::FollowEntry> newest;
  return ScanFollowEvents(scope, from, to,
                          [&](uint32_t src, const std::vector<store::FollowEntry>& events) {
                            newest = events;
                            store::KeepNewest(&newest);
                            fn(src, newest);
                          });
}

absl::Status ScanInteractions(
    const ScanScope& scope, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::InteractionEntry>&)>& fn) {
  const uint32_t last_hour = store::HourBucket(scope.as_of);
  return ScanRows<store::InteractionEntry>(
      scope, Family::kInteractOut, from, to, store::DecodeInteractions,
      [&](uint32_t src, std::vector<store::InteractionEntry>* entries) {
        if (scope.as_of != 0) {
          std::erase_if(*entries, [&](const auto& e) { return e.hour > last_hour; });
        }
        if (!entries->empty()) fn(src, *entries);
      });
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

std::vector<AccountId> AsAccounts(absl::Span<const uint32_t> vertices) {
  std::vector<AccountId> out;
  out.reserve(vertices.size());
  for (const uint32_t v : vertices) out.push_back(AccountId{v});
  return out;
}

}  // namespace halqa::projection
