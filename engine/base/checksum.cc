#include "engine/base/checksum.h"

#include <xxhash.h>

namespace halqa {

uint64_t Checksum64(absl::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace halqa
