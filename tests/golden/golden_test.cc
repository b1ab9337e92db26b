// Runs every golden script against the built `halqa`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "tests/golden/script.h"

namespace halqa::golden {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Scripts() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(HALQA_SOURCE_DIR "/tests/golden")) {
    if (entry.path().extension() == ".golden") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The folder of the program under test; HALQA_BIN names another one.
std::string BinFolder() {
  const char* other = std::getenv("HALQA_BIN");
  return other != nullptr ? other : fs::path(HALQA_TOOL).parent_path().string();
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "halqa-golden-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class GoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, SaysWhatItSaid) {
  const std::string path = absl::StrCat(HALQA_SOURCE_DIR, "/tests/golden/", GetParam(), ".golden");
  const Script wanted = ParseScript(ReadAll(path));
  EXPECT_NE(wanted.law, "") << path << ": a script states a law (# law: ...)";
  ASSERT_FALSE(wanted.steps.empty());
  const TemporaryFolder folder;
  ASSERT_NE(folder.path(), "");
  Script found = wanted;
  for (Step& step : found.steps) step = RunStep(step, folder.path(), BinFolder());
  if (std::getenv("HALQA_GOLDEN_UPDATE") != nullptr) {
    std::ofstream(path, std::ios::binary) << FormatScript(found);
    return;
  }
  for (size_t i = 0; i < wanted.steps.size(); ++i) {
    const Step& step = wanted.steps[i];
    SCOPED_TRACE(absl::StrCat(path, ":", step.line, ": $ ", step.command));
    EXPECT_EQ(found.steps[i].output, step.output);
    EXPECT_EQ(found.steps[i].exit_code, step.exit_code);
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, GoldenTest, testing::ValuesIn(Scripts()),
                         [](const auto& test) { return test.param; });

// As many errors as successes, over all scripts.
TEST(GoldenScriptsTest, FailAsOftenAsTheySucceed) {
  int good = 0, bad = 0;
  for (const std::string& name : Scripts()) {
    const std::string path = absl::StrCat(HALQA_SOURCE_DIR, "/tests/golden/", name, ".golden");
    for (const Step& step : ParseScript(ReadAll(path)).steps) {
      if (step.command.substr(0, 5) != "halqa") continue;
      ++(step.exit_code == 0 ? good : bad);
    }
  }
  EXPECT_GE(bad, good);
}

TEST(ScriptTest, FormatGivesBackWhatWasParsed) {
  const std::string text = "# about\n# law: a = a\n$ echo a\na\n$ false\n? 1\n$ true\n";
  const Script script = ParseScript(text);
  EXPECT_EQ(script.law, "a = a");
  ASSERT_EQ(script.steps.size(), 3u);
  EXPECT_EQ(script.steps[1].exit_code, 1);
  EXPECT_EQ(FormatScript(script), text);
}

TEST(ScriptTest, NormalisesOnlyWhatMayDiffer) {
  EXPECT_EQ(Normalise("/tmp/x/a in 0.3 s, 97,536 rows/s, peak memory 37 MiB", "/tmp/x", "/src"),
            "<DIR>/a in <N> s, <N> rows/s, peak memory <N> MiB");
  EXPECT_EQ(Normalise("{\"rounds\":65,\"run_seconds\":0.5,\"peak_bytes\":12}", "/d", "/src"),
            "{\"rounds\":65,\"run_seconds\":<N>,\"peak_bytes\":<N>}");
  EXPECT_EQ(Normalise("instagram:~0123456789abcdef 23,895 follows", "/d", "/src"),
            "instagram:~<HASH> 23,895 follows");
}

TEST(ScriptTest, AStepThatFailsIsSeen) {
  const TemporaryFolder folder;
  const Step step = RunStep({"echo out; echo err >&2; exit 7", {}, 0, 1}, folder.path(), "/bin");
  EXPECT_EQ(step.exit_code, 7);
  EXPECT_THAT(step.output, testing::ElementsAre("out", "err"));
}

}  // namespace
}  // namespace halqa::golden
