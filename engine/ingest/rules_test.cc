// The rules of the write path (docs/ARCHITECTURE.md), where no other test would fail without them.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/ingest/find_account.h"
#include "engine/ingest/live_graph.h"
#include "engine/ingest/replace_followers.h"

namespace halqa::ingest {
namespace {

namespace fs = std::filesystem;
using store::Family;

constexpr UnixSeconds kNow = 1700000000;

std::string Id(uint64_t i) { return absl::StrCat("instagram:", i); }

WriteRequest OneFollow(uint64_t a, uint64_t b, UnixSeconds time = kNow) {
  WriteRequestBuilder builder;
  const std::string x = Id(a), y = Id(b);
  EXPECT_TRUE(builder.OnFollow({x, y, time, false}).ok());
  return builder.Take();
}

class RulesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = (fs::temp_directory_path() / absl::StrCat("halqa_rules_", ::getpid())).string();
    fs::remove_all(dir_);
    Open();
  }
  void TearDown() override {
    graph_.reset();
    fs::remove_all(dir_);
  }
  void Open(const LiveGraphOptions& options = {}) {
    graph_.reset();
    auto graph = LiveGraph::Open(dir_, {.create_if_missing = true}, options);
    ASSERT_TRUE(graph.ok()) << graph.status();
    graph_ = std::move(*graph);
  }
  absl::StatusOr<WriteAck> Write(WriteRequest request, const std::string& producer = "") {
    request.producer = producer;
    if (!producer.empty()) request.cursor = ++cursor_;
    return graph_->Write(std::move(request));
  }
  std::set<Lsn> Records() {
    std::set<Lsn> lsns;
    EXPECT_TRUE(graph_->db()
                    .Scan(Family::kChange, "", "",
                          [&](absl::string_view key, absl::string_view) {
                            lsns.insert(DecodeFixed64BE(key));
                            return true;
                          })
                    .ok());
    return lsns;
  }
  uint64_t Degree(uint64_t account, Direction direction) {
    const auto id = FindAccount(graph_->db(), Id(account));
    EXPECT_TRUE(id.ok());
    return *id ? *MergedDegree(graph_->epoch()->At(), **id, direction) : 0;
  }
  store::AccountRow Row(uint64_t account) {
    const auto id = *FindAccount(graph_->db(), Id(account));
    const auto bytes = graph_->db().Get(Family::kAccount, store::AccountKey(*id));
    return *store::DecodeAccount(**bytes);
  }
  std::string dir_;
  std::unique_ptr<LiveGraph> graph_;
  uint64_t cursor_ = 0;
};

