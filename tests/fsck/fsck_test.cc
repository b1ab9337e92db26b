// The check finds nothing in a graph that is whole, and names every kind of damage done to one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/runtime/fsck.h"
#include "engine/runtime/graph.h"
#include "engine/store/account_codec.h"
#include "engine/store/change_record.h"
#include "engine/store/edge_list.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/posting_list.h"
#include "engine/store/state_codec.h"

namespace halqa::runtime {
namespace {

namespace fs = std::filesystem;
using store::Family;
using store::Store;

constexpr UnixSeconds kNow = 1700000000;
constexpr int kAccounts = 60;

std::string Id(int i) { return absl::StrCat("instagram:", i); }

void Write(ingest::LiveGraph& live, ingest::WriteRequestBuilder* builder) {
  ingest::WriteRequest request = builder->Take();
  request.request_id = absl::StrCat(std::time(nullptr), "-", live.epoch()->tail.lsn);
  const auto ack = live.Write(std::move(request));
  ASSERT_TRUE(ack.ok()) << ack.status();
}

void AddPeople(ingest::WriteRequestBuilder* builder) {
  for (int i = 0; i < kAccounts / 2; ++i) {
    AccountRecord a;
    a.external_id = Id(i);
    a.handle = absl::StrCat("cook", i);
    a.bio = i % 2 == 0 ? "cuisine marocaine" : "football et voyage";
    a.is_public = true;
    a.declared_followers = 5000;
    ASSERT_TRUE(builder->OnAccount(a).ok());
  }
  for (int i = 0; i < 20; ++i) {
    PostRecord post;
    post.external_id = absl::StrCat("instagram:p", i);
    post.author = Id(i % 5);
    post.time = kNow + i;
    post.text = "tajine et couscous";
    ASSERT_TRUE(builder->OnPost(post).ok());
  }
}

void AddEdges(ingest::WriteRequestBuilder* builder, int step, UnixSeconds time) {
  for (int i = 0; i < kAccounts; ++i) {
    const std::string x = Id(i), y = Id((i + step) % kAccounts);
    ASSERT_TRUE(builder->OnFollow({x, y, time + i, i % 9 == 0}).ok());
    InteractionRecord like;
    like.actor = x;
    like.target = y;
    like.time = time + i;
    ASSERT_TRUE(builder->OnInteraction(like).ok());
  }
}

// A graph with two generations, a folded part and a log, made once; each test works on a copy.
class FsckTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string name = (fs::temp_directory_path() / "halqa_fsck_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    GraphOptions options;
    options.create_if_missing = true;
    auto graph = Graph::Open(root_ + "/whole", options);
    ASSERT_TRUE(graph.ok()) << graph.status();
    ingest::WriteRequestBuilder builder;
    AddPeople(&builder);
    AddEdges(&builder, 1, kNow);
    Write((*graph)->live(), &builder);
    AddEdges(&builder, 7, kNow + 1000);
    Write((*graph)->live(), &builder);
    ASSERT_TRUE((*graph)->StartRanking({}, 0).ok());
    ASSERT_TRUE((*graph)->jobs().Wait(1, absl::InfiniteFuture(), [] { return false; }).ok());
    RunContext run(1);
    ASSERT_TRUE((*graph)
                    ->Rank(
                        {}, [](const std::string&) {}, run)
                    .ok());
    for (int batch = 0; batch < 3; ++batch) {
      AddEdges(&builder, 11 + batch, kNow + 2000);
      Write((*graph)->live(), &builder);
    }
  }
  static void TearDownTestSuite() { fs::remove_all(root_); }

  void SetUp() override { fs::copy(root_ + "/whole", dir(), fs::copy_options::recursive); }
  void TearDown() override { fs::remove_all(dir()); }
  static std::string dir() { return root_ + "/copy"; }

