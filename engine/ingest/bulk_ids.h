#pragma once
// External ids -> dense numbers, for an import that sees the same ids over and over in random
// order: what such a table costs is cache misses, so it is small and can be asked for many ids at
// once.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/graph/array.h"

namespace halqa::ingest {

// An id, its hash, and after Prefetch the number it probably has.
struct HashedId {
  absl::string_view id;
  uint64_t hash = 0;
  uint32_t guess = 0xffffffff;
};

// Dense numbers in order of first appearance.
//
// Thread safety: one thread at a time; const methods from any thread.
// Cost: 8 bytes and the characters per id, and 8 bytes per slot of a table at most 5/8 full.
class IdTable {
 public:
  static HashedId Hashed(absl::string_view id);
  // Loads what the next Intern or Find of these ids will touch. Meant for some dozen at a time.
  void Prefetch(absl::Span<HashedId> ids) const;

  uint32_t Intern(const HashedId& id);
  uint32_t Intern(absl::string_view id) { return Intern(Hashed(id)); }
  std::optional<uint32_t> Find(const HashedId& id) const;
  std::optional<uint32_t> Find(absl::string_view id) const { return Find(Hashed(id)); }

  uint32_t size() const { return static_cast<uint32_t>(names_.size()); }
  // Valid as long as the table.
  absl::string_view name(uint32_t id) const {
    const uint64_t place = names_[id] >> kLengthBits;
    return {blocks_[place >> kBlockBits].data() + (place & (kBlockChars - 1)),
            names_[id] & ((1u << kLengthBits) - 1)};
  }
  uint64_t bytes() const {
    return 8 * names_.capacity() + blocks_.size() * kBlockChars + 8 * slots_.size();
  }

 private:
  static constexpr int kLengthBits = 12;  // external ids have at most 289 bytes
  static constexpr int kBlockBits = 21;   // a huge page
  static constexpr uint64_t kBlockChars = uint64_t{1} << kBlockBits;
  static constexpr uint32_t kFree = 0xffffffff;
  struct Slot {
    uint32_t tag;  // upper half of the hash
    uint32_t id;
  };

  // The slot of the id, or the free one where it belongs. REQUIRES: a free slot.
  size_t Locate(const HashedId& id) const;
  void Grow();
  uint64_t Keep(absl::string_view id);

  // The number of the id, or kFree.
  uint32_t Lookup(const HashedId& id) const {
    return id.guess != kFree && name(id.guess) == id.id ? id.guess : slots_[Locate(id)].id;
  }

  Array<Slot> slots_;            // a power of two
  std::vector<uint64_t> names_;  // place of the first character << 12 | length
  std::vector<Array<char>> blocks_;
  uint64_t block_used_ = kBlockChars;
};

}  // namespace halqa::ingest
