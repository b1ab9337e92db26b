#include "engine/formats/table_writer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/formats/duckdb_api.h"

namespace halqa {
namespace {

class TableWriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "halqa_tables";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A table with everything that is awkward.
  absl::Status Write(const std::string& name, TableFormat format) {
    auto table = TableWriter::Create(
        folder_ + name, format,
        {{"id"}, {"it's \"n\"", ColumnType::kWhole}, {"x", ColumnType::kNumber}});
    if (!table.ok()) return table.status();
    const std::vector<std::vector<TableCell>> rows = {
        {TableCell("a,\"b\"\n"), TableCell(uint64_t{18446744073709551615u}), TableCell(0.1)},
        {TableCell("شهيوات"), TableCell(), TableCell(-1e-300)},
        {TableCell(), TableCell(uint64_t{0}), TableCell()}};
    for (const auto& row : rows) {
      if (absl::Status s = (*table)->Row(row); !s.ok()) return s;
    }
    EXPECT_EQ((*table)->rows(), 3u);
    EXPECT_FALSE(std::filesystem::exists(folder_ + name));
    return (*table)->Close();
  }
  std::string folder_;
};

TEST_F(TableWriterTest, CsvAndNdjson) {
  ASSERT_TRUE(Write("/t.csv", TableFormat::kCsv).ok());
  EXPECT_EQ(*ReadFile(folder_ + "/t.csv"),
            "id,\"it's \"\"n\"\"\",x\n\"a,\"\"b\"\"\n\",18446744073709551615,0.1\n"
            "شهيوات,,-1e-300\n,0,\n");
  ASSERT_TRUE(Write("/t.ndjson", TableFormat::kNdjson).ok());
  EXPECT_EQ(*ReadFile(folder_ + "/t.ndjson"),
            "{\"id\":\"a,\\\"b\\\"\\n\",\"it's \\\"n\\\"\":18446744073709551615,\"x\":0.1}\n"
            "{\"id\":\"شهيوات\",\"x\":-1e-300}\n{\"it's \\\"n\\\"\":0}\n");
}

// Read back by the library itself, as a CSV file.
TEST_F(TableWriterTest, Parquet) {
  const auto duck = DuckDbApi::Load();
  if (!duck.ok()) GTEST_SKIP() << duck.status().message();
  // What a killed run left is no hindrance.
  std::filesystem::create_directories(folder_ + "/t.parquet.gathering/rows");
  ASSERT_TRUE(Write("/t.parquet", TableFormat::kParquet).ok());
  void *database = nullptr, *connection = nullptr;
  ASSERT_EQ((*duck)->open(nullptr, &database), 0);
  ASSERT_EQ((*duck)->connect(database, &connection), 0);
  DuckDbResult result{};
  const std::string sql = absl::StrCat("COPY (SELECT *, typeof(#2) FROM '", folder_,
                                       "/t.parquet') TO '", folder_, "/back.csv' (NULLSTR '-')");
  EXPECT_EQ((*duck)->query(connection, sql.c_str(), &result), 0) << (*duck)->result_error(&result);
  (*duck)->destroy_result(&result);
  (*duck)->disconnect(&connection);
  (*duck)->close(&database);
  const std::string back = *ReadFile(folder_ + "/back.csv");
  EXPECT_EQ(back.substr(back.find("\n") + 1),
            "\"a,\"\"b\"\"\n\",18446744073709551615,0.1,UBIGINT\n"
            "شهيوات,-,-1e-300,UBIGINT\n-,0,-,UBIGINT\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 2);
}

TEST_F(TableWriterTest, AFolderThatIsNotThere) {
  EXPECT_FALSE(Write("/none/t.csv", TableFormat::kCsv).ok());
}

}  // namespace
}  // namespace halqa
