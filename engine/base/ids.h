#pragma once

#include <cstdint>

namespace halqa {

// Dense number of an account inside one store. Given once by the writer, never reused.
enum class AccountId : uint32_t {};

constexpr uint32_t Raw(AccountId id) { return static_cast<uint32_t>(id); }

// Position of a vertex inside one snapshot. Has no meaning outside it.
using VertexIndex = uint32_t;

inline constexpr VertexIndex kNoVertex = 0xffffffffu;
inline constexpr AccountId kNoAccount{0xffffffffu};

// Sequence number of a change record: lsn 1 is the first record of a store.
using Lsn = uint64_t;

}  // namespace halqa
