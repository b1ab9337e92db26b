#include <gtest/gtest.h>

#include <cstdio>

#include "engine/base/error.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"

namespace halqa {
namespace {

TEST(Table, AlignsArabicMarksAndWideCharacters) {
  EXPECT_EQ(DisplayWidth("شهيوات"), 6u);
  EXPECT_EQ(DisplayWidth("شَهِيوات"), 6u);  // two vowel marks
  EXPECT_EQ(DisplayWidth("好"), 2u);
  EXPECT_EQ(DisplayWidth("cafe\xcc\x81"), 4u);
  Table table({{"name", Table::Align::kLeft, 10}, {"n", Table::Align::kRight}});
  table.AddRow({"طبخ", "7"});
  table.AddRow({"a much longer name", "1,200"});
  EXPECT_EQ(table.Render(),
            "name            n\n"
            "\xe2\x81\xa8طبخ\xe2\x81\xa9             7\n"
            "a much lo…  1,200\n");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
  EXPECT_EQ(WithThousands(123), "123");
}

TEST(JsonWriter, EscapesAndSeparates) {
  JsonWriter json;
  json.BeginObject().Key("a\"b").String("line\n\x01 \xff ش").Key("n").Number(0.1);
  json.Key("list").BeginArray().Int(-1).UInt(2).Bool(true).Null().BeginObject().End().End();
  json.Key("inf").Number(1.0 / 0.0).End();
  EXPECT_EQ(json.text(),
            "{\"a\\\"b\":\"line\\n\\u0001 \xef\xbf\xbd ش\",\"n\":0.1,"
            "\"list\":[-1,2,true,null,{}],\"inf\":null}");
}

TEST(ProgressBar, IsQuietOutsideATerminalUntilDone) {
  std::FILE* file = std::tmpfile();
  {
    ProgressBar bar("import", file);
    bar.Update(0.5);
    bar.Done("7 rows");
    bar.Update(0.6);
  }
  std::rewind(file);
  char text[200] = {};
  EXPECT_GT(std::fread(text, 1, sizeof(text) - 1, file), 0u);
  EXPECT_EQ(std::string(text), "import done in 0.0 s  7 rows\n");
  std::fclose(file);
}

TEST(ExitCodes, SayWhoseFaultItWas) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(FieldError("X", "f", "m")), kExitUsage);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), kExitFailed);
  EXPECT_EQ(ExitCodeOf(absl::CancelledError("")), kExitCancelled);
}

}  // namespace
}  // namespace halqa
