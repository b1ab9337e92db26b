// Backups made while the graph is written, restored and compared with a model that lives outside
// the store. HALQA_BACKUP_ROUNDS (default 8) is the number of rounds under load, HALQA_SEED the
// seed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/random.h"
#include "engine/ingest/live_graph.h"
#include "engine/runtime/admin.h"
#include "engine/runtime/fsck.h"
#include "engine/store/backup.h"
#include "engine/store/backup_files.h"
#include "engine/store/restore.h"
#include "tests/support/store_content.h"

namespace halqa {
namespace {

namespace fs = std::filesystem;
using ingest::LiveGraph;
using testing::ContentOf;
using testing::StoreContent;

constexpr UnixSeconds kNow = 1700000000;

uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

std::string Id(uint64_t i) { return absl::StrCat("instagram:", i); }

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "halqa_backup_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    Open();
  }
  void TearDown() override {
    graph_.reset();
    if (!HasFailure()) fs::remove_all(root_);
  }
  void Open() {
    graph_.reset();
    auto graph = LiveGraph::Open(Path("graph"), {.create_if_missing = true}, {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    graph_ = std::move(*graph);
  }
  std::string Path(const std::string& name) const { return (root_ / name).string(); }

  void Follow(uint64_t a, uint64_t b, UnixSeconds t = kNow, bool removed = false) {
    ingest::WriteRequestBuilder builder;
    const std::string x = Id(a), y = Id(b);
    ASSERT_TRUE(builder.OnFollow({x, y, t, removed}).ok());
    const auto ack = graph_->Write(builder.Take());
    ASSERT_TRUE(ack.ok()) << ack.status();
  }
  absl::StatusOr<store::BackupInfo> Create() {
    RunContext run(1);
    return store::CreateBackup(graph_->db(), Path("backups"), {}, run);
  }
  absl::StatusOr<store::RestoreReport> Restore(uint32_t id, const std::string& target,
                                               std::vector<std::string> erased_from = {}) {
    RunContext run(1);
    return runtime::RestoreGraph({Path("backups"), id, Path(target), std::move(erased_from), {}},
                                 options_, run);
  }
  std::unique_ptr<store::Store> OpenStore(const std::string& name) {
    auto db = store::Store::Open(Path(name), {});
    EXPECT_TRUE(db.ok()) << db.status();
    return db.ok() ? *std::move(db) : nullptr;
  }

  fs::path root_;
  runtime::GraphOptions options_;
  std::unique_ptr<LiveGraph> graph_;
};

TEST_F(BackupTest, RestoresWhatWasThereAndNothingLater) {
  Follow(1, 2);
  Follow(2, 3);
  const StoreContent wanted = ContentOf(graph_->db());
  const auto first = Create();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->id, 1u);
  EXPECT_EQ(first->lsn, 2u);
  EXPECT_EQ(first->accounts, 3u);
  EXPECT_EQ(first->timeline, graph_->db().timeline());
  Follow(3, 1);
  const auto second = Create();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->lsn, 3u);

  const auto report = Restore(1, "restored");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(fs::exists(Path("restored.restoring")));
  const auto db = OpenStore("restored");
  testing::ExpectSameContent(ContentOf(*db), wanted);
  EXPECT_EQ(db->secret(), graph_->db().secret());
}

TEST_F(BackupTest, ARestoreHasATimelineOfItsOwn) {
  Follow(1, 2);
  RunContext run(1);
  ASSERT_TRUE(graph_->Fold(run).ok());
  ASSERT_TRUE(Create().ok());
  const auto one = Restore(1, "one");
  const auto two = Restore(1, "two");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->timeline, graph_->db().timeline());
  EXPECT_NE(one->timeline, two->timeline);
  // A snapshot of the old history is refused and built again, aloud.
  fs::create_directories(Path("one/snapshots"));
  for (const auto& file : fs::directory_iterator(Path("graph/snapshots")))
    fs::copy(file.path(), fs::path(Path("one/snapshots")) / file.path().filename(),
             fs::copy_options::overwrite_existing);
  std::vector<std::string> lines;
  ingest::LiveGraphOptions options;
  options.log = [&](const std::string& line) { lines.push_back(line); };
  const auto graph = LiveGraph::Open(Path("one"), {}, options);
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_THAT(lines, ::testing::ElementsAre(::testing::HasSubstr("belongs to another timeline"),
                                            ::testing::HasSubstr("building the snapshot")));
  EXPECT_EQ((*graph)->epoch()->snapshot->identity().timeline_id, one->timeline);
  EXPECT_EQ((*graph)->epoch()->snapshot->arcs(), 1u);
}