  CheckReport Check() {
    RunContext run(2);
    const auto report = CheckDirectory(
        dir(), {}, [](const std::string&) {}, run);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : CheckReport();
  }
  CheckReport Repair() {
    RunContext run(2);
    const auto report = RepairDerived(
        dir(), {}, [](const std::string&) {}, run);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : CheckReport();
  }
  // Opens the store, lets `damage` change it and closes it.
  void Damage(const std::function<void(Store&)>& damage) {
    auto db = Store::Open(dir(), {});
    ASSERT_TRUE(db.ok()) << db.status();
    damage(**db);
    ASSERT_TRUE((*db)->Flush().ok());
  }
  // Changes one row. An empty value deletes it.
  void SetRow(Family family, const std::string& key, const std::string& value) {
    Damage([&](Store& db) {
      store::Batch batch;
      value.empty() ? batch.Delete(family, key) : batch.Put(family, key, value);
      ASSERT_TRUE(db.Write(batch, store::Durability::kSync).ok());
    });
  }
  bool HasGeneration(uint32_t number) {
    const auto db = *Store::OpenReadOnly(dir(), {});
    const auto all = db->Generations();
    return std::find(all.begin(), all.end(), number) != all.end();
  }
  void IngestRow(Family family, const std::string& key, const std::string& value) {
    Damage([&](Store& db) {
      auto sst = db.NewSst(family);
      ASSERT_TRUE(sst.ok() && (*sst)->Put(key, value).ok() && (*sst)->Finish().ok());
      ASSERT_TRUE(db.Ingest({sst->get()}).ok());
    });
  }
  std::string Row(Family family, const std::string& key) {
    auto db = Store::OpenReadOnly(dir(), {});
    EXPECT_TRUE(db.ok()) << db.status();
    auto value = (*db)->Get(family, key);
    EXPECT_TRUE(value.ok() && value->has_value());
    return value.ok() && value->has_value() ? **value : "";
  }
  std::string FirstKey(Family family, const std::string& from = "") {
    auto db = Store::OpenReadOnly(dir(), {});
    std::string first;
    EXPECT_TRUE((*db)
                    ->Scan(family, from, "",
                           [&](absl::string_view key, absl::string_view) {
                             first = std::string(key);
                             return false;
                           })
                    .ok());
    return first;
  }
  uint32_t IdOf(int i) {
    auto db = Store::OpenReadOnly(dir(), {});
    const auto hash = store::HashExternalId((*db)->id_key(), Id(i));
    return DecodeFixed32BE(**(*db)->Get(Family::kExternalToId, store::AsBytes(hash)));
  }
  // Exactly these findings: kind -> number.
  void ExpectFindings(const std::map<std::string, uint64_t>& wanted) {
    const CheckReport report = Check();
    EXPECT_EQ(report.counts, wanted);
    for (const Finding& f : report.findings) {
      if (!wanted.contains(f.kind))
        ADD_FAILURE() << f.part << " " << f.kind << " " << f.family << " " << f.key << " "
                      << f.what;
    }
  }
  static std::string Key32(uint32_t id) { return store::AccountKey(AccountId{id}); }
  static std::string root_;
};
std::string FsckTest::root_;

TEST_F(FsckTest, AWholeGraphHasNoFindings) {
  const CheckReport report = Check();
  EXPECT_THAT(report.counts, ::testing::IsEmpty());
  EXPECT_EQ(report.accounts, static_cast<uint32_t>(kAccounts));
  EXPECT_EQ(report.lsn, 5u);
  for (const CheckPart& part : report.parts) {
    EXPECT_GT(part.checked, 0u) << part.name << " checked nothing";
  }
  EXPECT_EQ(report.parts.size(), 14u);
}

TEST_F(FsckTest, AnOpenGraphIsCheckedWhileItIsWritten) {
  auto graph = Graph::Open(dir(), {});
  ASSERT_TRUE(graph.ok()) << graph.status();
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    ingest::WriteRequestBuilder builder;
    for (int i = 0; !stop; ++i) {
      AddEdges(&builder, 3 + i % 20, kNow + 5000 + i * 100);
      Write((*graph)->live(), &builder);
    }
  });
  RunContext run(2);
  for (int round = 0; round < 6; ++round) {
    const auto report = CheckLive((*graph)->live(), {}, [](const std::string&) {}, run);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(report->counts, ::testing::IsEmpty()) << "round " << round;
    if (round % 2 == 1) {
      EXPECT_TRUE((*graph)->live().Fold(run).ok());
    }
  }
  stop = true;
  writer.join();
}

