// Kills the real program with SIGKILL at many moments of an import and of a ranking, and looks at
// what is left. (That the bytes were synced, a kill cannot show; the power-loss harness is for
// that.)

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/random.h"
#include "engine/runtime/graph.h"

namespace halqa {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSeed = 20261122;

pid_t Start(const std::vector<std::string>& arguments) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  const int null = ::open("/dev/null", O_WRONLY);
  ::dup2(null, 1);
  ::dup2(null, 2);
  std::vector<char*> argv = {const_cast<char*>(HALQA_TOOL)};
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

// True when the program ended well before it could be killed.
bool KillAfter(pid_t pid, std::chrono::milliseconds delay) {
  const auto until = std::chrono::steady_clock::now() + delay;
  int status = 0;
  while (std::chrono::steady_clock::now() < until) {
    if (::waitpid(pid, &status, WNOHANG) == pid)
      return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int RunToEnd(const std::vector<std::string>& arguments) {
  int status = 0;
  ::waitpid(Start(arguments), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class CrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RecordProperty("seed", static_cast<int>(kSeed));
    root_ = (fs::temp_directory_path() / absl::StrCat("halqa_crash_", ::getpid())).string();
    fs::remove_all(root_);
    fs::create_directories(root_);
    files_ = root_ + "/files";
    data_ = root_ + "/graph";
    ASSERT_EQ(RunToEnd({"gen", "--out", files_, "--accounts", "3000", "--seed", "5"}), 0);
  }
  void TearDown() override { fs::remove_all(root_); }
  std::unique_ptr<runtime::Graph> Open() {
    runtime::GraphOptions options;
    options.refresh_in_background = false;
    auto graph = runtime::Graph::Open(data_, options);
    EXPECT_TRUE(graph.ok()) << graph.status();
    return graph.ok() ? std::move(*graph) : nullptr;
  }
  std::string root_, files_, data_;
};

TEST_F(CrashTest, ABulkImportIsThereWholeOrNotAtAll) {
  ASSERT_EQ(RunToEnd({"import", "--data", data_, files_}), 0);
  const auto whole = Open()->Stats();
  fs::remove_all(data_);
  CounterRng rng(kSeed, 1);
  int finished = 0;
  for (int round = 0; round < 12; ++round) {
    const auto delay = std::chrono::milliseconds(1 + rng.Below(600));
    finished += KillAfter(Start({"import", "--data", data_, files_}), delay) ? 1 : 0;
    if (fs::exists(data_)) {
      auto graph = Open();
      ASSERT_NE(graph, nullptr);
      EXPECT_EQ(graph->Stats().accounts, whole.accounts);
      EXPECT_EQ(graph->Stats().snapshot_follows, whole.snapshot_follows);
    }
    fs::remove_all(data_);
  }
  EXPECT_LT(finished, 12) << "no import was really killed";
  ASSERT_EQ(RunToEnd({"import", "--data", data_, files_}), 0)
      << "what a killed import left is in the way";
}

// An import into an existing graph goes through the writer: killed and started again until it ends,
// it must leave what one undisturbed import leaves.
TEST_F(CrashTest, AKilledImportThroughTheWriterResumesWithoutLossOrDoubling) {
  const std::string seed_file = root_ + "/first.ndjson";
  std::ofstream(seed_file) << R"({"type":"follow","follower":"x:1","followee":"x:2"})"
                           << "\n";
  ASSERT_EQ(RunToEnd({"import", "--data", data_, "--format", "ndjson", seed_file}), 0);
  const std::string undisturbed = root_ + "/undisturbed";
  fs::copy(data_, undisturbed, fs::copy_options::recursive);
  ASSERT_EQ(RunToEnd({"import", "--data", undisturbed, files_}), 0);
  CounterRng rng(kSeed, 2);
  int kills = 0;
  for (int round = 0; round < 40; ++round) {
    const auto delay = std::chrono::milliseconds(20 + 60 * round / 4 + rng.Below(60));
    if (KillAfter(Start({"import", "--data", data_, files_}), delay)) break;
    ++kills;
    ASSERT_NE(Open(), nullptr);
  }
  EXPECT_GT(kills, 0);
  ASSERT_EQ(RunToEnd({"import", "--data", data_, files_}), 0);
  auto resumed = Open();
  const std::string resumed_data = std::exchange(data_, undisturbed);
  auto expected = Open();
  RunContext run(1);
  for (auto* graph : {resumed.get(), expected.get()}) ASSERT_TRUE(graph->live().Fold(run).ok());
  EXPECT_EQ(resumed->Stats().accounts, expected->Stats().accounts);
  EXPECT_EQ(resumed->Stats().snapshot_follows, expected->Stats().snapshot_follows);
  auto interactions = [](runtime::Graph& graph) {
    std::string bytes;
    EXPECT_TRUE(graph.live()
                    .db()
                    .Scan(store::Family::kInteractOut, "", "",
                          [&](absl::string_view key, absl::string_view value) {
                            absl::StrAppend(&bytes, key, value);
                            return true;
                          })
                    .ok());
    return bytes;
  };
  EXPECT_EQ(interactions(*resumed), interactions(*expected));
}

TEST_F(CrashTest, AKilledRankingLeavesTheOldGeneration) {
  ASSERT_EQ(RunToEnd({"import", "--data", data_, files_}), 0);
  ASSERT_EQ(RunToEnd({"rank", "--data", data_}), 0);
  CounterRng rng(kSeed, 3);
  uint32_t newest = 1;
  int kills = 0;
  for (int round = 0; round < 12; ++round) {
    const auto delay = std::chrono::milliseconds(30 + rng.Below(700));
    const bool finished = KillAfter(Start({"rank", "--data", data_}), delay);
    kills += finished ? 0 : 1;
    auto graph = Open();
    ASSERT_NE(graph, nullptr);
    const auto state = graph->search_state();
    ASSERT_NE(state->generation(), nullptr);
    const uint32_t now = state->generation()->info.generation;
    EXPECT_GE(now, newest + (finished ? 1 : 0));
    EXPECT_LE(now, newest + 1);
    newest = now;
    discovery::SearchRequest request;
    request.query = "cuisine";
    RunContext run(1);
    auto answer = state->Search(request, *graph->live().epoch(), run);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_FALSE(answer->hits.empty());
  }
  EXPECT_GT(kills, 0);
}

}  // namespace
}  // namespace halqa