TEST_F(BackupTest, ARestoreNeverWritesOverAnything) {
  Follow(1, 2);
  ASSERT_TRUE(Create().ok());
  fs::create_directories(Path("there"));
  EXPECT_EQ(ErrorReason(Restore(1, "there").status()), "RESTORE_TARGET_EXISTS");
  EXPECT_EQ(ErrorReason(Restore(1, "graph").status()), "RESTORE_TARGET_EXISTS");
  EXPECT_EQ(ErrorReason(Restore(7, "new").status()), "BACKUP_NOT_FOUND");
  EXPECT_FALSE(fs::exists(Path("new")));
  EXPECT_FALSE(fs::exists(Path("new.restoring")));
}

// What a killed restore left is no target, and no obstacle.
TEST_F(BackupTest, AnUnfinishedRestoreIsRemovedByTheNext) {
  Follow(1, 2);
  ASSERT_TRUE(Create().ok());
  fs::create_directories(Path("new.restoring/rocksdb"));
  std::ofstream(Path("new.restoring/rocksdb/CURRENT")) << "half";
  EXPECT_TRUE(Restore(1, "new").ok());
  EXPECT_EQ(ContentOf(*OpenStore("new")).lsn, 1u);
}

TEST_F(BackupTest, SecondBackupCopiesOnlyWhatIsNew) {
  CounterRng rng(3, 0);
  for (int batch = 0; batch < 8; ++batch) {
    ingest::WriteRequestBuilder builder;
    for (int i = 0; i < 8000; ++i) {
      const std::string x = Id(rng.Below(20000)), y = absl::StrCat("instagram:to", i % 997);
      ASSERT_TRUE(builder.OnFollow({x, y, kNow + i, false}).ok());
    }
    ASSERT_TRUE(graph_->Write(builder.Take()).ok());
  }
  RunContext run(1);
  ASSERT_TRUE(graph_->Fold(run).ok());
  ASSERT_TRUE(graph_->db().Flush().ok());
  const auto first = Create();
  Follow(1, 2);
  const auto second = Create();
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_GT(second->bytes, first->bytes / 2);
  EXPECT_LT(second->added_bytes, first->added_bytes / 4);
}

TEST_F(BackupTest, DeletesAndKeepsTheNewest) {
  for (uint64_t i = 0; i < 4; ++i) {
    Follow(i, i + 1);
    ASSERT_TRUE(Create().ok());
  }
  ASSERT_TRUE(store::DeleteBackup(Path("backups"), 2).ok());
  EXPECT_EQ(ErrorReason(store::DeleteBackup(Path("backups"), 2)), "BACKUP_NOT_FOUND");
  const auto gone = store::KeepNewestBackups(Path("backups"), 1);
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_THAT(*gone, ::testing::ElementsAre(1, 3));
  const auto left = store::ListBackups(Path("backups"));
  ASSERT_TRUE(left.ok());
  ASSERT_EQ(left->size(), 1u);
  EXPECT_EQ((*left)[0].lsn, 4u);
  EXPECT_TRUE(store::VerifyBackup(Path("backups"), (*left)[0].id).ok());
  EXPECT_EQ(ErrorReason(store::ListBackups(Path("graph")).status()), "NO_BACKUPS");
}

// A backup that was cut has no description: it does not count and goes with the next one.
TEST_F(BackupTest, AnUnfinishedBackupDoesNotCount) {
  Follow(1, 2);
  ASSERT_TRUE(Create().ok());
  fs::remove(store::DescriptionPath(Path("backups"), 1));
  EXPECT_TRUE(store::ListBackups(Path("backups"))->empty());
  EXPECT_EQ(ErrorReason(Restore(1, "new").status()), "BACKUP_NOT_FOUND");
  const auto next = Create();
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_TRUE(store::VerifyBackup(Path("backups"), next->id).ok());
  EXPECT_EQ(store::ListBackups(Path("backups"))->size(), 1u);
}

