#include "engine/store/store.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/escaping.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/store/account_codec.h"
#include "engine/store/change_record.h"
#include "engine/store/edge_list.h"
#include "engine/store/keyed_hash.h"

namespace halqa::store {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ =
        std::filesystem::temp_directory_path() / ("halqa_store_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::unique_ptr<Store> Open(bool create = true) {
    auto store = Store::Open(dir_.string(), {.create_if_missing = create});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? std::move(*store) : nullptr;
  }
  std::filesystem::path dir_;
};

TEST_F(StoreTest, MissingDirectoryIsRefusedWithAdvice) {
  auto store = Store::Open(dir_.string(), {});
  EXPECT_EQ(ErrorReason(store.status()), "STORE_NOT_FOUND");
}

TEST_F(StoreTest, SecondOpenIsRefused) {
  auto store = Open();
  auto second = Store::Open(dir_.string(), {});
  EXPECT_EQ(ErrorReason(second.status()), "STORE_LOCKED");
}

TEST_F(StoreTest, BatchIsVisibleTogetherAndSurvivesReopen) {
  std::string secret;
  {
    auto store = Open();
    secret = store->secret();
    Batch batch;
    batch.Put(Family::kAccount, "k", "v");
    batch.Put(Family::kDedup, "d", "1");
    ASSERT_TRUE(store->Write(batch, Durability::kSync).ok());
  }
  auto store = Open(false);
  EXPECT_EQ(store->secret(), secret);
  EXPECT_EQ(**store->Get(Family::kAccount, "k"), "v");
  EXPECT_EQ(**store->Get(Family::kDedup, "d"), "1");
  EXPECT_FALSE(store->Get(Family::kAccount, "other")->has_value());
}

TEST_F(StoreTest, IngestedFollowListsMergeAndAViewStaysStill) {
  auto store = Open();
  auto ingest = [&](std::vector<FollowEntry> entries) {
    auto sst = store->NewSst(Family::kFollowOut);
    ASSERT_TRUE(sst.ok());
    NormaliseFollows(&entries);
    ASSERT_TRUE((*sst)->Merge(FollowKey(AccountId{7}), EncodeFollows(entries)).ok());
    ASSERT_TRUE((*sst)->Finish().ok());
    ASSERT_TRUE(store->Ingest({sst->get()}).ok());
  };
  ingest({{3, MakeStateWord(kEpoch2006 + 100, FollowState::kActive), 1}});
  auto view = store->NewView();
  ingest({{3, MakeStateWord(kEpoch2006 + 200, FollowState::kRemoved), 2}, {5, 0, 0}});
  std::vector<FollowEntry> now, before;
  ASSERT_TRUE(DecodeFollows(**store->Get(Family::kFollowOut, FollowKey(AccountId{7})), &now).ok());
  ASSERT_TRUE(
      DecodeFollows(**store->Get(Family::kFollowOut, FollowKey(AccountId{7}), view.get()), &before)
          .ok());
  ASSERT_EQ(now.size(), 3u);  // both events of account 3, newest first
  EXPECT_FALSE(IsActive(now[0].word));
  EXPECT_EQ(now[1], before[0]);
  EXPECT_EQ(before.size(), 1u);
  EXPECT_TRUE(IsActive(before[0].word));
}

// A kill between the hard link of an ingest and the removal of its source leaves a name that shares
// its bytes with a live file; writing a new file of that name must not reach them.
TEST_F(StoreTest, ALeftoverOfAKilledIngestIsRemovedNotOverwritten) {
  auto put = [&](Store& store, absl::string_view value) {
    auto sst = store.NewSst(Family::kFold);
    ASSERT_TRUE((*sst)->Put("k", value).ok());
    ASSERT_TRUE((*sst)->Finish().ok());
    ASSERT_TRUE(store.Ingest({sst->get()}).ok());
  };
  auto store = Open();
  put(*store, "first");
  store.reset();
  for (const auto& file : std::filesystem::directory_iterator(dir_ / "rocksdb")) {
    if (file.path().extension() != ".sst") continue;
    std::filesystem::create_hard_link(file.path(), dir_ / "rocksdb" / "ingest-1.sst");
    break;
  }
  store = Open(false);
  put(*store, "second");
  store.reset();
  store = Open(false);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(**store->Get(Family::kFold, "k"), "second");
}