// Rules 1 and 2.
TEST_F(RulesTest, RecordsStayUntilTheSnapshotHoldsThemAndTheLastAlways) {
  RunContext run(1);
  for (uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(Write(OneFollow(i, 100)).ok());
  ASSERT_TRUE(graph_->FoldOnly(run).ok());
  EXPECT_EQ(graph_->folded_lsn(), 5u);
  EXPECT_EQ(Records(), (std::set<Lsn>{1, 2, 3, 4, 5})) << "the snapshot does not hold them yet";
  Open();
  EXPECT_EQ(Degree(100, Direction::kIn), 5u);
  ASSERT_TRUE(graph_->Fold(run).ok());
  EXPECT_EQ(Records(), (std::set<Lsn>{5}));
  ASSERT_TRUE(Write(OneFollow(6, 100)).ok());
  EXPECT_EQ(graph_->epoch()->tail.lsn, 6u);
}

TEST_F(RulesTest, AFoldMarkerBeyondTheLogIsDataLoss) {
  ASSERT_TRUE(Write(OneFollow(1, 2)).ok());
  graph_.reset();
  {
    auto db = store::Store::Open(dir_, {});
    auto sst = (*db)->NewSst(Family::kFold);
    ASSERT_TRUE((*sst)->Put(store::meta::kFoldMarker, EncodeMarker({9, 9}, {})).ok());
    ASSERT_TRUE((*sst)->Finish().ok());
    ASSERT_TRUE((*db)->Ingest({sst->get()}).ok());
  }
  EXPECT_EQ(ErrorReason(LiveGraph::Open(dir_, {}, {}).status()), "LOG_HOLE");
}

// Rule 2: what a power loss may take back is in no fold.
TEST_F(RulesTest, RelaxedWritesAreSyncedSoonAndBeforeAFold) {
  WriteRequest request = OneFollow(1, 2);
  request.relaxed = true;
  const auto ack = Write(std::move(request));
  ASSERT_TRUE(ack.ok());
  EXPECT_FALSE(ack->durable);
  EXPECT_EQ(Degree(2, Direction::kIn), 1u);
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(kRelaxedLossMs);
  while (graph_->epoch()->durable_lsn < ack->lsn && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(graph_->epoch()->durable_lsn, ack->lsn);
  request = OneFollow(3, 2);
  request.relaxed = true;
  const auto second = Write(std::move(request));
  RunContext run(1);
  ASSERT_TRUE(graph_->FoldOnly(run).ok());
  EXPECT_GE(graph_->epoch()->durable_lsn, second->lsn);
  EXPECT_TRUE(Write(OneFollow(4, 2))->durable);
}

// Rule 3: a full delta makes writers wait, and nothing is lost.
TEST_F(RulesTest, AFullDeltaMakesWritersWaitForTheFold) {
  LiveGraphOptions options;
  options.fold_edges = 50;
  options.delta_edges_max = 60;
  options.snapshot_edges = 200;
  Open(options);
  WriteRequestBuilder builder;
  for (uint64_t batch = 0; batch < 60; ++batch) {
    for (uint64_t i = 0; i < 10; ++i) {
      const std::string x = Id(1000 + batch * 10 + i), y = Id(1);
      ASSERT_TRUE(builder.OnFollow({x, y, kNow, false}).ok());
    }
    ASSERT_TRUE(Write(builder.Take()).ok());
  }
  EXPECT_EQ(Degree(1, Direction::kIn), 600u);
  EXPECT_GE(graph_->counters().folds.load(), 8u);
  EXPECT_GE(graph_->counters().snapshots.load(), 1u);
}

// Rule 4: a poison batch is rejected whole, its cursor unchanged; lenient goes on with the rest.
TEST_F(RulesTest, APoisonBatchLeavesTheCursorAndLenientAdvancesIt) {
  auto poison = [] {
    WriteRequest r = OneFollow(1, 2);
    r.ids.push_back("no platform");
    r.follows.push_back({0, 2, kNow, false});
    r.follows.push_back({0, 7, kNow, false});
    r.producer = "p";
    r.cursor = 1;
    return r;
  };
  EXPECT_EQ(ErrorReason(graph_->Write(poison()).status()), "INVALID_EXTERNAL_ID");
  EXPECT_EQ(Degree(2, Direction::kIn), 0u);
  WriteRequest lenient = poison();
  const auto rejects = RemoveBadRows(&lenient, std::time(nullptr));
  ASSERT_TRUE(rejects.ok());
  ASSERT_EQ(rejects->size(), 2u);
  EXPECT_EQ((*rejects)[0].field, "follows[1].followee");
  EXPECT_EQ((*rejects)[0].reason, "INVALID_EXTERNAL_ID");
  EXPECT_EQ((*rejects)[1].field, "follows[2].followee");
  lenient.checked = true;
  ASSERT_TRUE(graph_->Write(std::move(lenient)).ok());
  EXPECT_EQ(Degree(2, Direction::kIn), 1u);
  WriteRequest next = OneFollow(3, 2);
  next.producer = "p";
  next.cursor = 2;
  EXPECT_TRUE(graph_->Write(std::move(next)).ok());
}

WriteRequest Profile(uint64_t account, const std::string& bio, const std::string& post = "") {
  WriteRequest request;
  AccountRecord record;
  record.external_id = Id(account);
  record.handle = absl::StrCat("handle", account);
  record.bio = bio;
  record.is_public = true;
  record.opted_in = true;
  request.accounts.push_back(record);
  if (!post.empty()) {
    PostRecord p;
    p.external_id = absl::StrCat("instagram:p", post.size());
    p.author = Id(account);
    p.time = kNow;
    p.text = post;
    request.posts.push_back(p);
  }
  return request;
}

// Rule 6: after the upkeep no file holds a byte of what was erased.
TEST_F(RulesTest, AnErasureReachesEveryByte) {
  ASSERT_TRUE(Write(Profile(1, "canary_biography", "canary_post_text"), "import").ok());
  WriteRequest follow = OneFollow(1, 2);
  follow.ids[0] = "instagram:1";
  ASSERT_TRUE(Write(std::move(follow)).ok());
  const auto ack = graph_->Write(EraseRequest{Id(1)});
  ASSERT_TRUE(ack.ok());
  EXPECT_EQ(ack->erasure->posts, 1u);
  EXPECT_EQ(ack->erasure->following, 1u);
  EXPECT_TRUE(ack->erasure->had_profile);
  EXPECT_EQ(Degree(2, Direction::kIn), 0u);
  RunContext run(1);
  ASSERT_TRUE(graph_->Fold(run).ok());
  ASSERT_TRUE(graph_->Purge(0, run).ok());
  graph_.reset();
  for (const auto& entry : fs::recursive_directory_iterator(dir_)) {
    if (!entry.is_regular_file()) continue;
    const auto bytes = ReadFile(entry.path().string());
    ASSERT_TRUE(bytes.ok());
    for (const char* canary : {"canary_bio", "canary_post", "handle1", "instagram:1"})
      EXPECT_EQ(bytes->find(canary), std::string::npos) << entry.path() << " " << canary;
  }
  Open();
  // The same file again, and the same person as a neighbour: both stay out.
  const auto again = Write(Profile(1, "canary_biography"), "import");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->suppressed_rows, 1u);
  EXPECT_EQ(Write(OneFollow(3, 1))->suppressed_rows, 1u);
  EXPECT_FALSE(FindAccount(graph_->db(), Id(1))->has_value());
  const auto receipt = graph_->Write(EraseRequest{Id(1)});
  EXPECT_TRUE(receipt->duplicate);
  EXPECT_EQ(receipt->erasure->lsn, ack->erasure->lsn);
}

// Rule 12: what an import wrote over comes back; what somebody changed since stays.
TEST_F(RulesTest, UndoingAnImportPutsProfilesAndPostsBack) {
  ASSERT_TRUE(Write(Profile(1, "before", "short")).ok());
  ASSERT_TRUE(Write(Profile(2, "before")).ok());
  ASSERT_TRUE(Write(Profile(1, "imported", "a longer post")).ok() == true);
  const auto untouched = Row(1).record.bio;
  ASSERT_TRUE(Write(Profile(1, "by the import", "the longest post of all"), "import").ok());
  ASSERT_TRUE(Write(Profile(2, "by the import"), "import").ok());
  ASSERT_TRUE(Write(Profile(3, "new by the import"), "import").ok());
  ASSERT_TRUE(Write(Profile(2, "by hand since")).ok());
  RunContext run(1);
  const auto sources = SourceTable::Load(graph_->db());
  const auto report = graph_->UndoImport(sources->numbers.at("import"), run);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->restored, 2u);
  EXPECT_EQ(report->kept, 1u);
  EXPECT_EQ(Row(1).record.bio, untouched);
  EXPECT_EQ(Row(2).record.bio, "by hand since");
  EXPECT_FALSE(Row(3).record.bio.has_value());
  EXPECT_EQ(LoadPosts(graph_->db(), **FindAccount(graph_->db(), Id(1)))->size(), 2u);
  EXPECT_EQ(ErrorReason(Write(OneFollow(1, 2), "import").status()), "IMPORT_UNDONE");
}

