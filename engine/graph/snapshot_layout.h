#pragma once
// The bytes of a snapshot file, shared by its writer and its reader.

#include <bit>
#include <cstdint>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "engine/graph/snapshot_file.h"

namespace halqa::internal {

static_assert(std::endian::native == std::endian::little, "snapshot files are little-endian");

inline constexpr uint64_t kSnapshotMagic = 0x31504e5341514c48ull;  // "HLQASNP1"
inline constexpr uint64_t kSnapshotAlign = 4096;
inline constexpr uint64_t kSnapshotBlock = uint64_t{1} << 20;
inline constexpr uint32_t kFlagSymmetric = 1;
inline constexpr uint32_t kFlagWeighted = 2;

struct SectionEntry {
  char name[24];         // zero-padded
  uint64_t offset;       // multiple of kSnapshotAlign
  uint64_t bytes;        // without padding
  uint64_t first_block;  // of its checksums in the table
};

// The first 4096 bytes. magic, format_version and checksum keep their places in every format, so
// that any version can tell a newer file from a damaged one.
struct SnapshotHeader {
  uint64_t magic;
  uint32_t format_version;
  uint32_t flags;
  uint64_t timeline_id;
  uint64_t lsn;
  uint64_t chain;
  uint32_t vertices;
  uint32_t accounts_limit;
  uint64_t arcs;
  uint64_t file_bytes;
  uint64_t table_offset;
  uint64_t table_entries;
  uint64_t table_checksum;
  SectionEntry sections[kSnapshotSections];
  char zeros[4096 - 88 - kSnapshotSections * sizeof(SectionEntry) - 8];
  uint64_t checksum;  // of all bytes before it
};
static_assert(sizeof(SnapshotHeader) == kSnapshotAlign);
static_assert(std::is_trivially_copyable_v<SnapshotHeader>);

constexpr uint64_t AlignUp(uint64_t bytes) {
  return (bytes + kSnapshotAlign - 1) / kSnapshotAlign * kSnapshotAlign;
}
// Checksums cover the padding too.
constexpr uint64_t BlocksOf(uint64_t bytes) {
  return (AlignUp(bytes) + kSnapshotBlock - 1) / kSnapshotBlock;
}
// Stable names of the sections, in file order.
absl::string_view SectionName(uint32_t section);
// Bytes that section must have, given the header's counts and flags.
uint64_t SectionBytes(const SnapshotHeader& header, uint32_t section);

}  // namespace halqa::internal