TEST_F(StoreTest, GenerationsAreFamiliesOfTheirOwn) {
  auto store = Open();
  ASSERT_TRUE(store->CreateGeneration(3).ok());
  auto sst = store->NewSst(GenerationFamily(3));
  ASSERT_TRUE((*sst)->Put("a", "1").ok());
  ASSERT_TRUE((*sst)->Finish().ok());
  ASSERT_TRUE(store->Ingest({sst->get()}).ok());
  EXPECT_EQ(**store->Get(GenerationFamily(3), "a"), "1");
  store.reset();
  store = Open(false);
  EXPECT_EQ(store->Generations(), std::vector<uint32_t>{3});
  EXPECT_EQ(**store->Get(GenerationFamily(3), "a"), "1");
  ASSERT_TRUE(store->DropGeneration(3).ok());
  EXPECT_EQ(ErrorReason(store->Get(GenerationFamily(3), "a").status()), "GENERATION_NOT_FOUND");
}

TEST_F(StoreTest, AGenerationMayBeDroppedWhileItIsRead) {
  auto store = Open();
  ASSERT_TRUE(store->CreateGeneration(1).ok());
  auto sst = store->NewSst(GenerationFamily(1));
  for (char key = 'a'; key <= 'z'; ++key) {
    ASSERT_TRUE((*sst)->Put(std::string(1, key), std::string(1000, key)).ok());
  }
  ASSERT_TRUE((*sst)->Finish().ok());
  ASSERT_TRUE(store->Ingest({sst->get()}).ok());
  std::string keys;
  ASSERT_TRUE(store
                  ->Scan(GenerationFamily(1), "", "",
                         [&](absl::string_view key, absl::string_view value) {
                           if (keys.empty()) {
                             EXPECT_TRUE(store->DropGeneration(1).ok());
                           }
                           EXPECT_EQ(value, std::string(1000, key[0]));
                           keys.append(key.data(), key.size());
                           return true;
                         })
                  .ok());
  EXPECT_EQ(keys.size(), 26u);
}

// A kill between making the database and writing its first keys.
TEST_F(StoreTest, AStoreKilledWhileItWasMadeIsMadeAgain) {
  std::filesystem::create_directories(dir_);
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, (dir_ / "rocksdb").string(), &db).ok());
  delete db;
  auto store = Open(false);
  ASSERT_NE(store, nullptr);
  const std::string secret = store->secret();
  EXPECT_EQ(secret.size(), 32u);
  store.reset();
  store = Open(false);
  EXPECT_EQ(store->secret(), secret);
}

// A law: joining follow events is the same in every order and however often each event comes.
TEST(EdgeList, FollowJoinIgnoresOrderAndRepetition) {
  CounterRng rng(11, 0);
  for (int round = 0; round < 200; ++round) {
    std::vector<FollowEntry> events;
    for (int i = 0; i < 30; ++i) {
      const auto seconds = static_cast<uint32_t>(rng.Below(5));
      const auto state = rng.Below(2) == 0 ? FollowState::kActive : FollowState::kRemoved;
      const uint32_t word = (seconds << 2) | static_cast<uint32_t>(state);
      events.push_back({static_cast<uint32_t>(rng.Below(8)), word, seconds});
    }
    std::vector<FollowEntry> once = events, shuffled = events;
    for (size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[rng.Below(i)]);
    shuffled.insert(shuffled.end(), events.begin(), events.begin() + 10);
    NormaliseFollows(&once);
    NormaliseFollows(&shuffled);
    ASSERT_EQ(once, shuffled);
    std::map<uint32_t, uint32_t> model;
    std::set<std::tuple<uint32_t, uint32_t, uint32_t>> distinct;
    for (const FollowEntry& e : events) {
      model[e.dst] = std::max(model[e.dst], e.word);
      distinct.insert({e.dst, e.word, e.source});
    }
    ASSERT_EQ(distinct.size(), once.size());
    std::vector<FollowEntry> back;
    ASSERT_TRUE(DecodeFollows(EncodeFollows(once), &back).ok());
    ASSERT_EQ(back, once);
    KeepNewest(&once);
    ASSERT_EQ(model.size(), once.size());
    for (const FollowEntry& e : once) ASSERT_EQ(model[e.dst], e.word);
  }
}

