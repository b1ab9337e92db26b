#include "engine/store/join_follows.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/store/edge_list.h"

namespace halqa::store {
namespace {

std::vector<FollowEntry> RandomEntries(CounterRng& rng, uint64_t most) {
  std::vector<FollowEntry> entries;
  const uint64_t spread = uint64_t{1} << rng.Below(33);
  for (uint64_t i = rng.Below(most); i-- > 0;) {
    const auto dst = static_cast<uint32_t>(rng.Below(spread));
    for (uint64_t events = 1 + (rng.Below(4) == 0 ? rng.Below(4) : 0); events-- > 0;) {
      const auto seconds = static_cast<uint32_t>(rng.Below(uint64_t{1} << (1 + rng.Below(30))));
      entries.push_back({dst, seconds << 2 | (rng.Below(2) == 0 ? 2u : 0u),
                         static_cast<uint32_t>(rng.Below(300))});
    }
  }
  NormaliseFollows(&entries);
  return entries;
}

TEST(JoinFollowLists, EqualsDecodeSortEncode) {
  CounterRng rng(41, 7);
  for (int i = 0; i < 4000; ++i) {
    std::vector<std::string> lists;
    std::vector<FollowEntry> all;
    const uint64_t count = rng.Below(20) == 0 ? 40 : 1 + rng.Below(8);
    for (uint64_t k = 0; k < count; ++k) {
      const std::vector<FollowEntry> entries = RandomEntries(rng, 30);
      all.insert(all.end(), entries.begin(), entries.end());
      lists.push_back(EncodeFollows(entries));
    }
    NormaliseFollows(&all);
    const std::vector<absl::string_view> views(lists.begin(), lists.end());
    const auto joined = JoinFollowLists(views);
    ASSERT_TRUE(joined.ok()) << joined.status();
    ASSERT_EQ(*joined, EncodeFollows(all)) << "round " << i << ", " << count << " lists";
  }
}

TEST(JoinFollowLists, ListsOfTheFormatBefore) {
  const std::string old("\x01\x05\x00\x00\x01\x00\x01", 7);  // account 5, 64 s, first seen then
  const std::string fresh = EncodeFollows(std::vector<FollowEntry>{{5, 300, 2}, {9, 8, 2}});
  const auto joined = JoinFollowLists({old, fresh});
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(*joined, EncodeFollows(std::vector<FollowEntry>{{5, 300, 2}, {5, 256, 0}, {9, 8, 2}}));
}

TEST(JoinFollowLists, DamageIsNoticed) {
  CounterRng rng(42, 7);
  for (int i = 0; i < 2000; ++i) {
    const std::string good = EncodeFollows(RandomEntries(rng, 20));
    std::string bad = EncodeFollows(RandomEntries(rng, 20));
    if (bad.size() < 3) continue;
    bad.resize(2 + rng.Below(bad.size() - 2));
    std::vector<FollowEntry> entries;
    if (DecodeFollows(bad, &entries).ok()) continue;  // cut between two accounts
    const auto joined = JoinFollowLists({good, bad});
    EXPECT_EQ(ErrorReason(joined.status()), "EDGE_LIST_CORRUPT") << i;
  }
}

}  // namespace
}  // namespace halqa::store