TEST_F(RulesTest, ExpiredProfilesAndSourcesGo) {
  WriteRequest request = Profile(1, "expires", "a post");
  request.accounts[0].provenance.expires_at = kNow + 10;
  ASSERT_TRUE(Write(std::move(request)).ok());
  // An update does not prolong it.
  request = Profile(1, "expires later");
  request.accounts[0].provenance.expires_at = kNow + 1'000'000'000;
  ASSERT_TRUE(Write(std::move(request)).ok());
  request = OneFollow(2, 3);
  request.provenance.expires_at = kNow + 20;
  ASSERT_TRUE(Write(std::move(request), "crawl").ok());
  RunContext run(1);
  const auto report = graph_->Purge(0, run);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->expired_profiles, 1u);
  EXPECT_EQ(report->expired_sources, 1u);
  EXPECT_FALSE(Row(1).named);
  EXPECT_FALSE(Row(1).record.bio.has_value());
  EXPECT_EQ(LoadPosts(graph_->db(), **FindAccount(graph_->db(), Id(1)))->size(), 0u);
  EXPECT_EQ(Degree(3, Direction::kIn), 0u);
}

TEST_F(RulesTest, ACompleteListOfFollowersDerivesTheRemovals) {
  RunContext run(1);
  auto replace = [&](std::vector<uint64_t> followers, UnixSeconds as_of) {
    FollowerList list{Id(1), as_of, {}, {}};
    for (uint64_t f : followers) list.followers.push_back(Id(f));
    auto report = ReplaceFollowers(*graph_, list, run);
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  };
  auto report = replace({10, 11, 12, 10}, kNow);
  EXPECT_EQ(report.followers, 3u);
  EXPECT_EQ(report.added, 3u);
  ASSERT_TRUE(Write(OneFollow(20, 1, kNow + 500)).ok());
  report = replace({11, 12, 13}, kNow + 100);
  EXPECT_EQ(report.added, 1u);
  EXPECT_EQ(report.removed, 2u);
  // 10 has left; 20 began to follow after the list was made, and stays.
  EXPECT_EQ(Degree(10, Direction::kOut), 0u);
  EXPECT_EQ(Degree(20, Direction::kOut), 1u);
  EXPECT_EQ(Degree(1, Direction::kIn), 4u);
  report = replace({11, 12, 13, 20}, kNow + 100);
  EXPECT_EQ(report.added + report.removed, 0u);
  EXPECT_EQ(ErrorReason(ReplaceFollowers(*graph_, {Id(1), 0, {}, {}}, run).status()),
            "AS_OF_REQUIRED");
  EXPECT_EQ(ErrorReason(ReplaceFollowers(*graph_, {Id(1), kNow, {Id(1)}, {}}, run).status()),
            "SELF_LOOP");
}

}  // namespace
}  // namespace halqa::ingest
