// What the store does on a disk that fails, fills up, loses power or rots.

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/random.h"
#include "engine/store/store.h"

namespace halqa::store {
namespace {

namespace fs = std::filesystem;

constexpr char kChildVariable[] = "HALQA_FAULT_CHILD";

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& dir, const std::string& faults,
                                                 uint64_t reserve) {
  StoreOptions options;
  options.create_if_missing = true;
  options.block_cache_bytes = 8 << 20;
  options.disk_reserve_bytes = reserve;
  // lossy: a simulated sync costs nothing.
  options.faults = FaultPlan::Parse(absl::StrCat("lossy,", faults)).value();
  return Store::Open(dir, options);
}

absl::Status PutKey(Store& store, int i, Space space = Space::kNormal) {
  Batch batch;
  batch.Put(Family::kAccount, absl::StrCat("key", i), std::string(100, 'a' + i % 26));
  batch.Put(Family::kDedup, absl::StrCat("key", i), "1");
  return store.Write(batch, Durability::kSync, space);
}

// The children of these tests: this program again, since a store does not survive a fork.
class ChildRun : public ::testing::Environment {
 public:
  void SetUp() override {
    const char* text = std::getenv(kChildVariable);
    if (text == nullptr) return;
    const std::vector<std::string> parts = absl::StrSplit(text, '|');
    dir_ = parts.at(1);
    faults_ = parts.at(2);
    (void)!::freopen("/dev/null", "w", stderr);
    Run(parts.at(0), std::stoi(parts.at(3)), std::stoi(parts.at(4)));
    ::_exit(0);  // as killed: nothing is closed
  }

 private:
  void Run(const std::string& name, int first, int pipe) {
    if (name == "second") {
      for (int i = 0; i < 3; ++i) {
        auto second = OpenStore(dir_, "", 0);
        if (ErrorReason(second.status()) == "STORE_LOCKED") (void)!::write(pipe, "r", 1);
      }
      return;
    }
    auto store = OpenStore(dir_, faults_, 0);
    if (!store.ok()) return;
    const int flush_every = name == "log" ? 1000000 : name == "manifest" ? 25 : 37;
    for (int i = first; i < first + (name == "writes" ? 200 : 100); ++i) {
      if (!PutKey(**store, i).ok()) break;
      if (::write(pipe, "k", 1) != 1) break;
      if ((i + 1) % flush_every == 0) (void)(*store)->Flush();
    }
    ::_exit(0);
  }
  std::string dir_, faults_;
};
[[maybe_unused]] const auto* const kChildRun = ::testing::AddGlobalTestEnvironment(new ChildRun);

class FaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = (fs::temp_directory_path() / absl::StrCat("halqa_fault_", ::getpid())).string();
    dir_ = root_;
    fs::remove_all(dir_);
  }
  void TearDown() override {
    fs::remove_all(root_);
    fs::remove_all(root_ + ".made");
    for (int i = 0; i <= fresh_; ++i) fs::remove_all(absl::StrCat(root_, i));
  }

  absl::StatusOr<std::unique_ptr<Store>> TryOpen(const std::string& faults = "") {
    return OpenStore(dir_, faults, reserve_);
  }
  std::unique_ptr<Store> Open(const std::string& faults = "") {
    auto store = TryOpen(faults);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? std::move(*store) : nullptr;
  }
  // An empty store in dir_; made once, then copied.
  void Fresh() {
    const std::string made = root_ + ".made";
    if (!fs::exists(made)) {
      fs::remove_all(dir_);
      ASSERT_NE(Open(), nullptr);
      fs::rename(dir_, made);
    }
    fs::remove_all(dir_);
    dir_ = absl::StrCat(root_, ++fresh_);  // of a name of its own: an earlier one may be locked
    fs::copy(made, dir_, fs::copy_options::recursive);
  }
  static bool Has(const Store& store, int i) {
    const auto value = store.Get(Family::kAccount, absl::StrCat("key", i));
    const auto other = store.Get(Family::kDedup, absl::StrCat("key", i));
    EXPECT_TRUE(value.ok() && other.ok());
    EXPECT_EQ(value->has_value(), other->has_value()) << "a torn batch at " << i;
    return value->has_value();
  }
  std::vector<std::string> Files(absl::string_view part) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(dir_ + "/rocksdb")) {
      if (absl::StrContains(entry.path().filename().string(), part))
        found.push_back(entry.path().string());
    }
    return found;
  }
  static void FlipBit(const std::string& path, uint64_t bit) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(bit / 8));
    char c = 0;
    file.get(c);
    file.seekp(static_cast<std::streamoff>(bit / 8));
    file.put(static_cast<char>(c ^ (1 << (bit % 8))));
  }
  // Runs one of the children below on dir_; returns how many bytes it wrote to its pipe.
  int RunChild(const std::string& name, const std::string& faults = "", int first = 0) {
    int pipe[2];
    EXPECT_EQ(::pipe(pipe), 0);
    const std::string self = fs::read_symlink("/proc/self/exe").string();
    const std::string child = absl::StrCat(name, "|", dir_, "|", faults, "|", first, "|", pipe[1]);
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::setenv(kChildVariable, child.c_str(), 1);
      ::execl(self.c_str(), self.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(pipe[1]);
    int written = 0;
    char byte;
    while (::read(pipe[0], &byte, 1) == 1) ++written;
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    EXPECT_FALSE(WIFSIGNALED(status)) << "signal " << WTERMSIG(status);
    return written;
  }

  uint64_t reserve_ = 0;
  std::string root_, dir_;
  int fresh_ = 0;
};

