#pragma once
// Who follows whom and who reacts to whom, one account at a time.

#include <cstdint>
#include <vector>

#include "engine/base/records.h"
#include "tools/gen/world.h"

namespace halqa::gen {

// The newest moment of the invented data: 2026-06-01 00:00 UTC.
inline constexpr UnixSeconds kNow = 1780272000;

struct Follow {
  uint32_t followee = 0;
  UnixSeconds time = 0;
};

struct Reaction {
  uint32_t target = 0;
  InteractionKind kind = InteractionKind::kLike;
  uint32_t count = 1;
  UnixSeconds time = 0;
  int64_t value_micros = 0;  // of a purchase
};

// Fills the follows of one account, each followee once, all on its own platform.
// What the truth does here: engaged members and experts follow experts in proportion to expertise
// cubed; everybody else follows stars and popular accounts, whatever they know.
void DrawFollows(const World& world, uint32_t account, std::vector<Follow>* follows);

// Fills the reactions of one account to those it follows: more to experts by those who know, older
// and rarer to stars, none by bots.
void DrawReactions(const World& world, uint32_t account, const std::vector<Follow>& follows,
                   std::vector<Reaction>* reactions);

}  // namespace halqa::gen