TEST_F(FsckTest, AnOpenDirectoryIsRefused) {
  auto db = Store::Open(dir(), {});
  RunContext run(1);
  const auto report = CheckDirectory(
      dir(), {}, [](const std::string&) {}, run);
  EXPECT_EQ(ErrorReason(report.status()), "STORE_LOCKED");
}

TEST_F(FsckTest, ACancelAtAnyCheckpointEndsTheCheck) {
  for (uint64_t k = 1; k < 6; ++k) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    const auto report = CheckDirectory(
        dir(), {}, [](const std::string&) {}, run);
    EXPECT_TRUE(report.ok() || absl::IsCancelled(report.status())) << report.status();
  }
}

TEST_F(FsckTest, NamesTheFileWithADamagedBlock) {
  std::string path;
  for (const auto& e : fs::directory_iterator(dir() + "/rocksdb")) {
    if (e.path().extension() == ".sst") path = std::max(path, e.path().string());
  }
  std::string bytes = *ReadFile(path);
  bytes[20] = static_cast<char>(bytes[20] ^ 4);
  std::ofstream(path, std::ios::binary) << bytes;
  const CheckReport report = Check();
  ASSERT_GE(report.counts.count("file-damaged"), 1u);
  EXPECT_EQ(report.findings[0].key, fs::path(path).filename().string());
}

TEST_F(FsckTest, Settings) {
  SetRow(Family::kMeta, "next_generation", Key32(1));
  ExpectFindings({{"setting-damaged", 1}});
  SetRow(Family::kMeta, "next_generation", Key32(3));
  SetRow(Family::kMeta, "settings", "\xff\xff");
  ExpectFindings({{"setting-damaged", 1}});
}

TEST_F(FsckTest, FoldMarkerBeyondTheLog) {
  std::string marker = Row(Family::kFold, "marker");
  marker.replace(0, 8, store::LsnKey(9));
  IngestRow(Family::kFold, "marker", marker);
  const CheckReport report = Check();
  EXPECT_EQ(report.counts.at("marker-beyond-log"), 1u);
}

TEST_F(FsckTest, LogRecords) {
  std::string record = Row(Family::kChange, store::LsnKey(4));
  record[20] = static_cast<char>(record[20] ^ 1);
  SetRow(Family::kChange, store::LsnKey(4), record);
  ExpectFindings({{"log-record-damaged", 1}, {"log-hole", 1}});
}

TEST_F(FsckTest, LogHole) {
  SetRow(Family::kChange, store::LsnKey(4), "");
  const CheckReport report = Check();
  EXPECT_EQ(report.counts, (std::map<std::string, uint64_t>{{"log-hole", 1}}));
  EXPECT_EQ(report.findings[0].what, "records 4 to 4 are missing");
}

TEST_F(FsckTest, LogCutAtItsEnd) {
  SetRow(Family::kChange, store::LsnKey(5), "");
  ExpectFindings({{"log-hole", 1}});
}