TEST_F(FaultTest, APowerLossTakesNothingThatWasAcknowledged) {
  CounterRng rng(7, 1);
  int next = 0;
  for (int cycle = 0; cycle < 15; ++cycle) {
    const std::string faults =
        absl::StrCat("lossy,power-loss=", 1 + rng.Below(600), ",seed=", cycle + 1);
    const int acknowledged = RunChild("writes", faults, next);
    auto store = Open();
    ASSERT_NE(store, nullptr) << faults;
    for (int i = 0; i < next + acknowledged; ++i) ASSERT_TRUE(Has(*store, i)) << faults;
    next += acknowledged;
    while (Has(*store, next)) ++next;  // not acknowledged, but there
    ASSERT_FALSE(Has(*store, next + 1)) << "a hole; " << faults;
  }
  EXPECT_GT(next, 150);
}

// The test of the test: a disk that forgets what it was told to keep must be found out.
TEST_F(FaultTest, ADiskThatDoesNotSyncIsFoundOut) {
  int loud = 0, silent = 0;
  for (int cycle = 0; cycle < 10; ++cycle) {
    Fresh();
    const std::string faults = absl::StrCat("nosync,power-loss=", 250 + cycle, ",seed=", cycle + 1);
    const int acknowledged = RunChild("writes", faults);
    ASSERT_GT(acknowledged, 20);
    auto store = TryOpen();
    if (!store.ok()) {
      EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
      ++loud;
      fs::remove(dir_ + "/acknowledged");
      store = TryOpen();
    }
    // Whatever still opens has lost something.
    bool lost = !store.ok();
    for (int i = 0; i < acknowledged && !lost; ++i) lost = !Has(**store, i);
    silent += lost ? 1 : 0;
  }
  EXPECT_GE(loud, 5);
  EXPECT_GE(silent, 5) << "with the mark removed, the loss must show in the data";
}

TEST_F(FaultTest, AFailedSyncStopsAcknowledgingForGood) {
  int hit = 0;
  for (int k = 1; k <= 40; k += 3) {
    Fresh();
    int acknowledged = 0;
    {
      auto store = TryOpen(absl::StrCat("fail-op=", k, ":fsync"));
      if (!store.ok()) continue;
      bool failed = false;
      for (int i = 0; i < 30; ++i) {
        const absl::Status status = PutKey(**store, i);
        if (status.ok()) {
          ASSERT_FALSE(failed) << "acknowledged after a failed sync, k = " << k;
          ++acknowledged;
          continue;
        }
        failed = true;
        EXPECT_EQ(ErrorReason(status), "WRITES_STOPPED") << status;
        EXPECT_EQ(ErrorReason((*store)->Failure()), "WRITES_STOPPED");
        EXPECT_TRUE((*store)->Health().writes_stopped);
      }
      hit += failed ? 1 : 0;
    }
    auto store = Open();
    ASSERT_NE(store, nullptr);
    for (int i = 0; i < acknowledged; ++i) ASSERT_TRUE(Has(*store, i)) << "k = " << k;
    ASSERT_TRUE(PutKey(*store, 1000).ok());
  }
  EXPECT_GT(hit, 8);
}

