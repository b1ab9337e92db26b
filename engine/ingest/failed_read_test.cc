// A graph whose disk fails a read while it is opened and the ids are read ahead.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/ingest/live_graph.h"

namespace halqa::ingest {
namespace {

namespace fs = std::filesystem;

constexpr int kAccounts = 40;

WriteRequest FollowAll() {
  WriteRequestBuilder builder;
  for (int i = 1; i < kAccounts; ++i) {
    const std::string a = absl::StrCat("x:", i), b = "x:0";
    EXPECT_TRUE(builder.OnFollow({a, b, 1700000000, false}).ok());
  }
  return builder.Take();
}

// Found by halqa_stress failop, k = 187: ids that could not be read ahead were taken for new ones,
// and every account was made a second time.
TEST(FailedReadTest, IdsThatCannotBeReadAheadAreNotGivenAgain) {
  const std::string dir =
      (fs::temp_directory_path() / absl::StrCat("halqa_failed_read_", ::getpid())).string();
  fs::remove_all(dir);
  {
    auto graph = LiveGraph::Open(dir, {.create_if_missing = true}, {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    ASSERT_TRUE((*graph)->Write(FollowAll()).ok());
    ASSERT_TRUE((*graph)->db().Flush().ok());
  }
  int failed_ahead = 0;
  for (int k = 1; k <= 120; ++k) {
    const std::string copy = dir + ".copy";
    fs::remove_all(copy);
    fs::copy(dir, copy, fs::copy_options::recursive);
    store::StoreOptions options;
    options.faults = FaultPlan::Parse(absl::StrCat("lossy,fail-op=", k, ":eio")).value();
    LiveGraphOptions live;
    live.log = [&](const std::string& line) {
      failed_ahead += line.find("read ahead") != std::string::npos ? 1 : 0;
    };
    auto graph = LiveGraph::Open(copy, options, live);
    if (!graph.ok()) continue;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    (void)(*graph)->Write(FollowAll());
    EXPECT_EQ((*graph)->epoch()->accounts, static_cast<uint32_t>(kAccounts)) << "k = " << k;
    graph->reset();
    fs::remove_all(copy);
  }
  EXPECT_GT(failed_ahead, 0) << "no fault met the read-ahead: the test shows nothing";
  fs::remove_all(dir);
}

}  // namespace
}  // namespace halqa::ingest