// A record of another history, whole in itself.
TEST_F(FsckTest, LogChain) {
  uint64_t chain = 0;
  auto record = store::DecodeChangeRecord(Row(Family::kChange, store::LsnKey(4)), &chain);
  ASSERT_TRUE(record.ok());
  record->follows.pop_back();
  SetRow(Family::kChange, store::LsnKey(4), store::EncodeChangeRecord(*record, &chain));
  const CheckReport report = Check();
  EXPECT_EQ(report.counts, (std::map<std::string, uint64_t>{{"log-chain-broken", 1}}));
  EXPECT_EQ(report.findings[0].key, "record 5");
}

TEST_F(FsckTest, FollowRows) {
  const std::string key = store::FollowKey(AccountId{3});
  IngestRow(Family::kFollowOut, key, "\x07");
  CheckReport report = Check();
  EXPECT_EQ(report.counts.at("edge-list-damaged"), 1u);
  EXPECT_EQ(report.findings[0].key, "account 3");
}

TEST_F(FsckTest, FollowEntries) {
  std::vector<store::FollowEntry> entries;
  ASSERT_TRUE(
      store::DecodeFollows(Row(Family::kFollowOut, store::FollowKey(AccountId{3})), &entries).ok());
  const size_t before = entries.size();
  entries.push_back({3000, entries.back().word, 0});
  IngestRow(Family::kFollowOut, store::FollowKey(AccountId{3}), store::EncodeFollows(entries));
  ExpectFindings({{"edge-account-unknown", 1}, {"snapshot-edge-missing", 1}});
  entries.resize(before);
  entries[0].word = 0xfffffff0;
  IngestRow(Family::kFollowOut, store::FollowKey(AccountId{3}), store::EncodeFollows(entries));
  ExpectFindings({{"edge-newer-than-marker", 1}});
}

TEST_F(FsckTest, FollowsOfNobody) {
  const std::vector<store::FollowEntry> one = {{2, 4, 1}};
  IngestRow(Family::kFollowOut, store::FollowKey(AccountId{999}), store::EncodeFollows(one));
  ExpectFindings({{"edge-account-unknown", 1}});
}

TEST_F(FsckTest, InteractionRows) {
  IngestRow(Family::kInteractOut, Key32(5), "\x01\x01");
  ExpectFindings({{"edge-list-damaged", 1}});
  std::vector<store::InteractionEntry> entries = {{4000, 1, 0, 1}};
  IngestRow(Family::kInteractOut, Key32(5), store::EncodeInteractions(entries));
  ExpectFindings({{"edge-account-unknown", 1}});
}

// An edge that f_out lost is in the snapshot, and one it gained is not.
TEST_F(FsckTest, SnapshotAgainstRows) {
  const std::string key = store::FollowKey(AccountId{3});
  std::vector<store::FollowEntry> entries;
  ASSERT_TRUE(store::DecodeFollows(Row(Family::kFollowOut, key), &entries).ok());
  const uint32_t lost = entries[0].dst;
  entries[0].dst = 0;
  IngestRow(Family::kFollowOut, key, store::EncodeFollows(entries));
  const CheckReport report = Check();
  EXPECT_EQ(report.counts, (std::map<std::string, uint64_t>{{"snapshot-edge-extra", 1},
                                                            {"snapshot-edge-missing", 1}}));
  EXPECT_EQ(report.findings[0].key, "3 -> 0");
  EXPECT_EQ(report.findings[1].key, absl::StrCat("3 -> ", lost));
}

std::string SnapshotFile(const std::string& dir) {
  for (const auto& e : fs::directory_iterator(dir + "/snapshots")) return e.path().string();
  return "";
}

