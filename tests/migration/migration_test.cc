// A data directory of an older format, opened by this program: the same content, whatever happens
// on the way. tests/data/store_v1.txt says what is inside. Every kill is of a process of its own,
// by SIGKILL: at every 6th checkpoint, at every one with HALQA_MIGRATION_KILLS=all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/ingest/live_graph.h"
#include "engine/runtime/fsck.h"
#include "engine/runtime/graph.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/migrate.h"
#include "tests/support/store_content.h"

namespace halqa {
namespace {

namespace fs = std::filesystem;
using store::Family;
using store::Store;
using testing::StoreContent;

constexpr uint32_t kAccountsPerStep = 2;  // 240 accounts: 120 steps

// Opens the directory of HALQA_MIGRATE in steps of a few accounts and kills itself at the
// HALQA_KILL_AT-th checkpoint. Run by other tests as a process.
TEST(MigrationChild, DISABLED_Open) {
  const char* directory = std::getenv("HALQA_MIGRATE");
  const char* at = std::getenv("HALQA_KILL_AT");
  if (directory == nullptr || at == nullptr) GTEST_SKIP();
  uint64_t kill_at = 0, reports = 0;
  ASSERT_TRUE(absl::SimpleAtoi(at, &kill_at));
  RunContext run(1);
  run.set_progress([&](double) {
    if (++reports == kill_at) ::kill(::getpid(), SIGKILL);
  });
  store::StoreOptions options;
  options.migration_run = &run;
  options.migration_accounts_per_step = kAccountsPerStep;
  ASSERT_TRUE(Store::Open(directory, options).ok());
}

class MigrationTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // A kill loses nothing that was written, so memory will do, and syncing costs nothing there.
    const fs::path place = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    std::string name = (place / "halqa_migration_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    fs::create_directories(root_ + "/v1");
    const std::string command = absl::StrCat(
        "zstd -dcq " HALQA_SOURCE_DIR "/tests/data/store_v1.tar.zst | tar -x -C ", root_, "/v1");
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  static void TearDownTestSuite() { fs::remove_all(root_); }
  void SetUp() override { Renew(); }
  void TearDown() override { fs::remove_all(dir()); }

  static std::string dir() { return root_ + "/copy"; }
  static void Renew() {
    fs::remove_all(dir());
    fs::copy(root_ + "/v1", dir(), fs::copy_options::recursive);
  }
  // Starts a process that migrates. kill_at 0 = it may end.
  static pid_t Start(uint64_t kill_at) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::setenv("HALQA_MIGRATE", dir().c_str(), 1);
    ::setenv("HALQA_KILL_AT", absl::StrCat(kill_at).c_str(), 1);
    ::execl("/proc/self/exe", "migration_test", "--gtest_filter=MigrationChild.*",
            "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr);
    ::_exit(127);
  }
  // Whether it was killed; else it must have ended well.
  static bool WasKilled(pid_t child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) return true;
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return false;
  }
  static std::unique_ptr<Store> Open() {
    auto db = Store::Open(dir(), {});
    EXPECT_TRUE(db.ok()) << db.status();
    return db.ok() ? *std::move(db) : nullptr;
  }
  // Of every row of every family.
  static uint64_t StateChecksum(const Store& db) {
    uint64_t sum = 0;
    std::vector<Family> families;
    for (uint32_t i = 0; i < static_cast<uint32_t>(Family::kFixedFamilies); ++i)
      families.push_back(static_cast<Family>(i));
    for (uint32_t generation : db.Generations())
      families.push_back(store::GenerationFamily(generation));
    for (Family family : families) {
      for (const auto& [key, value] : testing::RowsOf(db, family)) {
        if (key == "commits" || key == "in_memory") continue;  // count writes, not what was written
        sum = Checksum64(key, sum + static_cast<uint64_t>(family));
        sum = Checksum64(value, sum);
      }
    }
    return sum;
  }
  // The checksum after an open that nothing disturbed.
  static uint64_t Undisturbed() {
    Renew();
    const uint64_t sum = StateChecksum(*Open());
    Renew();
    return sum;
  }

