#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/ordered_pool.h"
#include "engine/base/parallel.h"
#include "engine/base/radix_sort.h"
#include "engine/base/random.h"
#include "engine/base/records.h"
#include "engine/base/run_context.h"

namespace halqa {
namespace {

TEST(Error, KeepsReasonAndDetailsThroughAnnotation) {
  absl::Status s = MakeError(absl::StatusCode::kNotFound, "ACCOUNT_NOT_FOUND", "no such account",
                             {{"account", "instagram:1"}});
  s = Annotate(WithDetail(s, "line", "7"), "file.csv:7");
  EXPECT_EQ(Annotate(s, "file.csv"), s);
  EXPECT_EQ(s.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(s.message(), "file.csv:7: no such account");
  EXPECT_EQ(ErrorReason(s), "ACCOUNT_NOT_FOUND");
  EXPECT_EQ(ErrorDetails(s),
            (std::map<std::string, std::string>{{"account", "instagram:1"}, {"line", "7"}}));
}

TEST(Coding, VarintRoundTripsAtEveryLengthAndRefusesCuts) {
  for (int bit = 0; bit < 64; ++bit) {
    for (uint64_t v : {uint64_t{1} << bit, (uint64_t{1} << bit) - 1, ~uint64_t{0} >> bit}) {
      std::string bytes;
      PutVarint64(v, &bytes);
      absl::string_view in = bytes;
      uint64_t back = 0;
      ASSERT_TRUE(GetVarint64(&in, &back));
      EXPECT_EQ(back, v);
      EXPECT_TRUE(in.empty());
      absl::string_view cut = absl::string_view(bytes).substr(0, bytes.size() - 1);
      EXPECT_FALSE(GetVarint64(&cut, &back));
    }
  }
}

TEST(Coding, BigEndianKeysSortAsNumbers) {
  std::string a, b;
  PutFixed32BE(255, &a);
  PutFixed32BE(256, &b);
  EXPECT_LT(a, b);
  EXPECT_EQ(DecodeFixed32BE(b), 256u);
}

TEST(Records, ExternalIds) {
  EXPECT_TRUE(ValidateExternalId("instagram:123").ok());
  EXPECT_TRUE(ValidateExternalId("youtube:\xd8\xb4").ok());
  for (absl::string_view bad :
       {"123", ":1", "X:1", "twitter:", "twitter: a", "twitter:\xff", "t:a\tb"}) {
    EXPECT_EQ(ErrorReason(ValidateExternalId(bad)), "INVALID_EXTERNAL_ID") << bad;
  }
  EXPECT_EQ(PlatformOf("twitter:a:b"), "twitter");
  EXPECT_EQ(NativeIdOf("twitter:a:b"), "a:b");
}

TEST(Records, Utf8) {
  EXPECT_TRUE(IsValidUtf8("شهيوات é 😀"));
  for (absl::string_view bad :
       {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(RunContext, ProgressNeverFallsAndCancelAtEveryCheckpointStops) {
  std::vector<double> seen;
  RunContext run(1);
  run.set_progress([&](double f) { seen.push_back(f); });
  for (int i : {1, 3, 2, 9}) ASSERT_TRUE(run.Checkpoint(i, 10).ok());
  EXPECT_EQ(seen, (std::vector<double>{0.1, 0.3, 0.9}));
  for (uint64_t k = 1; k <= 5; ++k) {
    RunContext cancelled(1);
    cancelled.CancelAtCheckpoint(k);
    uint64_t done = 0;
    while (cancelled.Checkpoint(static_cast<double>(done), 100).ok()) ++done;
    EXPECT_EQ(done + 1, k);
  }
}

TEST(RunContext, PassedDeadlineStops) {
  RunContext run(1);
  run.set_deadline(RunContext::Clock::now());
  EXPECT_EQ(ErrorReason(run.Checkpoint(0, 1)), "DEADLINE_EXCEEDED");
}

TEST(Parallel, EachIndexOnceForAnyThreads) {
  for (int threads : {1, 2, 5}) {
    std::vector<std::atomic<int>> hits(1000);
    ParallelRange(threads, hits.size(), 37, [&](uint64_t b, uint64_t e) {
      for (uint64_t i = b; i < e; ++i) hits[i]++;
    });
    for (auto& h : hits) ASSERT_EQ(h.load(), 1);
  }
}

TEST(Random, StreamsAreIndependentOfOrderAndRoughlyUniform) {
  CounterRng a(1, 2), again(1, 2), other(1, 3);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double u = a.Uniform();
    ASSERT_EQ(u, again.Uniform());
    sum += u;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
  EXPECT_NE(CounterRng(1, 2)(), other());
}

TEST(Checksum, SeesOneFlippedBit) {
  std::string bytes(1000, 'a');
  const uint64_t before = Checksum64(bytes);
  bytes[500] ^= 1;
  EXPECT_NE(before, Checksum64(bytes));
}

TEST(RadixSort, EqualsAStableSort) {
  struct Item {
    uint64_t key;
    uint32_t place;
    bool operator==(const Item&) const = default;
  };
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    CounterRng rng(seed, 1);
    std::vector<Item> items(rng.Below(3000));
    const uint64_t spread = rng() >> rng.Below(64);
    for (uint32_t i = 0; i < items.size(); ++i) items[i] = {rng.Below(spread | 1), i};
    std::vector<Item> wanted = items;
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const Item& a, const Item& b) { return a.key < b.key; });
    RadixSort(&items, [](const Item& item) { return item.key; });
    ASSERT_EQ(items, wanted) << "seed " << seed;
  }
}

// Every item is worked on, and they come back in their order.
TEST(OrderedPool, KeepsTheOrder) {
  std::atomic<int> worked{0};
  OrderedPool<int> pool(3, [&](int& i) {
    i *= 2;
    ++worked;
  });
  int taken = 0;
  for (int i = 0; i < 1000; ++i) {
    pool.Submit(std::make_unique<int>(i));
    while (pool.size() > 7) ASSERT_EQ(*pool.Take(), 2 * taken++);
  }
  while (pool.size() > 0) ASSERT_EQ(*pool.Take(), 2 * taken++);
  EXPECT_EQ(worked.load(), 1000);
}

}  // namespace
}  // namespace halqa
