#include "tests/style/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace halqa::style {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Names(absl::string_view text) {
  std::vector<std::string> names;
  for (const Function& f : FindFunctions(text)) {
    names.push_back(absl::StrCat(f.name, " ", f.line, " ", f.line_count));
  }
  return names;
}

TEST(BlankTest, KeepsOffsetsAndLines) {
  const std::string text = "int a; // {\n/* } \n */ char c = '{'; auto s = \"}\\\"{\";\n";
  const std::string code = BlankCode(text);
  EXPECT_EQ(code.size(), text.size());
  EXPECT_EQ(code.find_first_of("{}"), std::string::npos);
  EXPECT_EQ(std::count(code.begin(), code.end(), '\n'), 3);
}

TEST(BlankTest, RawStringsEndAtTheirOwnMark) {
  const std::string text = "auto s = R\"x(} )\" {\n)x\"; int b;\n";
  EXPECT_EQ(BlankCode(text).find_first_of("{}"), std::string::npos);
  EXPECT_NE(BlankCode(text).find("int b;"), std::string::npos);
  EXPECT_THAT(RawStringLines(text), ElementsAre(1, 2));
}

TEST(BlankTest, DigitSeparatorsAreNoCharacters) {
  EXPECT_NE(BlankCode("int n = 2'000'000; int m{1};").find("{1}"), std::string::npos);
}

TEST(FindFunctionsTest, CountsFromTheBraceToTheBrace) {
  EXPECT_THAT(Names("int F(int a,\n      int b) {\n  return a;\n}\n"), ElementsAre("F 2 3"));
  EXPECT_THAT(Names("int F() { return 1; }\n"), ElementsAre("F 1 1"));
}

TEST(FindFunctionsTest, SeesNamespacesAndClasses) {
  EXPECT_THAT(Names("namespace a::b {\nnamespace {\nclass C final : public B {\n public:\n"
                    "  int F() const override { return 1; }\n  C() = default;\n  int m_{3};\n};\n"
                    "enum class E : int { kA, kB };\n}\nC::~C() {}\n}\n"),
              ElementsAre("F 5 1", "C::~C 11 1"));
}

TEST(FindFunctionsTest, SeesConstructorsWithBraces) {
  EXPECT_THAT(Names("C::C(int a)\n    : a_{a}, b_(a),\n      c_{1, 2} {\n  Run();\n}\nint g;\n"),
              ElementsAre("C::C 3 3"));
}

TEST(FindFunctionsTest, SeesTemplatesDefaultsAndTrailingReturns) {
  EXPECT_THAT(
      Names("template <typename T, class U = int>\nauto F(T t = {}, int n = 3) -> int {\n}\n"),
      ElementsAre("F 2 2"));
  EXPECT_THAT(Names("bool operator==(A a, B b) {\n  return true;\n}\n"),
              ElementsAre("operator== 1 3"));
}

TEST(FindFunctionsTest, LeavesTablesAndLambdasAlone) {
  EXPECT_THAT(Names("const std::map<int, F> kTable = {\n  {1, [](int a) {\n return a; }},\n};\n"
                    "constexpr int kA[] = {1, 2};\nstd::string s{\"{\"};\nint F() {}\n"),
              ElementsAre("F 7 1"));
}

TEST(FindFunctionsTest, ClassesInsideABodyArePartOfIt) {
  EXPECT_THAT(Names("void F() {\n  struct S { void G() {} };\n  if (a) { b(); }\n}\n"),
              ElementsAre("F 1 4"));
}

TEST(FindFunctionsTest, MacrosWithBracesAreNoFunctions) {
  EXPECT_THAT(Names("#define M(x) \\\n  do {       \\\n  } while (false)\nvoid F() {}\n"),
              ElementsAre("F 4 1"));
  EXPECT_THAT(Names("#define M(x) void G() { x\n"), IsEmpty());
}

TEST(FindIncludesTest, ReadsBothFormsAndSkipsComments) {
  const auto includes = FindIncludes("#include <a/b.h>\n// #include \"no.h\"\n# include \"c.h\"\n");
  ASSERT_EQ(includes.size(), 2u);
  EXPECT_EQ(includes[0].path, "a/b.h");
  EXPECT_FALSE(includes[0].quoted);
  EXPECT_EQ(includes[1].path, "c.h");
  EXPECT_EQ(includes[1].line, 3);
}

TEST(FindReasonsTest, ReadsReasonsWhereverTheyStand) {
  std::vector<std::string> names;
  for (const Reason& r :
       FindReasons("MakeError(absl::StatusCode::kOk,\n  \"CANCELLED\", \"WHY\");\n"
                   "f(a ? \"TWO_WORDS\" : \"x\"); // \"NOT_THIS\"\n"
                   "FieldError(\"SHORT\", \"F\", \"\"); s = \"QUEUED\";\n")) {
    names.push_back(absl::StrCat(r.name, " ", r.line));
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("TWO_WORDS 3", "CANCELLED 2", "SHORT 4"));
}

TEST(ColumnsTest, CountsLettersNotBytes) {
  EXPECT_EQ(Columns("abc"), 3);
  EXPECT_EQ(Columns("\xd8\xad\xd9\x84\xd9\x82\xd8\xa9"), 4);
}

}  // namespace
}  // namespace halqa::style
