#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/projection/projection.h"
#include "engine/projection/scan.h"
#include "engine/store/source_codec.h"

namespace halqa::projection {
namespace {

using store::Family;

class BuildSnapshotTest : public ::testing::Test {
 protected:
  BuildSnapshotTest()
      : dir_((std::filesystem::temp_directory_path() / absl::StrCat("halqa_build_", ::getpid()))
                 .string()) {
    std::filesystem::remove_all(dir_);
    store::StoreOptions options;
    options.create_if_missing = true;
    auto db = store::Store::Open(dir_, options);
    EXPECT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
  }
  ~BuildSnapshotTest() override {
    db_.reset();
    std::filesystem::remove_all(dir_);
  }

  // Events in several runs, so that rows are merged while they are scanned. `follows_` is the
  // model: the newest event of every pair.
  void Fill(uint64_t seed, uint32_t accounts) {
    CounterRng rng(seed, 4);
    for (int run = 0; run < 3; ++run) {
      std::map<uint32_t, std::vector<store::FollowEntry>> lists;
      for (int i = 0; i < 20'000; ++i) {
        const auto src = static_cast<uint32_t>(rng.Uniform() * rng.Uniform() * accounts);
        const auto dst = static_cast<uint32_t>(rng.Below(accounts));
        if (src == dst) continue;  // nobody may follow themselves
        const auto word = static_cast<uint32_t>(rng.Below(1000)) << 2 | (rng.Below(3) == 0 ? 2 : 0);
        lists[src].push_back({dst, word, static_cast<uint32_t>(1 + rng.Below(2))});
        uint32_t& newest = follows_[{src, dst}];
        newest = std::max(newest, word);
      }
      auto sst = db_->NewSst(Family::kFollowOut);
      ASSERT_TRUE(sst.ok());
      for (auto& [src, entries] : lists) {
        store::NormaliseFollows(&entries);
        ASSERT_TRUE(
            (*sst)->Merge(store::FollowKey(AccountId{src}), store::EncodeFollows(entries)).ok());
      }
      ASSERT_TRUE((*sst)->Finish().ok());
      ASSERT_TRUE(db_->Ingest({sst->get()}).ok());
    }
  }

  const std::string dir_;
  std::unique_ptr<store::Store> db_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> follows_;
};

TEST_F(BuildSnapshotTest, RowsAreTheNewestActiveFollows) {
  const uint32_t accounts = 70'000;  // several pieces
  Fill(7, accounts);
  for (const int threads : {1, 3}) {
    RunContext run(threads);
    const auto rows = ActiveFollows(*db_, nullptr, accounts, run);
    ASSERT_TRUE(rows.ok()) << rows.status();
    auto wanted = follows_.begin();
    for (uint32_t v = 0; v < accounts; ++v) {
      for (const VertexIndex target : rows->Row(v)) {
        while (wanted != follows_.end() && !store::IsActive(wanted->second)) ++wanted;
        ASSERT_NE(wanted, follows_.end());
        ASSERT_EQ(wanted->first, std::pair(v, target));
        ++wanted;
      }
    }
    while (wanted != follows_.end() && !store::IsActive(wanted->second)) ++wanted;
    EXPECT_EQ(wanted, follows_.end());
  }
}

// The quick way, which looks at the newest events only, and the way that decodes everything for a
// mask agree where the mask hides nothing that is there.
TEST_F(BuildSnapshotTest, AMaskThatHidesNothingChangesNothing) {
  const uint32_t accounts = 3'000;
  Fill(8, accounts);
  RunContext run(2);
  const auto plain = ActiveFollows(*db_, nullptr, accounts, run);
  ASSERT_TRUE(plain.ok());
  store::SourceRow undone;
  undone.undone = true;
  store::Batch batch;
  batch.Put(Family::kSource, store::NumberKey(99), store::EncodeSource(undone));
  ASSERT_TRUE(db_->Write(batch, store::Durability::kSync).ok());
  const auto mask = store::LoadMask(*db_, nullptr);
  ASSERT_TRUE(mask.ok());
  ASSERT_FALSE((*mask)->empty());
  const auto masked = ActiveFollows(*db_, nullptr, accounts, run);
  ASSERT_TRUE(masked.ok());
  for (uint32_t v = 0; v < accounts; ++v) ASSERT_EQ(masked->Row(v), plain->Row(v)) << v;
}

TEST_F(BuildSnapshotTest, ATargetThatDoesNotExistIsDamage) {
  Fill(9, 100);
  RunContext run(1);
  const auto status = BuildSnapshot(*db_, nullptr, 50, {1, 2, 3}, dir_ + "/x.halqa", run);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_EQ(ErrorReason(status), "EDGE_LIST_CORRUPT");
}

}  // namespace
}  // namespace halqa::projection
