// Each rule on a snippet that must fail, and on its nearest neighbour that must not.

#include "tests/style/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/style/house.h"

namespace halqa::style {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<Violation>& violations) {
  std::vector<std::string> out;
  for (const Violation& v : violations) out.push_back(ToString(v));
  return out;
}

std::vector<std::string> Include(const std::string& path, const std::string& line) {
  return Texts(CheckIncludes({path, absl::StrCat("#pragma once\n#include ", line, "\n")}));
}

TEST(MayIncludeTest, FollowsTheTable) {
  EXPECT_TRUE(MayInclude("engine/graph", "engine/base"));
  EXPECT_FALSE(MayInclude("engine/base", "engine/graph"));
  EXPECT_FALSE(MayInclude("engine/graph", "engine/store"));
  EXPECT_FALSE(MayInclude("engine/discovery", "engine/index"));
  EXPECT_FALSE(MayInclude("engine/discovery", "engine/store"));
  EXPECT_FALSE(MayInclude("engine/ingest", "engine/text")) << "only through index";
  EXPECT_TRUE(MayInclude("engine/runtime", "engine/store"));
  EXPECT_FALSE(MayInclude("engine/runtime", "services/common"));
  EXPECT_TRUE(MayInclude("services/graph", "services/common"));
  EXPECT_FALSE(MayInclude("services/graph", "services/discovery")) << "peers never meet";
  EXPECT_TRUE(MayInclude("services/server", "services/discovery"));
  EXPECT_TRUE(MayInclude("tools/halqa", "services/server"));
  EXPECT_FALSE(MayInclude("tools/halqa", "services/graph"));
  EXPECT_FALSE(MayInclude("tools/halqa", "engine/store"));
  EXPECT_TRUE(MayInclude("tools/halqa", "engine/ingest"));
  EXPECT_TRUE(MayInclude("tests/oracle", "engine/store"));
  EXPECT_FALSE(MayInclude("engine/attic", "engine/base")) << "a room that the table does not know";
}

TEST(RoomOfTest, SubfoldersBelongToTheirRoom) {
  EXPECT_EQ(RoomOf("engine/algo/centrality/degree.h"), "engine/algo");
  EXPECT_EQ(RoomOf("halqa/storage/v1/account.pb.h"), "halqa/storage");
  EXPECT_EQ(RoomOf("absl/status/status.h"), "");
}

TEST(CheckIncludesTest, NamesFileLineAndRooms) {
  EXPECT_THAT(Include("engine/base/x.h", "\"engine/graph/csr.h\""),
              ElementsAre("engine/base/x.h:2: engine/base may not include engine/graph "
                          "(engine/graph/csr.h)"));
  EXPECT_THAT(Include("engine/graph/x.h", "\"engine/base/ids.h\""), IsEmpty());
  EXPECT_THAT(Include("engine/graph/x.cc", "\"tests/support/small_graphs.h\""),
              ElementsAre(HasSubstr("may not include tests/support")));
}

TEST(CheckIncludesTest, LibrariesStayInTheirRooms) {
  EXPECT_THAT(Include("engine/graph/x.cc", "<rocksdb/db.h>"),
              ElementsAre(HasSubstr("engine/store")));
  EXPECT_THAT(Include("engine/index/x.cc", "<unicode/uchar.h>"), ElementsAre(HasSubstr("only")));
  EXPECT_THAT(Include("engine/algo/x.cc", "<boost/graph/page_rank.hpp>"),
              ElementsAre(HasSubstr("only")));
  EXPECT_THAT(Include("engine/runtime/x.cc", "<grpcpp/grpcpp.h>"), ElementsAre(HasSubstr("only")));
  EXPECT_THAT(Include("engine/runtime/x.cc", "\"halqa/storage/v1/account.pb.h\""),
              testing::Contains(HasSubstr("only engine/store may")));
  EXPECT_THAT(Include("engine/runtime/x.cc", "\"halqa/v1/common.pb.h\""),
              testing::Contains(HasSubstr("services/")));
  EXPECT_THAT(Include("engine/store/x.cc", "<rocksdb/db.h>"), IsEmpty());
}

TEST(CheckIncludesTest, TestsMayIncludeAnything) {
  EXPECT_THAT(Include("engine/base/x_test.cc", "\"engine/store/store.h\""), IsEmpty());
}

std::string FunctionOf(int lines) {
  std::string text = "void F() {\n";
  for (int i = 2; i < lines; ++i) text += "  G();\n";
  return text + "}\n";
}

TEST(CheckShapeTest, Functions) {
  EXPECT_THAT(CheckShape({"engine/base/x.cc", FunctionOf(70)}), IsEmpty());
  EXPECT_THAT(Texts(CheckShape({"engine/base/x.cc", FunctionOf(71)})),
              ElementsAre("engine/base/x.cc:1: F has 71 lines, at most 70"));
  EXPECT_THAT(ReportLong({"engine/base/x.cc", FunctionOf(40)}), IsEmpty());
  EXPECT_THAT(Texts(ReportLong({"engine/base/x.cc", FunctionOf(41)})),
              ElementsAre("engine/base/x.cc:1: F has 41 lines"));
}