  static std::string root_;
};
std::string MigrationTest::root_;

// The content as tests/data/store_v1.txt has it, in the same words.
std::vector<std::string> DescribedLines(char kind) {
  std::ifstream in(HALQA_SOURCE_DIR "/tests/data/store_v1.txt");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (line.size() > 2 && line[0] == kind && line[1] == ' ') lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Numbers of the accounts "instagram:NUMBER" by their ids in the store.
std::map<uint32_t, std::string> NumbersOf(const Store& db) {
  std::map<uint32_t, std::string> numbers;
  for (const std::string& line : DescribedLines('a')) {
    std::istringstream words(line);
    std::string kind, number;
    words >> kind >> number;
    const auto hash = store::HashExternalId(db.id_key(), "instagram:" + number);
    const auto id = db.Get(Family::kExternalToId, store::AsBytes(hash));
    if (id.ok() && id->has_value()) numbers[DecodeFixed32BE(**id)] = number;
  }
  return numbers;
}

std::vector<std::string> Sorted(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

void ExpectDescribedContent(const Store& db) {
  const StoreContent content = testing::ContentOf(db);
  auto numbers = NumbersOf(db);
  std::vector<std::string> follows, interactions, accounts, posts;
  for (const auto& [edge, events] : content.follows) {
    const uint32_t newest = events.rbegin()->first;
    uint32_t first = 0;  // the earliest known time
    for (const auto& [word, source] : events) {
      EXPECT_EQ(source, 0u);
      if (first == 0) first = word >> 2;
    }
    follows.push_back(absl::StrCat("f ", numbers[edge.first], " ", numbers[edge.second], " ",
                                   newest >> 2, store::IsActive(newest) ? " active " : " removed ",
                                   first));
  }
  for (const auto& [bucket, sums] : content.interactions) {
    const auto& [actor, target, kind, hour, source] = bucket;
    const auto& [count, value, signs, sign_count] = sums;
    EXPECT_EQ(source, 0u);
    interactions.push_back(absl::StrCat("x ", numbers[actor], " ", numbers[target], " ", kind, " ",
                                        hour, " ", count, " ", value, " ", signs, " ", sign_count));
  }
  for (const auto& [key, value] : content.accounts) {
    const auto row = store::DecodeAccount(value);
    ASSERT_TRUE(row.ok()) << row.status();
    const std::string number = numbers[DecodeFixed32BE(key)];
    accounts.push_back(row->named
                           ? absl::StrCat("a ", number, " named ", row->record.handle.value_or(""),
                                          " ", row->record.bio.value_or(""))
                           : absl::StrCat("a ", number, " hashed"));
  }
  for (const auto& [key, value] : content.posts) {
    const auto post = store::DecodePost(value);
    ASSERT_TRUE(post.ok()) << post.status();
    posts.push_back(absl::StrCat("p ", numbers[DecodeFixed32BE(key)], " ", post->external_id, " ",
                                 post->time, " ", post->text));
  }
  EXPECT_EQ(Sorted(follows), DescribedLines('f'));
  EXPECT_EQ(Sorted(interactions), DescribedLines('x'));
  EXPECT_EQ(Sorted(accounts), DescribedLines('a'));
  EXPECT_EQ(Sorted(posts), DescribedLines('p'));
}

TEST_F(MigrationTest, TheContentIsTheSame) {
  std::vector<std::string> lines;
  store::StoreOptions options;
  options.log = [&](const std::string& line) { lines.push_back(line); };
  const auto db = Store::Open(dir(), options);
  ASSERT_TRUE(db.ok()) << db.status();
  EXPECT_EQ((*db)->format_version(), store::kFormatVersion);
  EXPECT_THAT(lines, ::testing::ElementsAre(::testing::HasSubstr("bringing the data to format"),
                                            ::testing::HasSubstr("are of format")));
  ExpectDescribedContent(**db);
  for (Family family : {Family::kFollowOut, Family::kInteractOut}) {
    for (const auto& [key, value] : testing::RowsOf(**db, family))
      EXPECT_FALSE(store::IsOldEdgeList(value)) << DecodeFixed32BE(key);
  }
}

// Everything above the store: log replayed, generation read, nothing for the check to find.
TEST_F(MigrationTest, TheGraphOpensAndIsWhole) {
  {
    const auto graph = runtime::Graph::Open(dir(), {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    EXPECT_EQ((*graph)->live().epoch()->accounts, 240u);
    EXPECT_EQ((*graph)->search_state()->generation()->info.generation, 4u);
    RunContext run(1);
    ASSERT_TRUE((*graph)->live().Fold(run).ok());
    ExpectDescribedContent((*graph)->live().db());
  }
  RunContext run(1);
  const auto report = runtime::CheckDirectory(
      dir(), {}, [](const std::string&) {}, run);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->counts, ::testing::IsEmpty());
}

// The check reads the old format as it is, and changes nothing.
TEST_F(MigrationTest, TheCheckReadsTheOldFormat) {
  RunContext run(1);
  const auto report = runtime::CheckDirectory(
      dir(), {}, [](const std::string&) {}, run);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->counts, ::testing::IsEmpty());
  EXPECT_EQ(report->format_version, 1u);
}

TEST_F(MigrationTest, OpeningTwiceMigratesOnce) {
  const uint64_t once = StateChecksum(*Open());
  EXPECT_FALSE(*store::NeedsMigration(*Open()));
  EXPECT_EQ(StateChecksum(*Open()), once);
}

TEST_F(MigrationTest, KilledAtEveryCheckpointItEndsTheSame) {
  const uint64_t wanted = Undisturbed();
  const char* all = std::getenv("HALQA_MIGRATION_KILLS");
  const uint64_t stride = all != nullptr && std::string(all) == "all" ? 1 : 6;
  uint64_t kills = 0, last = 0;
  for (uint64_t k = 1;; k += k < 4 ? 1 : stride, Renew()) {
    if (!WasKilled(Start(k))) break;
    ++kills;
    last = k;
    // For some a second kill, early in the second attempt.
    if (k % 5 == 0 && k < 100) {
      EXPECT_TRUE(WasKilled(Start(1 + k % 3)));
    }
    const auto db = Open();
    ASSERT_NE(db, nullptr) << "killed at " << k;
    ASSERT_EQ(StateChecksum(*db), wanted) << "killed at " << k;
  }
  EXPECT_GE(last, 100u);
  std::printf("killed at %llu checkpoints\n", static_cast<unsigned long long>(kills));
}

TEST_F(MigrationTest, KilledAtAnyMomentItEndsTheSame) {
  const uint64_t wanted = Undisturbed();
  const char* text = std::getenv("HALQA_SEED");
  uint64_t seed = 1;
  if (text != nullptr) {
    ASSERT_TRUE(absl::SimpleAtoi(text, &seed));
  }
  SCOPED_TRACE(absl::StrCat("HALQA_SEED=", seed));
  CounterRng rng(seed, 0);
  for (int round = 0; round < 8; ++round, Renew()) {
    const pid_t child = Start(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + rng.Below(150)));
    ::kill(child, SIGKILL);
    WasKilled(child);
    const auto db = Open();
    ASSERT_NE(db, nullptr) << "round " << round;
    ASSERT_EQ(StateChecksum(*db), wanted) << "round " << round;
  }
}

TEST_F(MigrationTest, CancelledItGoesOnAtTheNextOpen) {
  const uint64_t wanted = Undisturbed();
  for (uint64_t k : {1, 2, 3, 60, 122}) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    store::StoreOptions options;
    options.migration_run = &run;
    options.migration_accounts_per_step = kAccountsPerStep;
    EXPECT_TRUE(absl::IsCancelled(Store::Open(dir(), options).status())) << k;
    if (k > 1) {
      // From the first write on an older program refuses the data.
      const auto half = Store::OpenReadOnly(dir(), {});
      ASSERT_TRUE(half.ok()) << half.status();
      EXPECT_EQ((*half)->format_version(), store::kFormatVersion);
    }
    EXPECT_EQ(StateChecksum(*Open()), wanted) << k;
    Renew();
  }
}

TEST_F(MigrationTest, NewerDataAreRefused) {
  {
    const auto db = Open();
    store::Batch batch;
    batch.Put(Family::kMeta, store::meta::kFormatVersion,
              store::NumberKey(store::kFormatVersion + 1));
    ASSERT_TRUE(db->Write(batch, store::Durability::kSync).ok());
  }
  const auto status = Store::Open(dir(), {}).status();
  EXPECT_EQ(ErrorReason(status), "FORMAT_NEWER");
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("was written by a newer Halqa"));
  EXPECT_EQ(ErrorReason(Store::OpenReadOnly(dir(), {}).status()), "FORMAT_NEWER");
}

}  // namespace
}  // namespace halqa