// Every byte of the in-direction counts: a snapshot written with other in-rows has right checksums.
TEST_F(FsckTest, SnapshotInDirection) {
  const std::string path = SnapshotFile(dir());
  {
    const auto snapshot = Snapshot::Open(path);
    ASSERT_TRUE(snapshot.ok());
    CsrView view = *snapshot->View();
    std::vector<VertexIndex> sources(view.in_sources.begin(), view.in_sources.end());
    // The first in-row that can take another source at its end.
    VertexIndex v = 0;
    while (view.InDegree(v) == 0 || view.In(v).back() + 1 >= view.vertices) ++v;
    ++sources[view.in_offsets[v + 1] - 1];
    view.in_sources = sources;
    ASSERT_TRUE(
        WriteSnapshot(path, snapshot->identity(), view, snapshot->vertex_to_account()).ok());
  }
  ExpectFindings({{"snapshot-in-extra", 1}, {"snapshot-in-missing", 1}});
  EXPECT_THAT(Repair().counts, ::testing::IsEmpty());
}

TEST_F(FsckTest, SnapshotBytesAndIdentity) {
  const std::string path = SnapshotFile(dir());
  const std::string whole = *ReadFile(path);
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 1);
  std::ofstream(path, std::ios::binary) << damaged;
  ExpectFindings({{"snapshot-damaged", 1}});
  fs::remove(path);
  ExpectFindings({});  // none is no damage: it is built at the next start
  std::ofstream(dir() + "/snapshots/snapshot-2") << "half";
  ExpectFindings({{"file-stray", 1}});
}

TEST_F(FsckTest, Ids) {
  const std::string key = FirstKey(Family::kExternalToId);
  const uint32_t id = DecodeFixed32BE(Row(Family::kExternalToId, key));
  SetRow(Family::kExternalToId, key, "");
  CheckReport report = Check();
  EXPECT_EQ(report.counts, (std::map<std::string, uint64_t>{{"account-without-id", 1}}));
  EXPECT_EQ(report.findings[0].key, absl::StrCat("account ", id));
  SetRow(Family::kExternalToId, key, Key32(777));
  ExpectFindings({{"account-without-id", 1}, {"id-unknown", 1}});
  SetRow(Family::kExternalToId, key, Key32(id == 0 ? 1 : 0));
  report = Check();
  EXPECT_EQ(report.counts["id-twice"], 1u);
  SetRow(Family::kExternalToId, key, "x");
  ExpectFindings({{"account-without-id", 1}, {"id-damaged", 1}});
}

TEST_F(FsckTest, AccountRows) {
  const uint32_t named = IdOf(40);  // hashed, without posts and words
  const std::string row = Row(Family::kAccount, Key32(named));
  SetRow(Family::kAccount, Key32(named), "");
  ExpectFindings({{"account-missing", 1}});
  SetRow(Family::kAccount, Key32(named), "\xff");
  ExpectFindings({{"account-damaged", 1}});
  SetRow(Family::kAccount, Key32(named), Row(Family::kAccount, Key32(IdOf(41))));
  ExpectFindings({{"account-other-id", 1}});
  SetRow(Family::kAccount, Key32(named), row);
  SetRow(Family::kAccount, Key32(500), row);
  ExpectFindings({{"account-unknown", 1}});
}

TEST_F(FsckTest, Posts) {
  const std::string key = FirstKey(Family::kPost);
  const std::string row = Row(Family::kPost, key);
  std::string elsewhere = key;
  elsewhere.replace(0, 4, Key32(IdOf(45)));  // not named: has no posts
  SetRow(Family::kPost, elsewhere, row);
  ExpectFindings({{"post-author", 1}});
  SetRow(Family::kPost, elsewhere, "");
  elsewhere.replace(0, 4, Key32(999));
  SetRow(Family::kPost, elsewhere, row);
  ExpectFindings({{"post-author", 1}});
  SetRow(Family::kPost, elsewhere, "");
  elsewhere = key;
  elsewhere.back() = static_cast<char>(elsewhere.back() ^ 1);
  SetRow(Family::kPost, elsewhere, row);
  ExpectFindings({{"post-misplaced", 1}});
}