TEST_F(BackupTest, ACancelLeavesTheBackupsThatWere) {
  Follow(1, 2);
  ASSERT_TRUE(Create().ok());
  uint64_t cancelled = 0;
  for (uint64_t k = 1;; ++k) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    const auto cut = store::CreateBackup(graph_->db(), Path("backups"), {}, run);
    if (cut.ok()) break;  // made: the last checkpoint only reports
    ++cancelled;
    EXPECT_TRUE(absl::IsCancelled(cut.status())) << cut.status();
    EXPECT_EQ(store::ListBackups(Path("backups"))->size(), 1u) << "cancelled at " << k;
    EXPECT_TRUE(store::VerifyBackup(Path("backups"), 1).ok());
  }
  EXPECT_GE(cancelled, 3u);
}

TEST_F(BackupTest, OneDirectoryHoldsBackupsOfOneGraph) {
  Follow(1, 2);
  ASSERT_TRUE(Create().ok());
  const auto other = store::Store::Open(Path("other"), {.create_if_missing = true});
  ASSERT_TRUE(other.ok());
  RunContext run(1);
  EXPECT_EQ(ErrorReason(store::CreateBackup(**other, Path("backups"), {}, run).status()),
            "BACKUP_OF_OTHER_GRAPH");
  // A restored graph is the same graph: its backups go on in the same directory.
  ASSERT_TRUE(Restore(1, "restored").ok());
  const auto db = OpenStore("restored");
  const auto more = store::CreateBackup(*db, Path("backups"), {}, run);
  ASSERT_TRUE(more.ok()) << more.status();
  EXPECT_EQ(more->timeline, db->timeline());
}

// Backup, then erase, then restore: the person stays erased, by the list beside the backups or by
// the directory that was left.
TEST_F(BackupTest, ErasedPeopleStayErased) {
  Follow(1, 2);
  Follow(2, 3);
  Follow(3, 4);
  ASSERT_TRUE(Create().ok());
  const auto hash = [&](uint64_t i) {
    return std::string(store::AsBytes(store::HashExternalId(graph_->db().id_key(), Id(i))));
  };
  ASSERT_TRUE(graph_->Write(ingest::EraseRequest{Id(2)}).ok());
  ASSERT_TRUE(graph_->Write(ingest::EraseRequest{Id(77)}).ok());  // whom no backup knows
  ASSERT_TRUE(Create().ok());
  const auto listed = Restore(1, "listed");
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->erasures, 2u);
  EXPECT_EQ(listed->erased, 1u);
  {
    const auto restored = LiveGraph::Open(Path("listed"), {}, {});
    ASSERT_TRUE(restored.ok()) << restored.status();
    const store::Store& db = (*restored)->db();
    EXPECT_TRUE(db.Get(store::Family::kSuppress, hash(2))->has_value());
    EXPECT_TRUE(db.Get(store::Family::kSuppress, hash(77))->has_value());
    EXPECT_FALSE(db.Get(store::Family::kExternalToId, hash(2))->has_value());
    const StoreContent content = ContentOf(db);
    EXPECT_EQ(content.accounts.size(), 3u);
    EXPECT_EQ((*restored)->epoch()->snapshot->arcs(), 1u);  // 3 -> 4
    // Nor does the next import bring the person back.
    ingest::WriteRequestBuilder builder;
    const std::string x = Id(2), y = Id(4);
    ASSERT_TRUE(builder.OnFollow({x, y, kNow, false}).ok());
    const auto ack = (*restored)->Write(builder.Take());
    ASSERT_TRUE(ack.ok()) << ack.status();
    EXPECT_EQ(ack->suppressed_rows, 1u);
  }
  // Erased after the last backup: only the old directory knows.
  ASSERT_TRUE(graph_->Write(ingest::EraseRequest{Id(3)}).ok());
  graph_.reset();
  const auto both = Restore(1, "both", {Path("graph")});
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->erased, 2u);
  EXPECT_EQ(ContentOf(*OpenStore("both")).accounts.size(), 2u);
  RunContext run(1);
  const auto check = runtime::CheckDirectory(
      Path("both"), {}, [](const std::string&) {}, run);
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_THAT(check->counts, ::testing::IsEmpty());
  // Another graph's erasures are none of this one's.
  ASSERT_TRUE(store::Store::Open(Path("other"), {.create_if_missing = true}).ok());
  EXPECT_EQ(ErrorReason(Restore(1, "third", {Path("other")}).status()), "ERASURES_OF_OTHER_GRAPH");
  EXPECT_FALSE(fs::exists(Path("third")));
}

