#pragma once
// What the invented people write about themselves and post.

#include <cstdint>
#include <vector>

#include "engine/base/records.h"
#include "tools/gen/world.h"

namespace halqa::gen {

// The profile of one account. `in_degree` is the number of its followers in the data. Nothing of
// the truth stands in it beyond what such a person would show.
void MakeAccount(const World& world, uint32_t account, uint32_t in_degree, AccountRecord* record);

// The posts of one influencer; none for other accounts.
void MakePosts(const World& world, uint32_t account, uint32_t in_degree,
               std::vector<PostRecord>* posts);

}  // namespace halqa::gen
