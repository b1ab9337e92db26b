#include "engine/formats/follow_rows.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/random.h"
#include "engine/formats/formats.h"

namespace halqa {
namespace {

// What a reader gives, in order: follows as "a>b@time-", refusals as "line REASON".
class Journal : public RecordVisitor {
 public:
  absl::Status OnAccount(const AccountRecord&) override { return absl::OkStatus(); }
  absl::Status OnFollow(const FollowRecord& r) override {
    if (r.time == 7'000'000'000) {
      return MakeError(absl::StatusCode::kInvalidArgument, "TIME_IN_FUTURE", "later than allowed");
    }
    events.push_back(absl::StrCat(r.follower, ">", r.followee, "@", r.time, r.removed ? "-" : "+"));
    return absl::OkStatus();
  }
  absl::Status OnInteraction(const InteractionRecord&) override { return absl::OkStatus(); }
  absl::Status OnPost(const PostRecord&) override { return absl::OkStatus(); }
  std::vector<std::string> events;
};

struct Expected {
  std::string file;
  std::vector<std::string> events;
  uint64_t follows = 0, rejected = 0, loops = 0;
};

// A table with every kind of line, and what a reader must make of it, written down while it is
// made.
Expected MakeTable(uint64_t seed, int rows, double quotes) {
  CounterRng rng(seed, 9);
  Expected e;
  uint64_t line = 1;
  e.file = "follower,followee,time,removed\n";
  auto refuse = [&](const std::string& text, const char* reason) {
    absl::StrAppend(&e.file, text, "\n");
    e.events.push_back(absl::StrCat(line, " ", reason));
    ++e.rejected;
  };
  for (int i = 0; i < rows; ++i) {
    ++line;
    const std::string a = absl::StrCat("x:", rng.Below(5000)),
                      b = absl::StrCat("y:", rng.Below(99));
    const uint64_t what = rng.Below(400);
    if (what == 0) {
      refuse(absl::StrCat(a, ",", b), "RAGGED_ROW");
    } else if (what == 1) {
      refuse(absl::StrCat(a, ",", b, ",never,"), "NOT_A_DATE");
    } else if (what == 2) {
      refuse(absl::StrCat(a, ",nobody,,"), "INVALID_EXTERNAL_ID");
    } else if (what == 3) {
      refuse(absl::StrCat(a, ",", b, ",7000000000,"), "TIME_IN_FUTURE");
    } else if (what == 4) {
      absl::StrAppend(&e.file, a, ",", a, ",,\n");
      ++e.loops;
    } else if (what == 5) {
      absl::StrAppend(&e.file, i % 2 == 0 ? "\n" : "\r\n");
    } else {
      const uint64_t time = 1'200'000'000 + rng.Below(1000);
      const bool removed = what % 3 == 0;
      const bool quoted = rng.Uniform() < quotes;
      const bool broken = quoted && what % 5 == 0;  // a quoted line end
      absl::StrAppend(&e.file, a, ",", quoted ? "\"" : "", b, broken ? "\n" : "",
                      quoted ? "\"" : "", ",", time, ",", removed ? "yes" : "",
                      i % 7 == 0 ? "\r\n" : "\n");
      line += broken ? 1 : 0;
      e.events.push_back(absl::StrCat(a, ">", b, "@", time, removed ? "-" : "+"));
      ++e.follows;
    }
  }
  return e;
}

class FollowRowsTest : public ::testing::Test {
 protected:
  FollowRowsTest()
      : path_(absl::StrCat(std::filesystem::temp_directory_path().string(), "/follows_", ::getpid(),
                           ".csv")) {}
  ~FollowRowsTest() override { std::filesystem::remove(path_); }