TEST_F(BackupTest, AListOfErasuresThatCannotBeTrustedStopsTheRestore) {
  Follow(1, 2);
  for (uint64_t i = 5; i < 10; ++i) ASSERT_TRUE(graph_->Write(ingest::EraseRequest{Id(i)}).ok());
  ASSERT_TRUE(Create().ok());
  const std::string path = store::ErasuresPath(Path("backups"));
  const std::string whole = *ReadFile(path);
  for (size_t i = 0; i < whole.size(); i += 13) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    ASSERT_TRUE(WriteFileDurably(path, damaged).ok());
    EXPECT_EQ(ErrorReason(Restore(1, "new").status()), "ERASURES_DAMAGED") << "byte " << i;
  }
  ASSERT_TRUE(WriteFileDurably(path, whole.substr(0, whole.size() / 2)).ok());
  EXPECT_EQ(ErrorReason(Restore(1, "new").status()), "ERASURES_DAMAGED");
  fs::remove(path);
  EXPECT_EQ(ErrorReason(Restore(1, "new").status()), "ERASURES_DAMAGED");
  ASSERT_TRUE(WriteFileDurably(path, whole).ok());
  EXPECT_TRUE(Restore(1, "new").ok());
}

// All files that a restore of `id` reads, without the list of erasures and the lock.
std::vector<fs::path> FilesOf(const fs::path& backups, uint32_t id) {
  std::vector<fs::path> files = {store::DescriptionPath(backups.string(), id),
                                 backups / "meta" / absl::StrCat(id)};
  for (const auto& e : fs::recursive_directory_iterator(backups / "private" / absl::StrCat(id)))
    if (e.is_regular_file()) files.push_back(e.path());
  const std::string meta = *ReadFile(files[1].string());
  for (const auto& e : fs::recursive_directory_iterator(backups / "shared_checksum"))
    if (meta.find(e.path().filename().string()) != std::string::npos) files.push_back(e.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Flips one bit, or cuts the file, and puts it back.
class Damage {
 public:
  Damage(const fs::path& path, CounterRng& rng) : path_(path), whole_(*ReadFile(path.string())) {
    std::string damaged = whole_;
    if (rng.Below(8) == 0) {
      damaged.resize(rng.Below(whole_.size()));
      what_ = absl::StrCat(path.string(), " cut to ", damaged.size());
    } else {
      const uint64_t at = rng.Below(whole_.size());
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << rng.Below(8)));
      what_ = absl::StrCat(path.string(), " byte ", at);
    }
    std::ofstream(path_, std::ios::binary) << damaged;
  }
  ~Damage() { std::ofstream(path_, std::ios::binary) << whole_; }
  const std::string& what() const { return what_; }

 private:
  const fs::path path_;
  const std::string whole_;
  std::string what_;
};

// One writer that goes on while backups are made, and what it was told is durable.
class Load {
 public:
  Load(LiveGraph* graph, uint64_t seed) : graph_(graph), rng_(seed, 0) {}
  void Start() {
    thread_ = std::thread([this] {
      while (!stop_) Step();
    });
  }
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // The model at one record: the rows of all batches up to it.
  StoreContent At(uint64_t lsn, const StoreContent& ids) const {
    StoreContent model;
    std::lock_guard lock(mutex_);
    for (const auto& [at, batch] : acknowledged_) {
      if (at > lsn) break;
      for (const auto& f : batch.follows) {
        const auto state = f.removed ? store::FollowState::kRemoved : store::FollowState::kActive;
        const uint32_t word = store::MakeStateWord(f.time, state);
        model.AddFollow(IdOf(ids, batch.ids[f.follower]), IdOf(ids, batch.ids[f.followee]), word,
                        0);
      }
      for (const auto& x : batch.interactions) {
        store::InteractionEntry entry{IdOf(ids, batch.ids[x.target]), static_cast<uint8_t>(x.kind),
                                      store::HourBucket(x.time), x.count};
        model.AddInteraction(IdOf(ids, batch.ids[x.actor]), entry);
      }
    }
    return model;
  }
  uint64_t batches() const {
    std::lock_guard lock(mutex_);
    return acknowledged_.size();
  }

