#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/file.h"
#include "engine/formats/csv.h"
#include "engine/formats/csv_writer.h"
#include "engine/formats/gexf_writer.h"

namespace halqa {
namespace {

TEST(CsvWriter, WhatIsWrittenReadsBackTheSame) {
  const std::string path = ::testing::TempDir() + "table.csv";
  const std::vector<std::vector<std::string>> rows = {
      {"plain", "a,b", "say \"hi\""}, {"two\nlines", "", "شهيوات"}, {"-12.5", "+3", "7"}};
  {
    CsvWriter writer(*ByteSink::Create(path), {"x", "y", "z"});
    for (const auto& row : rows) ASSERT_TRUE(writer.Row(row).ok());
    ASSERT_TRUE(writer.Row({"=1+1", "@cmd", "-a"}).ok());
    ASSERT_TRUE(writer.Close().ok());
  }
  CsvReader reader(*ByteSource::Open(path), {});
  ASSERT_TRUE(reader.Open().ok());
  std::vector<absl::string_view> fields;
  for (const auto& row : rows) {
    ASSERT_TRUE(*reader.Next(&fields));
    EXPECT_EQ(std::vector<std::string>(fields.begin(), fields.end()), row);
  }
  ASSERT_TRUE(*reader.Next(&fields));
  EXPECT_EQ(fields[0], "'=1+1");
  EXPECT_EQ(fields[1], "'@cmd");
  EXPECT_EQ(fields[2], "'-a");
  std::filesystem::remove(path);
}

TEST(GexfWriter, IsWellFormedAndEscaped) {
  const std::string path = ::testing::TempDir() + "graph.gexf";
  GexfWriter writer(*ByteSink::Create(path));
  ASSERT_TRUE(
      writer.Begin("a < b & \"c\"", {{"city"}, {"size", GexfAttribute::Type::kWhole}}).ok());
  ASSERT_TRUE(writer.Node({"instagram:1", "Chef <Amal> & \x01", 3, 1, {"Fès", "7"}}).ok());
  ASSERT_TRUE(writer.Node({"instagram:2", "", -1, 0, {"'", "8"}}).ok());
  ASSERT_TRUE(writer.BeginEdges().ok());
  ASSERT_TRUE(writer.Edge({"instagram:2", "instagram:1", 2.5}).ok());
  ASSERT_TRUE(writer.Close().ok());
  const std::string text = ReadFile(path).value_or("");
  EXPECT_TRUE(absl::StrContains(text, "label=\"Chef &lt;Amal&gt; &amp; \xef\xbf\xbd\""));
  EXPECT_TRUE(absl::StrContains(text, "id=\"a1\" title=\"size\" type=\"long\"/>"));
  EXPECT_TRUE(absl::StrContains(text, "<viz:size value=\"60.00\"/>"));
  EXPECT_TRUE(absl::StrContains(text, "<viz:color r=\"150\" g=\"150\" b=\"150\"/>"));
  EXPECT_TRUE(absl::StrContains(
      text, "<edge id=\"0\" source=\"instagram:2\" target=\"instagram:1\" weight=\"2.5\"/>"));
  EXPECT_TRUE(absl::EndsWith(text, "</edges>\n</graph>\n</gexf>\n"));
  const Colour a = ColourOfCommunity(0), b = ColourOfCommunity(1);
  EXPECT_GT(std::abs(a.red - b.red) + std::abs(a.green - b.green) + std::abs(a.blue - b.blue), 90);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace halqa