  void ExpectRead(const Expected& e, int threads) {
    Journal journal;
    ReadOptions options;
    options.threads = threads;
    options.lenient = true;
    options.drop_self_loops = true;
    options.on_reject = [&](const RejectedLine& line) {
      journal.events.push_back(absl::StrCat(line.line, " ", line.reason));
      return absl::OkStatus();
    };
    const auto stats = ReadRecords("csv", {path_}, options, journal);
    ASSERT_TRUE(stats.ok()) << stats.status();
    EXPECT_EQ(stats->follows, e.follows);
    EXPECT_EQ(stats->rejected, e.rejected);
    EXPECT_EQ(stats->self_loops_dropped, e.loops);
    ASSERT_EQ(journal.events.size(), e.events.size());
    for (size_t i = 0; i < e.events.size(); ++i) ASSERT_EQ(journal.events[i], e.events[i]) << i;
  }

  const std::string path_;
};

TEST_F(FollowRowsTest, SameAsWrittenDown) {
  for (const double quotes : {0.0, 0.00002, 0.01}) {
    for (uint64_t seed = 1; seed <= 2; ++seed) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " quotes " << quotes);
      const Expected e = MakeTable(seed, 150'000, quotes);
      ASSERT_GT(e.file.size(), 3u << 20);
      ASSERT_TRUE(WriteFileDurably(path_, e.file).ok());
      for (const int threads : {1, 2, 5}) ExpectRead(e, threads);
    }
  }
}

TEST_F(FollowRowsTest, SmallTables) {
  for (int rows = 0; rows < 40; ++rows) {
    const Expected e = MakeTable(100 + static_cast<uint64_t>(rows), rows, 0.1);
    ASSERT_TRUE(WriteFileDurably(path_, e.file).ok());
    ExpectRead(e, 2);
  }
}

// Strict: everything before the bad line has been handed over, and nothing behind it.
TEST_F(FollowRowsTest, StrictStopsAtTheFirstBadLine) {
  std::string file = "follower,followee\n";
  const int bad = 200'000;
  for (int i = 0; i < 2 * bad; ++i) {
    absl::StrAppend(&file, "x:", i, i == bad || i == bad + 5 ? "" : ",y:1", "\n");
  }
  ASSERT_TRUE(WriteFileDurably(path_, file).ok());
  Journal journal;
  const auto stats = ReadRecords("csv", {path_}, {}, journal);
  EXPECT_EQ(ErrorReason(stats.status()), "RAGGED_ROW");
  EXPECT_EQ(ErrorDetails(stats.status())["line"], absl::StrCat(bad + 2));
  EXPECT_EQ(journal.events.size(), static_cast<size_t>(bad));
}

// A stream that breaks off: the whole rows before it, then its error.
TEST_F(FollowRowsTest, BrokenStreamIsAnError) {
  std::string file = "follower,followee\n";
  for (int i = 0; i < 300'000; ++i) absl::StrAppend(&file, "x:", i, ",y:1\n");
  const size_t wrong = file.size() / 2;
  file[wrong] = '\xff';
  ASSERT_TRUE(WriteFileDurably(path_, file).ok());
  Journal journal;
  ReadOptions options;
  options.lenient = true;
  const auto stats = ReadRecords("csv", {path_}, options, journal);
  EXPECT_EQ(ErrorReason(stats.status()), "INVALID_ENCODING");
  EXPECT_LT(journal.events.size(), 300'000u);
}

TEST_F(FollowRowsTest, UndirectedRowsGoBothWays) {
  std::string file;
  for (int i = 0; i < 200'000; ++i) absl::StrAppend(&file, i, " ", i + 1, "\n");
  const std::string path = path_ + ".txt";
  ASSERT_TRUE(WriteFileDurably(path, file).ok());
  Journal journal;
  ReadOptions options;
  options.undirected = true;
  const auto stats = ReadRecords("snap", {path}, options, journal);
  std::filesystem::remove(path);
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_EQ(stats->follows, 400'000u);
  for (int i = 0; i < 200'000; ++i) {
    ASSERT_EQ(journal.events[2 * static_cast<size_t>(i) + 1],
              absl::StrCat("graph:", i + 1, ">graph:", i, "@0+"));
  }
}

}  // namespace
}  // namespace halqa
