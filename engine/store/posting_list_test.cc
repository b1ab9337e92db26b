#include "engine/store/posting_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include "engine/base/error.h"
#include "engine/base/random.h"

namespace halqa::store {
namespace {

Posting Make(uint32_t account, uint32_t version, std::array<uint8_t, kPostingFields> tf,
             uint32_t length) {
  return Posting{AccountId{account}, version, tf, length};
}

Posting RandomPosting(uint32_t account, CounterRng& rng) {
  Posting p = Make(account, static_cast<uint32_t>(rng.Below(4)), {}, 0);
  if (rng.Below(4) == 0) return p;
  for (uint8_t& tf : p.tf) {
    if (rng.Below(2) == 0) tf = static_cast<uint8_t>(rng.Below(3));
  }
  if (!p.tombstone()) p.document_length = static_cast<uint32_t>(rng.Below(1000));
  return p;
}

std::vector<Posting> RandomList(uint64_t seed, uint32_t universe) {
  CounterRng rng(seed, 1);
  std::vector<Posting> list;
  for (uint32_t a = 0; a < universe; ++a) {
    if (rng.Below(3) == 0) list.push_back(RandomPosting(a, rng));
  }
  return list;
}

std::string Merge(std::vector<absl::string_view> operands) {
  auto merged = MergePostings(operands);
  EXPECT_TRUE(merged.ok()) << merged.status();
  return merged.ok() ? *merged : "";
}

TEST(PostingList, RoundTripsExtremes) {
  const std::vector<Posting> list = {
      Make(0, 0, {1, 0, 0, 0, 0}, 1),
      Make(1, 7, {}, 0),
      Make(300, 0xffffffff, {255, 1, 2, 3, 4}, 0xffffffff),
      Make(0xfffffffe, 1, {1, 1, 1, 1, 1}, 128),
  };
  auto back = DecodePostings(EncodePostings(list));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, list);
  EXPECT_TRUE(DecodePostings(EncodePostings({}))->empty());
}

TEST(PostingList, RoundTripsRandomLists) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto list = RandomList(seed, 50);
    auto back = DecodePostings(EncodePostings(list));
    ASSERT_TRUE(back.ok()) << "seed " << seed << " " << back.status();
    EXPECT_EQ(*back, list) << "seed " << seed;
  }
}

TEST(PostingList, NewestVersionWinsAndTombstonesStay) {
  const std::string old_entry = EncodePosting(Make(5, 1, {2, 0, 0, 0, 0}, 10));
  const std::string tombstone = EncodePosting(Make(5, 2, {}, 0));
  const std::string newer = EncodePosting(Make(5, 3, {0, 1, 0, 0, 0}, 11));
  EXPECT_EQ(Merge({old_entry, tombstone}), tombstone);
  EXPECT_EQ(Merge({tombstone, old_entry}), tombstone);
  EXPECT_EQ(Merge({newer, tombstone, old_entry}), newer);
}

TEST(PostingList, MergeEqualsAMapOfNewestEntries) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    std::map<AccountId, Posting> model;
    std::vector<std::string> operands;
    for (uint64_t k = 0; k < 5; ++k) {
      const auto list = RandomList(seed * 10 + k, 30);
      operands.push_back(EncodePostings(list));
      for (const Posting& p : list) {
        auto [it, fresh] = model.try_emplace(p.account, p);
        const auto key = [](const Posting& q) {
          return std::make_tuple(q.document_version, q.tf, q.document_length);
        };
        if (!fresh && key(it->second) < key(p)) it->second = p;
      }
    }
    std::vector<Posting> expected;
    for (const auto& [account, p] : model) expected.push_back(p);
    const std::vector<absl::string_view> views(operands.begin(), operands.end());
    EXPECT_EQ(*DecodePostings(Merge(views)), expected) << "seed " << seed;
  }
}

TEST(PostingList, MergeIsAssociativeCommutativeIdempotent) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const std::string a = EncodePostings(RandomList(seed * 3, 20));
    const std::string b = EncodePostings(RandomList(seed * 3 + 1, 20));
    const std::string c = EncodePostings(RandomList(seed * 3 + 2, 20));
    const std::string all = Merge({a, b, c});
    EXPECT_EQ(Merge({Merge({a, b}), c}), all) << "seed " << seed;
    EXPECT_EQ(Merge({a, Merge({b, c})}), all) << "seed " << seed;
    EXPECT_EQ(Merge({c, a, b}), all) << "seed " << seed;
    EXPECT_EQ(Merge({all, all, a}), all) << "seed " << seed;
    EXPECT_EQ(Merge({a}), a) << "seed " << seed;
  }
}

TEST(PostingList, EveryCutIsDataLoss) {
  const std::string bytes = EncodePostings(RandomList(4, 40));
  for (size_t size = 0; size < bytes.size(); ++size) {
    auto back = DecodePostings(absl::string_view(bytes).substr(0, size));
    ASSERT_FALSE(back.ok()) << size;
    EXPECT_EQ(back.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(ErrorReason(back.status()), "POSTING_LIST_DAMAGED");
  }
  EXPECT_FALSE(DecodePostings(bytes + "x").ok());
  auto merged = MergePostings({bytes, absl::string_view("junk")});
  EXPECT_EQ(ErrorDetails(merged.status())["operand"], "1");
}

TEST(PostingList, RandomBytesNeverCrash) {
  CounterRng rng(9, 0);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(1, '\1');
    const uint64_t size = rng.Below(60);
    for (uint64_t k = 0; k < size; ++k) bytes.push_back(static_cast<char>(rng.Below(256)));
    bytes[bytes.size() > 1 ? 1 : 0] = static_cast<char>(rng.Below(20));
    auto list = DecodePostings(bytes);
    if (!list.ok()) continue;
    EXPECT_EQ(*DecodePostings(EncodePostings(*list)), *list);
  }
}

TEST(PostingList, DecodesFast) {
  std::vector<Posting> list;
  CounterRng rng(1, 2);
  for (uint32_t a = 0, n = 0; n < 1000000; ++n) {
    a += 1 + static_cast<uint32_t>(rng.Below(5));
    list.push_back(Make(a, 1, {0, static_cast<uint8_t>(1 + rng.Below(2)), 0, 0, 0},
                        20 + static_cast<uint32_t>(rng.Below(100))));
  }
  const std::string bytes = EncodePostings(list);
  const auto start = std::chrono::steady_clock::now();
  PostingReader reader(bytes);
  Posting p;
  uint64_t sum = 0, read = 0;
  while (reader.Next(&p)) sum += p.document_length + p.tf[1], ++read;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(read, list.size());
  EXPECT_GT(sum, 0u);
  std::printf("decoded %.1f M entries/s, %.2f bytes/entry\n", 1e-6 * read / seconds.count(),
              static_cast<double>(bytes.size()) / static_cast<double>(read));
}

}  // namespace
}  // namespace halqa::store