TEST_F(FsckTest, PostingsAreNamedAndRepaired) {
  const std::string term = text::ExactTerm("marocaine");
  const std::string list = Row(Family::kPostings, term);
  auto postings = *store::DecodePostings(list);
  ASSERT_GE(postings.size(), 4u);
  postings[0].tf[0] += 1;             // wrong counts
  postings[1].document_length += 3;   // wrong length
  postings[2].document_version += 1;  // of no document
  postings.pop_back();                // missing
  SetRow(Family::kPostings, term, store::EncodePostings(postings));
  ExpectFindings({{"posting-counts", 1},
                  {"posting-length", 1},
                  {"posting-missing", 1},
                  {"posting-version", 1}});
  SetRow(Family::kPostings, text::ExactTerm("nobodysaysthis"), list);
  const CheckReport report = Check();
  EXPECT_EQ(report.counts.at("posting-extra"), postings.size() + 1);
  const CheckReport repaired = Repair();
  EXPECT_THAT(repaired.counts, ::testing::IsEmpty());
  EXPECT_FALSE(repaired.repairs.empty());
  EXPECT_EQ(Row(Family::kPostings, term), list);
}

TEST_F(FsckTest, PostingListsThatDoNotDecodeAndStatistics) {
  const std::string statistics = Row(Family::kMeta, "index_statistics");
  SetRow(Family::kPostings, text::ExactTerm("cuisine"), "\x01\x05");
  const CheckReport report = Check();
  EXPECT_EQ(report.counts.at("posting-list-damaged"), 1u);
  EXPECT_GT(report.counts.at("posting-missing"), 1u);
  SetRow(Family::kMeta, "index_statistics", std::string("\x01\x01\x01\x01\x01\x01\x01", 7));
  EXPECT_EQ(Check().counts.at("statistics-differ"), 1u);
  EXPECT_THAT(Repair().counts, ::testing::IsEmpty());
  EXPECT_EQ(Row(Family::kMeta, "index_statistics"), statistics);
}

std::string JobBytes(uint64_t id, const std::string& state) {
  store::JobRow job;
  job.id = id;
  job.state = state;
  return store::EncodeJob(job);
}

TEST_F(FsckTest, SmallRows) {
  SetRow(Family::kDedup, "r:short", "x");
  SetRow(Family::kDedup, "r:later", std::string(24, '\x7f'));
  SetRow(Family::kJobs, store::LsnKey(1), "\xff");
  SetRow(Family::kJobs, store::LsnKey(8), JobBytes(9, "RUNNING"));
  SetRow(Family::kJobs, store::LsnKey(9), JobBytes(9, "ASLEEP"));
  ExpectFindings({{"dedup-row-damaged", 1}, {"dedup-beyond-log", 1}, {"job-damaged", 3}});
}

