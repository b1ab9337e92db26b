#include "engine/store/newest_follows.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/store/edge_list.h"

namespace halqa::store {
namespace {

using Pairs = std::vector<std::pair<uint32_t, uint32_t>>;

// The slow way: everything decoded, then the first event of each followee.
bool SlowNewest(absl::string_view bytes, Pairs* out) {
  std::vector<FollowEntry> entries;
  if (!DecodeFollows(bytes, &entries).ok()) return false;
  for (const FollowEntry& e : entries) {
    if (out->empty() || out->back().first != e.dst) out->emplace_back(e.dst, e.word);
  }
  return true;
}

bool FastNewest(absl::string_view bytes, Pairs* out) {
  return ForEachNewestFollow(bytes,
                             [&](uint32_t dst, uint32_t word) { out->emplace_back(dst, word); });
}

std::string RandomList(CounterRng& rng) {
  std::vector<FollowEntry> entries;
  const uint64_t spread = uint64_t{1} << rng.Below(33);
  for (uint64_t i = rng.Below(60); i-- > 0;) {
    FollowEntry e;
    e.dst = static_cast<uint32_t>(rng.Below(spread));
    for (uint64_t events = 1 + (rng.Below(4) == 0 ? rng.Below(4) : 0); events-- > 0;) {
      e.word = static_cast<uint32_t>(rng()) & ~1u;
      entries.push_back(e);
    }
  }
  NormaliseFollows(&entries);
  return EncodeFollows(entries);
}

TEST(NewestFollows, EqualsDecoding) {
  CounterRng rng(31, 7);
  for (int i = 0; i < 5000; ++i) {
    const std::string bytes = RandomList(rng);
    Pairs fast, slow;
    ASSERT_TRUE(FastNewest(bytes, &fast)) << i;
    ASSERT_TRUE(SlowNewest(bytes, &slow)) << i;
    ASSERT_EQ(fast, slow) << i;
  }
}

// Never reads past the end, and what both call whole they read alike.
TEST(NewestFollows, DamagedListsAreRefusedOrReadAlike) {
  CounterRng rng(32, 7);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes = RandomList(rng);
    if (rng.Below(2) == 0) bytes.resize(rng.Below(bytes.size() + 1));
    for (uint64_t n = rng.Below(3); n-- > 0 && !bytes.empty();) {
      bytes[rng.Below(bytes.size())] = static_cast<char>(rng.Below(256));
    }
    const std::string exact(bytes.begin(), bytes.end());
    Pairs fast, slow;
    // The slow way also reads what no encoder writes: long numbers, an account twice.
    const bool both = FastNewest(exact, &fast) && SlowNewest(exact, &slow);
    ASSERT_TRUE(!both || fast == slow) << i;
  }
}

TEST(NewestFollows, OtherFormatsAreRefused) {
  Pairs pairs;
  EXPECT_FALSE(FastNewest("", &pairs));
  EXPECT_FALSE(FastNewest(std::string("\x03", 1), &pairs));
  EXPECT_TRUE(FastNewest(std::string("\x01", 1), &pairs));
  EXPECT_TRUE(FastNewest(std::string("\x02", 1), &pairs));
  EXPECT_TRUE(pairs.empty());
}

}  // namespace
}  // namespace halqa::store
