#include "engine/ingest/reindex.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/ingest/bulk_import.h"
#include "engine/ingest/live_graph.h"
#include "engine/store/posting_list.h"

namespace halqa::ingest {
namespace {

using store::Family;
using Index = std::map<std::string, std::string>;

constexpr int kAccounts = 4500;
constexpr absl::string_view kTea =
    "version = 1\n[[topic]]\nid = \"tea\"\nlabel = { en = \"Tea\" }\n"
    "[topic.synonyms]\nary-Latn = [\"atay\"]\n";

class ReindexTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = (std::filesystem::temp_directory_path() / absl::StrCat("halqa_reindex_", ::getpid()))
               .string();
    std::filesystem::remove_all(dir_);
    BulkImporter importer({});
    for (int i = 0; i < kAccounts; ++i) {
      AccountRecord account;
      account.external_id = absl::StrCat("instagram:", i);
      account.handle = absl::StrCat("account", i);
      account.bio = i % 3 == 0 ? "cuisine marocaine, atay" : "football";
      account.is_public = true;
      account.declared_followers = 50000;
      ASSERT_TRUE(importer.OnAccount(account).ok());
    }
    RunContext run(2);
    ASSERT_TRUE(importer.Finish(dir_, run).ok());
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::unique_ptr<store::Store> OpenStore() {
    auto db = store::Store::Open(dir_, {});
    EXPECT_TRUE(db.ok()) << db.status();
    return *std::move(db);
  }
  static Index Content(const store::Store& db) {
    Index index;
    EXPECT_TRUE(db.Scan(Family::kPostings, "", "", [&](auto term, auto list) {
                    index[std::string(term)] = std::string(list);
                    return true;
                  }).ok());
    for (const auto name : {store::meta::kIndexStatistics, store::meta::kIndexedBy}) {
      index[absl::StrCat("meta ", name)] = db.Get(Family::kMeta, name)->value_or("");
    }
    return index;
  }
  static void Spoil(store::Store& db) {
    store::Batch batch;
    batch.Put(Family::kMeta, store::meta::kIndexedBy, "older rules");
    batch.Put(Family::kMeta, store::meta::kIndexStatistics, "");
    batch.Put(Family::kPostings, "e:cuisine", "x");
    batch.Delete(Family::kPostings, "t:food");
    ASSERT_TRUE(db.Write(batch, store::Durability::kSync).ok());
  }
  std::string dir_;
};

TEST_F(ReindexTest, MakesWhatTheImportMade) {
  auto db = OpenStore();
  const Index before = Content(*db);
  ASSERT_EQ(before.count("t:food"), 1u);
  Spoil(*db);
  RunContext run(2);
  ASSERT_TRUE(ReindexIfNeeded(*db, text::Taxonomy::Default(), kAccounts, run).ok());
  EXPECT_EQ(Content(*db), before);
}

TEST_F(ReindexTest, DoesNothingWhereTheRulesAreThese) {
  auto db = OpenStore();
  store::Batch batch;
  batch.Put(Family::kPostings, "e:stray", "x");
  ASSERT_TRUE(db->Write(batch, store::Durability::kSync).ok());
  RunContext run(1);
  ASSERT_TRUE(ReindexIfNeeded(*db, text::Taxonomy::Default(), kAccounts, run).ok());
  EXPECT_EQ(run.checkpoints(), 0u);
  EXPECT_EQ(Content(*db).count("e:stray"), 1u);
}

TEST_F(ReindexTest, CutAnywhereItBeginsAgainAtTheNextOpen) {
  Index before;
  {
    auto db = OpenStore();
    before = Content(*db);
    Spoil(*db);
    RunContext whole(1);
    ASSERT_TRUE(ReindexIfNeeded(*db, text::Taxonomy::Default(), kAccounts, whole).ok());
    for (uint64_t k = whole.checkpoints(); k > 0; --k) {
      RunContext run(1);
      run.CancelAtCheckpoint(k);
      Spoil(*db);
      const absl::Status status = ReindexIfNeeded(*db, text::Taxonomy::Default(), kAccounts, run);
      // Fewer terms to drop than the first time: the last checkpoints may not come.
      EXPECT_TRUE(status.ok() || ErrorReason(status) == "CANCELLED") << status;
      EXPECT_EQ(*index::IndexedBy(*db, text::Taxonomy::Default()), status.ok());
    }
  }
  auto graph = LiveGraph::Open(dir_, {}, {});
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(Content((*graph)->db()), before);
}

TEST_F(ReindexTest, AnotherTaxonomyGivesOtherTopics) {
  {
    auto db = OpenStore();
    store::Batch batch;
    batch.Put(Family::kMeta, store::meta::kTaxonomy, kTea);
    ASSERT_TRUE(db->Write(batch, store::Durability::kSync).ok());
  }
  auto graph = LiveGraph::Open(dir_, {}, {});
  ASSERT_TRUE(graph.ok()) << graph.status();
  const Index index = Content((*graph)->db());
  EXPECT_EQ(index.count("t:tea"), 1u);
  EXPECT_EQ(index.count("t:food"), 0u);
  EXPECT_EQ((*graph)->taxonomy().topics().size(), 1u);
}

TEST_F(ReindexTest, ADamagedTaxonomyIsSaid) {
  {
    auto db = OpenStore();
    store::Batch batch;
    batch.Put(Family::kMeta, store::meta::kTaxonomy, "no toml");
    ASSERT_TRUE(db->Write(batch, store::Durability::kSync).ok());
  }
  EXPECT_EQ(ErrorReason(LiveGraph::Open(dir_, {}, {}).status()), "TAXONOMY_DAMAGED");
}

}  // namespace
}  // namespace halqa::ingest