 private:
  uint32_t IdOf(const StoreContent& ids, const std::string& external) const {
    const auto hash = store::HashExternalId(graph_->db().id_key(), external);
    const auto it = ids.ids.find(std::string(store::AsBytes(hash)));
    return it == ids.ids.end() ? ~0u : DecodeFixed32BE(it->second);
  }
  void Step() {
    ingest::WriteRequestBuilder builder;
    for (int i = 0; i < 40; ++i) {
      const uint64_t a = rng_.Below(400);
      const std::string x = Id(a), y = Id(a + 1 + rng_.Below(300));
      EXPECT_TRUE(
          builder
              .OnFollow({x, y, kNow + static_cast<int64_t>(rng_.Below(100000)), rng_.Below(5) == 0})
              .ok());
    }
    InteractionRecord like;
    const std::string x = Id(rng_.Below(400)), y = Id(500);
    like.actor = x;
    like.target = y;
    like.count = 1 + static_cast<uint32_t>(rng_.Below(3));
    like.time = kNow;
    EXPECT_TRUE(builder.OnInteraction(like).ok());
    ingest::WriteRequest request = builder.Take();
    const auto ack = graph_->Write(request);
    EXPECT_TRUE(ack.ok()) << ack.status();
    if (!ack.ok()) stop_ = true;
    std::lock_guard lock(mutex_);
    if (ack.ok()) acknowledged_[ack->lsn] = std::move(request);
  }

  LiveGraph* const graph_;
  CounterRng rng_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::map<uint64_t, ingest::WriteRequest> acknowledged_;
  std::thread thread_;
};

TEST_F(BackupTest, UnderLoadEachRestoreIsTheStateAtItsRecordAndDamageIsFound) {
  const uint64_t rounds = FromEnvironment("HALQA_BACKUP_ROUNDS", 8);
  const uint64_t seed = FromEnvironment("HALQA_SEED", 1);
  SCOPED_TRACE(absl::StrCat("HALQA_SEED=", seed));
  CounterRng rng(seed, 1);
  Load load(graph_.get(), seed);
  load.Start();
  uint64_t found = 0, last = 0;
  for (uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RunContext run(1);
    if (round % 3 == 2) {
      ASSERT_TRUE(graph_->Fold(run).ok());
    }
    const auto backup = Create();
    ASSERT_TRUE(backup.ok()) << backup.status();
    EXPECT_GE(backup->lsn, last);
    last = backup->lsn;
    ASSERT_TRUE(store::VerifyBackup(Path("backups"), backup->id).ok());
    {
      const auto files = FilesOf(Path("backups"), backup->id);
      const Damage damage(files[rng.Below(files.size())], rng);
      const auto status = store::VerifyBackup(Path("backups"), backup->id).status();
      EXPECT_FALSE(status.ok()) << damage.what();
      EXPECT_FALSE(Restore(backup->id, "damaged").ok()) << damage.what();
      EXPECT_FALSE(fs::exists(Path("damaged")));
      found += status.ok() ? 0 : 1;
    }
    const auto report = Restore(backup->id, "restored");
    ASSERT_TRUE(report.ok()) << report.status();
    {
      const auto db = OpenStore("restored");
      const StoreContent content = ContentOf(*db);
      StoreContent wanted = load.At(backup->lsn, content);
      EXPECT_EQ(content.lsn, backup->lsn);
      EXPECT_TRUE(content.follows == wanted.follows)
          << content.follows.size() << " follows, wanted " << wanted.follows.size();
      EXPECT_TRUE(content.interactions == wanted.interactions);
      EXPECT_EQ(content.ids.size(), backup->accounts);
    }
    const auto check = runtime::CheckDirectory(
        Path("restored"), {}, [](const std::string&) {}, run);
    ASSERT_TRUE(check.ok()) << check.status();
    EXPECT_THAT(check->counts, ::testing::IsEmpty());
    fs::remove_all(Path("restored"));
    if (round % 5 == 4) {
      ASSERT_TRUE(store::KeepNewestBackups(Path("backups"), 2).ok());
    }
  }
  load.Stop();
  EXPECT_EQ(found, rounds);
  RecordProperty("batches", static_cast<int>(load.batches()));
  std::printf("%llu rounds, %llu batches written meanwhile, damage found %llu/%llu\n",
              static_cast<unsigned long long>(rounds),
              static_cast<unsigned long long>(load.batches()),
              static_cast<unsigned long long>(found), static_cast<unsigned long long>(rounds));
}

}  // namespace
}  // namespace halqa