// Erasing, merging and undoing at once, before and after each fold, and live.
TEST_F(FsckTest, PeopleWhoAreGoneLeaveNothingToFind) {
  const auto clean = [&](ingest::LiveGraph& live, const char* when) {
    RunContext run(2);
    const auto report = CheckLive(
        live, {}, [](const std::string&) {}, run);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(report->counts, ::testing::IsEmpty()) << when;
    for (const Finding& f : report->findings)
      ADD_FAILURE() << when << ": " << f.kind << " " << f.family << " " << f.key << " " << f.what;
  };
  {
    auto graph = Graph::Open(dir(), {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    ingest::LiveGraph& live = (*graph)->live();
    RunContext run(2);
    clean(live, "opened");
    ASSERT_TRUE(live.Write(ingest::EraseRequest{Id(1)}).ok());
    ASSERT_TRUE(live.Write(ingest::AliasRequest{Id(2), Id(4)}).ok());
    clean(live, "erased and merged");
    ASSERT_TRUE(live.FoldOnly(run).ok());
    clean(live, "folded");
    ingest::WriteRequestBuilder builder;
    AddEdges(&builder, 17, kNow + 3000);
    ingest::WriteRequest request = builder.Take();
    request.producer = "crawl";
    request.cursor = 1;
    ASSERT_TRUE(live.Write(std::move(request)).ok());
    clean(live, "imported");
    ASSERT_TRUE(live.FoldOnly(run).ok());
    clean(live, "import folded");
    ASSERT_TRUE(live.Write(ingest::EraseRequest{Id(4)}).ok());
    clean(live, "the merged one erased");
    ASSERT_TRUE(live.UndoImport(1, run).ok());
    clean(live, "undone");
    ASSERT_TRUE(live.Purge(0, run).ok());
    clean(live, "purged");
    ASSERT_TRUE(live.Write(ingest::AliasRequest{Id(6), Id(8)}).ok());
    ASSERT_TRUE(live.Fold(run).ok());
  }
  ExpectFindings({});
}

TEST_F(FsckTest, RowsOfPeopleAndSources) {
  {
    auto graph = Graph::Open(dir(), {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    ASSERT_TRUE((*graph)->live().Write(ingest::EraseRequest{Id(41)}).ok());
    ASSERT_TRUE((*graph)->live().Write(ingest::AliasRequest{Id(42), Id(43)}).ok());
    RunContext run(1);
    ASSERT_TRUE((*graph)->live().Fold(run).ok());
  }
  ExpectFindings({});
  const std::string erased = FirstKey(Family::kErased), alias = FirstKey(Family::kAlias);
  const std::string erasure = Row(Family::kErased, erased), hash = FirstKey(Family::kSuppress);
  SetRow(Family::kErased, erased, "\xff");
  ExpectFindings({{"erasure-damaged", 1}});
  SetRow(Family::kErased, erased, erasure);
  SetRow(Family::kAccount, erased, Row(Family::kAccount, Key32(IdOf(44))));
  SetRow(Family::kExternalToId, hash, erased);
  ExpectFindings({{"erased-still-there", 2}});
  SetRow(Family::kAccount, erased, "");
  SetRow(Family::kExternalToId, hash, "");
  const std::string merged = Row(Family::kAlias, alias);
  SetRow(Family::kAlias, alias, merged.substr(0, 12));
  EXPECT_EQ(Check().counts.at("alias-damaged"), 1u);
  SetRow(Family::kAlias, alias, merged);
  SetRow(Family::kExternalToId, merged.substr(4), "");
  ExpectFindings({{"alias-without-id", 1}});
  SetRow(Family::kExternalToId, merged.substr(4), merged.substr(0, 4));
  SetRow(Family::kUndo, Key32(9) + Key32(1) + "a" + store::LsnKey(1), "x");
  ExpectFindings({{"source-unknown", 1}});
  SetRow(Family::kSource, Key32(9), "\xff\xff");
  EXPECT_EQ(Check().counts.at("source-damaged"), 1u);
}

std::string BlockKey(const std::string& column) {
  return absl::StrCat("c/", column, "/", std::string(4, '\0'));
}
std::string WithSum(std::string bytes) {
  PutFixed64BE(Checksum64(bytes), &bytes);
  return bytes;
}

TEST_F(FsckTest, GenerationColumns) {
  const Family current = store::GenerationFamily(2);
  const std::string ranks = Row(current, BlockKey("page_rank"));
  std::string damaged = ranks;
  damaged[5] = static_cast<char>(damaged[5] ^ 1);
  IngestRow(current, BlockKey("page_rank"), damaged);
  ExpectFindings({{"generation-damaged", 1}});
  IngestRow(current, BlockKey("page_rank"), WithSum(ranks.substr(0, 8 * 10)));
  ExpectFindings({{"generation-damaged", 1}});
  IngestRow(current, BlockKey("page_rank"), ranks);
  std::string niches = Row(current, BlockKey("niche"));
  niches.resize(niches.size() - 8);
  niches[1] = '\x77';
  IngestRow(current, BlockKey("niche"), WithSum(niches));
  ExpectFindings({{"generation-damaged", 1}});
  IngestRow(current, "c/unheard/", "x");
  ExpectFindings({{"generation-damaged", 2}});
}

// The follower counts of a generation of the snapshot's very state.
TEST_F(FsckTest, Degrees) {
  const Family current = store::GenerationFamily(2);
  std::string followers = Row(current, BlockKey("followers"));
  followers.resize(followers.size() - 8);
  followers[4] = static_cast<char>(followers[4] + 1);
  IngestRow(current, BlockKey("followers"), WithSum(followers));
  const CheckReport report = Check();
  EXPECT_EQ(report.counts, (std::map<std::string, uint64_t>{{"degree-differs", 1}}));
  EXPECT_EQ(report.findings[0].key, "account 1");
  // The other generation takes its place.
  const CheckReport repaired = Repair();
  EXPECT_THAT(repaired.counts, ::testing::IsEmpty());
  EXPECT_EQ(DecodeFixed32BE(Row(Family::kMeta, "current_generation")), 1u);
  EXPECT_TRUE(Graph::Open(dir(), {}).ok());
}

TEST_F(FsckTest, GenerationRowsAndTheirNumber) {
  const Family current = store::GenerationFamily(2);
  const std::string topic = FirstKey(current, "t/");
  ASSERT_EQ(topic.substr(0, 2), "t/");
  std::string bytes = Row(current, topic);
  bytes[0] = static_cast<char>(bytes[0] ^ 1);
  IngestRow(current, topic, bytes);
  ExpectFindings({{"generation-damaged", 1}});
  IngestRow(current, topic,
            WithSum(std::string("\x01"
                                "12345678"
                                "\x00"
                                "\x02"
                                "\x05"
                                "12345678"
                                "\x00"
                                "12345678",
                                30)));
  const CheckReport report = Check();
  EXPECT_EQ(report.findings[0].what, "its accounts do not ascend");
  SetRow(Family::kMeta, "current_generation", Key32(4));
  EXPECT_EQ(Check().counts.at("generation-missing"), 1u);
  SetRow(Family::kMeta, "current_generation", Key32(1));
  EXPECT_THAT(Check().counts, ::testing::IsEmpty());  // 2 was never published: a kill's leftover
  ASSERT_TRUE(Graph::Open(dir(), {}).ok());
  EXPECT_FALSE(HasGeneration(2));
}

TEST_F(FsckTest, LeftoversOfAKillAreNoFindingAndTheNextStartRemovesThem) {
  const std::string names[] = {"/rocksdb/ingest-9.sst", "/rocksdb/000001.sst",
                               "/rocksdb/999999.sst", "/snapshots/snapshot-2.halqa.tmp"};
  auto leave = [&] {
    for (const std::string& name : names) std::ofstream(dir() + name) << "left";
  };
  auto left = [&] {
    return std::count_if(std::begin(names), std::end(names),
                         [&](const std::string& name) { return fs::exists(dir() + name); });
  };
  leave();
  ExpectFindings({});
  ASSERT_EQ(left(), 4);
  ASSERT_TRUE(Graph::Open(dir(), {}).ok());
  EXPECT_EQ(left(), 0);
  leave();
  EXPECT_THAT(Repair().counts, ::testing::IsEmpty());
  EXPECT_EQ(left(), 0);
}

TEST_F(FsckTest, ListsAFewAndCountsAll) {
  Damage([&](Store& db) {
    store::Batch batch;
    for (int i = 0; i < 500; ++i) batch.Put(Family::kDedup, absl::StrCat("r:", i), "x");
    ASSERT_TRUE(db.Write(batch, store::Durability::kSync).ok());
  });
  const CheckReport report = Check();
  EXPECT_EQ(report.counts.at("dedup-row-damaged"), 500u);
  EXPECT_EQ(report.findings.size(), CheckOptions().listed_per_kind_max);
}

}  // namespace
}  // namespace halqa::runtime
