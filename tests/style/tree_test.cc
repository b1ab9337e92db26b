// The house as it stands: every file against the rules.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/style/checks.h"
#include "tests/style/house.h"

namespace halqa::style {
namespace {

bool IsCode(absl::string_view path) {
  return absl::EndsWith(path, ".h") || absl::EndsWith(path, ".cc");
}
bool IsErrorsPage(absl::string_view path) { return path == "docs/ERRORS.md"; }
bool IsCMake(absl::string_view path) { return absl::EndsWith(path, "/CMakeLists.txt"); }

const std::vector<SourceFile>& Code() {
  static const auto* code = new std::vector<SourceFile>(
      ReadTree(HALQA_SOURCE_DIR, {"engine", "services", "tools", "tests"}, IsCode));
  return *code;
}

std::string Join(const std::vector<Violation>& violations) {
  std::string out;
  for (const Violation& v : violations) absl::StrAppend(&out, ToString(v), "\n");
  return out;
}

void Append(std::vector<Violation> more, std::vector<Violation>* all) {
  all->insert(all->end(), more.begin(), more.end());
}

TEST(TreeTest, HoldsTheHouse) {
  ASSERT_GT(Code().size(), 100u) << "is HALQA_SOURCE_DIR the source tree?";
}

TEST(TreeTest, EveryRoomKeepsToItsNeighbours) {
  std::vector<Violation> all;
  for (const SourceFile& file : Code()) Append(CheckIncludes(file), &all);
  EXPECT_EQ(Join(all), "");
}

TEST(TreeTest, EveryFileHasTheRightShape) {
  std::vector<Violation> all;
  for (const SourceFile& file : Code()) Append(CheckShape(file), &all);
  EXPECT_EQ(Join(all), "");
}

TEST(TreeTest, EveryRoomLinksWhatItIncludes) {
  std::vector<Violation> all;
  for (const SourceFile& cmake :
       ReadTree(HALQA_SOURCE_DIR, {"engine", "services", "tools"}, IsCMake)) {
    if (RoomOf(cmake.path).empty() || absl::EndsWith(RoomOf(cmake.path), "CMakeLists.txt"))
      continue;
    const std::string folder = cmake.path.substr(0, cmake.path.rfind('/') + 1);
    std::vector<SourceFile> sources;
    for (const SourceFile& file : Code()) {
      // A folder with a CMakeLists.txt of its own inside the room answers for itself.
      const bool program =
          absl::StrContains(file.path, "/halqad/") != absl::StrContains(folder, "/halqad/");
      if (absl::StartsWith(file.path, folder) && !program) sources.push_back(file);
    }
    Append(CheckLinks(cmake, sources), &all);
  }
  EXPECT_EQ(Join(all), "");
}

TEST(TreeTest, EveryExceptionIsUsedAndHasAReason) {
  for (const Exception& e : Exceptions()) {
    EXPECT_NE(e.reason, "") << e.room;
    const bool used = std::any_of(Code().begin(), Code().end(), [&](const SourceFile& file) {
      return RoomOf(file.path) == e.room &&
             absl::StrContains(file.text, absl::StrCat("#include \"", e.includes, "/"));
    });
    EXPECT_TRUE(used) << e.room << " no longer includes " << e.includes << ": remove the exception";
  }
}

TEST(TreeTest, EveryReasonIsExplained) {
  const auto page = ReadTree(HALQA_SOURCE_DIR, {"docs"}, IsErrorsPage);
  ASSERT_EQ(page.size(), 1u) << "docs/ERRORS.md is missing";
  std::vector<Violation> all;
  for (const SourceFile& file : Code()) Append(CheckReasons(file, page[0].text), &all);
  EXPECT_EQ(Join(all), "");
}

// A row of the page that no code uses any more misleads.
TEST(TreeTest, EveryExplainedReasonIsUsed) {
  const auto page = ReadTree(HALQA_SOURCE_DIR, {"docs"}, IsErrorsPage);
  ASSERT_EQ(page.size(), 1u);
  for (absl::string_view line : absl::StrSplit(page[0].text, '\n')) {
    if (!absl::ConsumePrefix(&line, "| `")) continue;
    const std::string literal = absl::StrCat("\"", line.substr(0, line.find('`')), "\"");
    const bool used = std::any_of(Code().begin(), Code().end(), [&](const SourceFile& file) {
      return !IsTest(file.path) && absl::StrContains(file.text, literal);
    });
    EXPECT_TRUE(used) << "docs/ERRORS.md explains " << literal << ", which no code uses";
  }
}

TEST(TreeTest, NoteWhatIsLong) {
  std::vector<Violation> all;
  for (const SourceFile& file : Code()) Append(ReportLong(file), &all);
  std::printf("note: above %d lines (function) or %d lines (file), below the limit:\n%s",
              kFunctionLinesGood, kFileLinesGood, Join(all).c_str());
}

}  // namespace
}  // namespace halqa::style
