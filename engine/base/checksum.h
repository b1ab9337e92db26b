#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace halqa {

// XXH3 64-bit of `bytes`. Detects damage; proves nothing against an attacker. Cost: about 0.1 ns
// per byte.
uint64_t Checksum64(absl::string_view bytes, uint64_t seed = 0);

}  // namespace halqa