// Lists that format 1 wrote: the event and the earliest time; interactions without a source.
TEST(EdgeList, ReadsTheFormatBefore) {
  std::string old(1, '\1');
  PutVarint64(5, &old);
  PutFixed32BE(400 << 2 | 2, &old);
  PutVarint64(400 - 50 + 1, &old);
  PutVarint64(2, &old);
  PutFixed32BE(77 << 2, &old);
  PutVarint64(1, &old);
  std::vector<FollowEntry> follows;
  ASSERT_TRUE(DecodeFollows(old, &follows).ok());
  EXPECT_EQ(follows,
            (std::vector<FollowEntry>{{5, 400 << 2 | 2, 0}, {5, 50 << 2, 0}, {7, 77 << 2, 0}}));
  EXPECT_TRUE(IsOldEdgeList(old));
  EXPECT_FALSE(IsOldEdgeList(EncodeFollows(follows)));
  const std::string interactions("\1\x06\x04\x0a\x03", 5);
  std::vector<InteractionEntry> entries;
  ASSERT_TRUE(DecodeInteractions(interactions, &entries).ok());
  EXPECT_EQ(entries, (std::vector<InteractionEntry>{{6, 1, 10, 3}}));
}

// What a horizon leaves is, from the horizon on, what the whole history says.
TEST(EdgeList, AHorizonKeepsTheStateOfEveryLaterMoment) {
  CounterRng rng(12, 0);
  auto state_at = [](const std::vector<FollowEntry>& events, uint32_t dst, uint32_t seconds) {
    for (const FollowEntry& e : events) {
      if (e.dst == dst && (e.word >> 2) <= seconds) return IsActive(e.word);
    }
    return false;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<FollowEntry> events;
    for (uint64_t i = rng.Below(40); i > 0; --i) {
      const auto word = static_cast<uint32_t>(rng.Below(20) << 2 | rng.Below(2) << 1);
      events.push_back({static_cast<uint32_t>(rng.Below(6)), word, 0});
    }
    NormaliseFollows(&events);
    std::vector<FollowEntry> rest = events;
    const auto horizon = static_cast<uint32_t>(1 + rng.Below(20));
    DropFollowsBefore(kEpoch2006 + horizon, &rest);
    for (uint32_t dst = 0; dst < 6; ++dst) {
      for (uint32_t t = horizon; t < 22; ++t)
        ASSERT_EQ(state_at(rest, dst, t), state_at(events, dst, t)) << round;
    }
    std::vector<FollowEntry> again = rest;
    DropFollowsBefore(kEpoch2006 + horizon, &again);
    ASSERT_EQ(again, rest);
  }
}

TEST(EdgeList, EveryCutOfAnEncodedListIsRefusedOrAPrefix) {
  std::vector<FollowEntry> entries = {
      {1, 400, 50}, {900, 17, 0}, {900, 8, 3}, {900, 2, 1}, {70000, 9000, 1}};
  const std::string bytes = EncodeFollows(entries);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    std::vector<FollowEntry> out;
    if (!DecodeFollows(bytes.substr(0, cut), &out).ok()) continue;
    ASSERT_LT(out.size(), entries.size());
    ASSERT_TRUE(std::equal(out.begin(), out.end(), entries.begin()));
  }
}

TEST(EdgeList, InteractionsAddUp) {
  std::vector<InteractionEntry> entries = {{5, 1, 10, 2, 0, 0, 0},
                                           {5, 1, 10, 3, 700, -500, 1},
                                           {5, 2, 10, 1, 0, 0, 0},
                                           {5, 1, 10, 4, 0, 0, 0, 2},
                                           {4, 1, 0, 9, 0, 0, 0}};
  NormaliseInteractions(&entries);
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[2].source, 2u);
  EXPECT_EQ(entries[1], (InteractionEntry{5, 1, 10, 5, 700, -500, 1}));
  std::vector<InteractionEntry> back;
  ASSERT_TRUE(DecodeInteractions(EncodeInteractions(entries), &back).ok());
  EXPECT_EQ(back, entries);
}

