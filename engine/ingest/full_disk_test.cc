// A graph on a disk that is nearly full, and then full.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/ingest/live_graph.h"

namespace halqa::ingest {
namespace {

namespace fs = std::filesystem;

class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = (fs::temp_directory_path() / absl::StrCat("halqa_full_disk_", ::getpid())).string();
    fs::remove_all(dir_);
    store::StoreOptions options;
    options.create_if_missing = true;
    options.disk_reserve_bytes = 1 << 20;
    options.faults = FaultPlan::Parse(absl::StrCat("lossy,full-while=", dir_, ".full")).value();
    auto graph = LiveGraph::Open(dir_, options, {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    graph_ = std::move(*graph);
  }
  void TearDown() override {
    graph_.reset();
    fs::remove_all(dir_);
    fs::remove(dir_ + ".full");
  }
  void LeaveFree(uint64_t bytes) {
    std::ofstream(dir_ + ".full") << bytes;
    Settle();
  }
  void MakeRoom() {
    fs::remove(dir_ + ".full");
    Settle();
  }
  // Free space is looked at ten times a second.
  static void Settle() { std::this_thread::sleep_for(std::chrono::milliseconds(300)); }
  absl::Status Follow(int a, int b, bool relaxed = false) {
    WriteRequestBuilder builder;
    EXPECT_TRUE(
        builder.OnFollow({absl::StrCat("x:", a), absl::StrCat("x:", b), 1700000000, false}).ok());
    WriteRequest request = builder.Take();
    request.relaxed = relaxed;
    return graph_->Write(std::move(request)).status();
  }

  std::string dir_;
  std::unique_ptr<LiveGraph> graph_;
};

TEST_F(FullDiskTest, OnTheReservePeopleCanStillBeErased) {
  ASSERT_TRUE(Follow(1, 2).ok());
  LeaveFree(900'000);
  EXPECT_EQ(ErrorReason(Follow(1, 3)), "STORAGE_FULL");
  EXPECT_EQ(ErrorReason(Follow(1, 3, /*relaxed=*/true)), "STORAGE_FULL");
  const auto erased = graph_->Write(EraseRequest{"x:2"});
  EXPECT_TRUE(erased.ok()) << erased.status();
  MakeRoom();
  EXPECT_TRUE(Follow(1, 3).ok());
}

TEST_F(FullDiskTest, RelaxedWritesGoOnAfterwardsToo) {
  ASSERT_TRUE(Follow(1, 2, /*relaxed=*/true).ok());
  LeaveFree(0);
  EXPECT_EQ(ErrorReason(Follow(1, 3, /*relaxed=*/true)), "STORAGE_FULL");
  MakeRoom();
  EXPECT_TRUE(Follow(1, 4, /*relaxed=*/true).ok());
  EXPECT_TRUE(Follow(1, 5).ok());
  RunContext run(1);
  EXPECT_TRUE(graph_->Fold(run).ok());
}

}  // namespace
}  // namespace halqa::ingest