// The MANIFEST may name the ingested file although its sync failed: the file must stay.
TEST_F(FaultTest, AFailedSyncOfAnIngestKeepsItsFile) {
  int failed = 0;
  for (int k = 1; k <= 60; ++k) {
    Fresh();
    if (auto store = TryOpen(absl::StrCat("fail-op=", k, ":fsync")); store.ok()) {
      for (const Family family : {Family::kFollowOut, Family::kInteractOut}) {
        auto sst = (*store)->NewSst(family);
        if (!sst.ok() || !(*sst)->Put("key", "value").ok() || !(*sst)->Finish().ok()) break;
        failed += (*store)->Ingest({sst->get()}).ok() ? 0 : 1;
      }
    }
    ASSERT_NE(Open(), nullptr) << "k = " << k;
  }
  EXPECT_GT(failed, 4);
}

TEST_F(FaultTest, AnyFailedOperationLosesNothing) {
  int reopened = 0;
  for (const char* kind : {"eio", "enospc", "short"}) {
    for (int k = 1; k <= 90; k += 7) {
      Fresh();
      const std::string faults = absl::StrCat("fail-op=", k, ":", kind);
      std::set<int> acknowledged;
      if (auto store = TryOpen(faults); store.ok()) {
        for (int i = 0; i < 30; ++i) {
          if (PutKey(**store, i).ok()) acknowledged.insert(i);
          if (i == 15) (void)(*store)->Flush();
        }
      }
      auto store = TryOpen("");
      // Left open by a Close that RocksDB never ends: the process would end here.
      if (ErrorReason(store.status()) == "STORE_LOCKED") continue;
      ASSERT_TRUE(store.ok()) << faults << " " << store.status();
      for (int i : acknowledged) ASSERT_TRUE(Has(**store, i)) << faults << " key " << i;
      ++reopened;
    }
  }
  EXPECT_GT(reopened, 30);
}