TEST(ChangeRecord, RoundTripsAndSeesEveryFlippedBit) {
  ChangeRecord record;
  record.lsn = 12;
  record.commit_time = 1700000000;
  record.previous_chain = 99;
  record.follows = {{5, 6, 77}, {2, 9, 80}};
  record.source = 300;
  record.interactions = {{5, {6, 1, 3, 4, 0, 0, 0, 300}}};
  record.erased = {7, 70000};
  record.aliases = {{8, 9}};
  record.undone = {3};
  uint64_t chain = 0, read_chain = 0;
  std::string bytes = EncodeChangeRecord(record, &chain);
  auto back = DecodeChangeRecord(bytes, &read_chain);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->follows, record.follows);
  EXPECT_EQ(back->interactions, record.interactions);
  EXPECT_EQ(back->source, record.source);
  EXPECT_EQ(back->erased, record.erased);
  EXPECT_EQ(back->aliases, record.aliases);
  EXPECT_EQ(back->undone, record.undone);
  EXPECT_EQ(chain, read_chain);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_FALSE(DecodeChangeRecord(damaged, &read_chain).ok()) << bit;
  }
}

TEST(AccountCodec, UnknownStaysUnknownAndAnonymousTellsNothing) {
  AccountRow row;
  row.record.external_id = "instagram:42";
  row.record.handle = "zineb";
  row.record.bio = "cuisine";
  row.record.hashtags = {"chhiwat"};
  row.record.declared_followers = 0;
  auto back = DecodeAccount(EncodeAccount(row));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->record.declared_followers, 0u);
  EXPECT_FALSE(back->record.declared_following.has_value());
  const KeyedHash hash = HashExternalId("secret", "instagram:42");
  MakeAnonymous(PseudonymOf("instagram:42", hash), &back->record);
  const std::string bytes = EncodeAccount(*back);
  EXPECT_EQ(bytes.find("zineb"), std::string::npos);
  EXPECT_EQ(bytes.find("instagram:42"), std::string::npos);
  EXPECT_NE(bytes.find("chhiwat"), std::string::npos);
}

TEST(AccountCodec, APlaceholderIsARowWithItsPseudonymOnly) {
  for (const std::string& id :
       {std::string("instagram:~0123456789abcdef"), std::string(300, 'x')}) {
    AccountRow row;
    row.record.external_id = id;
    EXPECT_EQ(EncodePlaceholder(id), EncodeAccount(row));
  }
}

TEST(AccountCodec, NamingRule) {
  AccountRecord r;
  EXPECT_FALSE(MayBeNamed(r, 1000000, 1000));  // not known to be public
  r.is_public = true;
  EXPECT_FALSE(MayBeNamed(r, 999, 1000));
  EXPECT_TRUE(MayBeNamed(r, 1000, 1000));
  r.is_public = false;
  EXPECT_FALSE(MayBeNamed(r, 5000, 1000));
  r.opted_in = true;
  EXPECT_TRUE(MayBeNamed(r, 0, 1000));
}

TEST(KeyedHash, DependsOnTheSecret) {
  EXPECT_EQ(HashExternalId("a", "x:1"), HashExternalId("a", "x:1"));
  EXPECT_NE(HashExternalId("a", "x:1"), HashExternalId("b", "x:1"));
  EXPECT_NE(NewSecret(), NewSecret());
  // The reference vector of SipHash-2-4-128: key 00..0f, message 00..0e (Aumasson's vectors_128).
  std::string key, message;
  for (char i = 0; i < 16; ++i) key.push_back(i);
  for (char i = 0; i < 15; ++i) message.push_back(i);
  const KeyedHash hash = HashExternalId(key, message);
  EXPECT_EQ(absl::BytesToHexString(AsBytes(hash)), "5493e99933b0a8117e08ec0f97cfc3d9");
}

}  // namespace
}  // namespace halqa::store