TEST(CheckShapeTest, Files) {
  EXPECT_THAT(CheckShape({"engine/base/x.cc", std::string(800, '\n')}), IsEmpty());
  EXPECT_THAT(Texts(CheckShape({"engine/base/x.cc", std::string(801, '\n')})),
              ElementsAre(HasSubstr("the file has 801 lines")));
}

TEST(CheckShapeTest, Lines) {
  EXPECT_THAT(CheckShape({"x.cc", "// " + std::string(97, 'a') + "\n"}), IsEmpty());
  EXPECT_THAT(Texts(CheckShape({"x.cc", "\n// " + std::string(98, 'a') + "\n"})),
              ElementsAre("x.cc:2: the line has 101 columns, at most 100"));
  EXPECT_THAT(CheckShape({"x.cc", "// https://" + std::string(98, 'a') + "\n"}), IsEmpty());
  EXPECT_THAT(CheckShape({"x.cc", "auto s = R\"(" + std::string(98, 'a') + ")\";\n"}), IsEmpty());
  EXPECT_THAT(Texts(CheckShape({"x.cc", "int a;\t\n"})), ElementsAre("x.cc:1: a tab character"));
}

TEST(CheckShapeTest, Headers) {
  EXPECT_THAT(Texts(CheckShape({"x.h", "// #pragma once\nint a;\n"})),
              ElementsAre("x.h:1: a header without #pragma once"));
  EXPECT_THAT(Texts(CheckShape({"x.h", "#pragma once\n\nusing namespace std;\n"})),
              ElementsAre("x.h:3: using namespace in a header"));
  EXPECT_THAT(CheckShape({"x.cc", "using namespace std;\n"}), IsEmpty());
  EXPECT_THAT(CheckShape({"x.h", "#pragma once\n// no using namespace here\n"}), IsEmpty());
}

TEST(CheckLinksTest, OnlyNeighboursAreLinked) {
  const SourceFile cmake{"engine/graph/CMakeLists.txt",
                         "# halqa_store\nhalqa_room(graph LINKS halqa_base\n  halqa_store)\n"};
  EXPECT_THAT(Texts(CheckLinks(cmake, {})),
              ElementsAre("engine/graph/CMakeLists.txt:3: engine/graph may not link engine/store"));
}

TEST(CheckLinksTest, LibrariesStayInTheirRooms) {
  const SourceFile cmake{"engine/algo/CMakeLists.txt",
                         "halqa_room(algo SUBDIRS a b LINKS halqa_base Boost::graph)\n"};
  EXPECT_THAT(Texts(CheckLinks(cmake, {})), ElementsAre(HasSubstr("may not link Boost::graph")));
}

TEST(CheckLinksTest, UnknownTargetsAreTold) {
  const SourceFile cmake{"tools/x/CMakeLists.txt",
                         "target_link_libraries(x PRIVATE halqa_nothing)\n"};
  EXPECT_THAT(Texts(CheckLinks(cmake, {})), ElementsAre(HasSubstr("halqa_nothing is no room")));
}

TEST(CheckLinksTest, WhatIsIncludedIsLinked) {
  const SourceFile cmake{"engine/algo/CMakeLists.txt", "halqa_room(algo LINKS halqa_base)\n"};
  const SourceFile file{"engine/algo/a/x.cc", "#include \"engine/graph/csr.h\"\n"};
  EXPECT_THAT(Texts(CheckLinks(cmake, {file})),
              ElementsAre("engine/algo/a/x.cc:1: engine/algo/CMakeLists.txt does not link "
                          "engine/graph"));
  const SourceFile test{"engine/algo/a/x_test.cc", "#include \"engine/graph/csr.h\"\n"};
  EXPECT_THAT(CheckLinks(cmake, {test}), IsEmpty());
}

TEST(CheckLinksTest, TestProgramsMayLinkAnything) {
  const SourceFile cmake{"tools/x/CMakeLists.txt",
                         "halqa_test(x_test SOURCES x_test.cc LINKS halqa_store)\n"};
  EXPECT_THAT(CheckLinks(cmake, {}), IsEmpty());
}

TEST(CheckReasonsTest, EveryReasonNeedsItsLine) {
  const SourceFile file{"engine/base/x.cc",
                        "\nreturn FieldError(\"NO_SUCH_THING\", \"f\", \"\");\n"};
  EXPECT_THAT(Texts(CheckReasons(file, "| `NO_SUCH` |")),
              ElementsAre("engine/base/x.cc:2: docs/ERRORS.md does not explain NO_SUCH_THING"));
  EXPECT_THAT(CheckReasons(file, "| `NO_SUCH_THING` |"), IsEmpty());
}

}  // namespace
}  // namespace halqa::style