class DiskFullTest : public FaultTest {
 protected:
  std::string full_ =
      (fs::temp_directory_path() / absl::StrCat("halqa_full_", ::getpid())).string();
  std::string faults_ = absl::StrCat("full-while=", full_);
  void Fill(int bytes) { std::ofstream(full_) << bytes; }
  void Empty() { fs::remove(full_); }
  void TearDown() override {
    Empty();
    FaultTest::TearDown();
  }
  // Seconds until a write is taken.
  static double UntilWritable(Store& store, int key) {
    const auto start = std::chrono::steady_clock::now();
    for (;;) {
      const double waited =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (PutKey(store, key).ok() || waited > 20) return waited;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
};

TEST_F(DiskFullTest, WritesAreRefusedReadsGoOnAndItEndsByItself) {
  auto store = Open(faults_);
  int next = 0;
  for (int round = 0; round < 8; ++round) {
    // The first rounds fill the disk before anything is in memory, where there is nothing to flush.
    for (int i = 0; i < 10 * round; ++i) ASSERT_TRUE(PutKey(*store, next++).ok());
    Fill(round * 777);
    int refused = next;
    for (; refused < next + 100; ++refused) {
      if (const absl::Status s = PutKey(*store, refused); !s.ok()) {
        EXPECT_EQ(ErrorReason(s), "STORAGE_FULL") << s;
        EXPECT_EQ(ErrorDetails(s)["retry_delay_ms"], "30000");
        break;
      }
    }
    ASSERT_LT(refused, next + 100);
    EXPECT_TRUE(store->Health().full);
    EXPECT_TRUE(store->Failure().ok());
    for (int i = 0; i < refused; ++i) ASSERT_TRUE(Has(*store, i));
    EXPECT_FALSE(Has(*store, refused));
    EXPECT_FALSE(PutKey(*store, refused).ok());
    Empty();
    EXPECT_LT(UntilWritable(*store, refused + 1), 10) << "round " << round;
    EXPECT_FALSE(Has(*store, refused)) << "a refused batch is visible";
    EXPECT_FALSE(store->Health().full);
    ASSERT_TRUE(PutKey(*store, refused).ok());
    next = refused + 2;
    if (round % 3 == 2) {
      store.reset();
      store = Open(faults_);
    }
    for (int i = 0; i < next; ++i) ASSERT_TRUE(Has(*store, i)) << "round " << round;
  }
}

// Nothing in memory, so nothing that a recovery would flush: RocksDB alone stays stuck here.
TEST_F(DiskFullTest, AFirstWriteThatDoesNotFitIsNoEnd) {
  {
    auto store = Open();
    ASSERT_TRUE(PutKey(*store, 1).ok());
    ASSERT_TRUE(store->Flush().ok());
  }
  for (int bytes : {0, 10, 100, 300}) {
    auto store = Open(faults_);
    Fill(bytes);
    int refused = 2;
    while (refused < 100 && PutKey(*store, refused).ok()) ++refused;
    ASSERT_LT(refused, 100);
    Empty();
    EXPECT_LT(UntilWritable(*store, 200), 10) << bytes << " bytes";
    EXPECT_TRUE(store->Failure().ok()) << store->Failure();
    EXPECT_FALSE(Has(*store, refused));
    store.reset();
    store = Open();
    EXPECT_TRUE(Has(*store, 200) && !Has(*store, refused));
    Batch clean;
    clean.Delete(Family::kAccount, "key200");
    clean.Delete(Family::kDedup, "key200");
    ASSERT_TRUE(store->Write(clean, Durability::kSync).ok());
    ASSERT_TRUE(store->Flush().ok());
  }
}

TEST_F(DiskFullTest, AFullStoreCloses) {
  for (int round = 0; round < 6; ++round) {
    Empty();
    auto store = Open(faults_);
    ASSERT_TRUE(PutKey(*store, round).ok());
    Fill(100 * round);
    for (int i = 0; i < 20; ++i) (void)PutKey(*store, 100 + i);
    EXPECT_TRUE(store->Health().full);
    std::this_thread::sleep_for(std::chrono::milliseconds(60 * round));
    const auto start = std::chrono::steady_clock::now();
    store.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  }
  Empty();
  auto store = Open();
  for (int round = 0; round < 6; ++round) EXPECT_TRUE(Has(*store, round));
}

TEST_F(DiskFullTest, TheReserveIsForErasing) {
  reserve_ = 1 << 20;
  auto store = Open(faults_);
  ASSERT_TRUE(PutKey(*store, 1).ok());
  Fill(900'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_EQ(ErrorReason(PutKey(*store, 2)), "STORAGE_FULL");
  EXPECT_TRUE(store->Health().full);
  EXPECT_TRUE(PutKey(*store, 3, Space::kReserve).ok());
  Empty();
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_TRUE(PutKey(*store, 2).ok());
}

// One wrong bit anywhere in the log, up to what was acknowledged last, is reported or harmless.
TEST_F(FaultTest, ADamagedLogIsRefused) {
  ASSERT_EQ(RunChild("log"), 100);
  const std::string good = dir_ + ".good";
  fs::remove_all(good);
  fs::rename(dir_, good);
  CounterRng rng(11, 1);
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    fs::remove_all(dir_);
    fs::copy(good, dir_, fs::copy_options::recursive);
    const auto logs = Files(".log");
    ASSERT_FALSE(logs.empty());
    const std::string log = logs[rng.Below(logs.size())];
    // The last header too: its length makes the record seem torn.
    const uint64_t bits = fs::file_size(log) * 8;
    if (bits == 0) continue;
    FlipBit(log,
            round < 40 ? rng.Below(bits) : bits - 1 - rng.Below(std::min<uint64_t>(bits, 2400)));
    auto store = TryOpen();
    if (store.ok()) {
      for (int i = 0; i < 100; ++i) ASSERT_TRUE(Has(**store, i)) << "silent loss, round " << round;
      continue;
    }
    EXPECT_EQ(ErrorReason(store.status()), "STORE_CORRUPT") << store.status();
    EXPECT_TRUE(absl::StrContains(store.status().message(), ".log")) << store.status();
    EXPECT_FALSE(TryOpen().ok()) << "the second try must not accept what the first refused";
    ++refused;
  }
  EXPECT_GT(refused, 50);
  fs::remove_all(good);
}

TEST_F(FaultTest, ADamagedManifestOrCurrentIsRefused) {
  ASSERT_EQ(RunChild("manifest"), 100);
  const std::string good = dir_ + ".good";
  fs::remove_all(good);
  fs::rename(dir_, good);
  CounterRng rng(12, 1);
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    fs::remove_all(dir_);
    fs::copy(good, dir_, fs::copy_options::recursive);
    const std::string current = dir_ + "/rocksdb/CURRENT";
    std::string name = ReadFile(current).value();
    name.pop_back();
    const std::string file = round % 3 == 0 ? current : dir_ + "/rocksdb/" + name;
    const uint64_t bits = fs::file_size(file) * 8;
    FlipBit(file,
            round < 40 ? rng.Below(bits) : bits - 1 - rng.Below(std::min<uint64_t>(bits, 800)));
    auto store = TryOpen();
    if (store.ok()) {
      for (int i = 0; i < 100; ++i) ASSERT_TRUE(Has(**store, i)) << "silent loss, round " << round;
      continue;
    }
    EXPECT_EQ(ErrorReason(store.status()), "STORE_CORRUPT") << store.status();
    ++refused;
  }
  EXPECT_GT(refused, 50);
  fs::remove_all(dir_);
  fs::copy(good, dir_, fs::copy_options::recursive);
  fs::remove(dir_ + "/rocksdb/CURRENT");
  const auto missing = TryOpen();
  EXPECT_EQ(ErrorReason(missing.status()), "STORE_CORRUPT");
  EXPECT_TRUE(absl::StrContains(missing.status().message(), "/CURRENT")) << missing.status();
  fs::remove_all(good);
}

TEST_F(FaultTest, ADamagedSortedFileIsFoundByReadingOrScrubbing) {
  {
    auto store = Open();
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(PutKey(*store, i).ok());
    ASSERT_TRUE(store->Flush().ok());
    auto sst = store->NewSst(Family::kFollowOut);
    ASSERT_TRUE((*sst)->Put("ingested", "value").ok());
    ASSERT_TRUE((*sst)->Finish().ok());
    ASSERT_TRUE(store->Ingest({sst->get()}).ok());
    EXPECT_TRUE(store->VerifyChecksums().ok());
  }
  const std::string good = dir_ + ".good";
  fs::remove_all(good);
  fs::rename(dir_, good);
  CounterRng rng(13, 1);
  for (int round = 0; round < 40; ++round) {
    fs::remove_all(dir_);
    fs::copy(good, dir_, fs::copy_options::recursive);
    const auto files = Files(".sst");
    const std::string file = files[rng.Below(files.size())];
    FlipBit(file, rng.Below(fs::file_size(file) * 8));
    auto store = TryOpen();
    if (!store.ok()) {
      EXPECT_EQ(ErrorReason(store.status()), "STORE_CORRUPT") << store.status();
      continue;
    }
    for (int i = 0; i < 500; ++i) {
      const auto value = (*store)->Get(Family::kAccount, absl::StrCat("key", i));
      if (value.ok()) {
        ASSERT_TRUE(value->has_value() && **value == std::string(100, 'a' + i % 26));
      } else {
        EXPECT_EQ(ErrorReason(value.status()), "STORE_CORRUPT") << value.status();
      }
    }
    const absl::Status scrub = (*store)->VerifyChecksums();
    EXPECT_EQ(ErrorReason(scrub), "STORE_CORRUPT") << file;
    EXPECT_TRUE(absl::StrContains(scrub.message(), ".sst")) << scrub;
  }
  fs::remove_all(good);
}

TEST_F(FaultTest, ASecondProcessIsRefusedAndHarmsNothing) {
  auto store = Open();
  ASSERT_TRUE(PutKey(*store, 1).ok());
  const int refused = RunChild("second");
  EXPECT_EQ(refused, 3);
  ASSERT_TRUE(PutKey(*store, 2).ok());
  store.reset();
  store = Open();
  EXPECT_TRUE(Has(*store, 1) && Has(*store, 2));
}

}  // namespace
}  // namespace halqa::store
