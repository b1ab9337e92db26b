#include "engine/formats/plain_graph.h"

#include <gtest/gtest.h>

#include <fstream>

#include "engine/base/error.h"

namespace halqa {
namespace {

std::string Write(const std::string& name, const std::string& bytes) {
  const std::string path = ::testing::TempDir() + "plain_graph_" + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

// "source>target[:weight]" per edge.
std::string Read(const std::string& text, bool weighted = false, const std::string& vertices = "") {
  PlainGraphOptions options;
  options.weighted = weighted;
  if (!vertices.empty()) options.vertices_path = Write("vertices", vertices);
  const auto g = ReadPlainGraph(Write("edges", text), options);
  if (!g.ok()) return ErrorReason(g.status()) + "@" + ErrorDetails(g.status())["line"];
  std::string out;
  for (size_t i = 0; i < g->sources.size(); ++i) {
    out += g->names.Name(g->sources[i]) + ">" + g->names.Name(g->targets[i]);
    if (weighted) out += ":" + std::to_string(g->weights[i]).substr(0, 4);
    out += " ";
  }
  return out;
}

TEST(PlainGraph, Separators) {
  EXPECT_EQ(Read("1 2\n2   3\n"), "1>2 2>3 ");
  EXPECT_EQ(Read("# SNAP\n# FromNodeId ToNodeId\n30\t1412\r\n30\t3352\r\n"), "30>1412 30>3352 ");
  EXPECT_EQ(Read("1,2\n2,3"), "1>2 2>3 ");
  EXPECT_EQ(Read("Home\tSite A\nSite A\tHome\n"), "Home>Site A Site A>Home ");
  EXPECT_EQ(Read(""), "");
  EXPECT_EQ(Read("007 7\n"), "007>7 ");
  EXPECT_EQ(Read("99999999999 18446744073709551616\n"), "99999999999>18446744073709551616 ");
}

TEST(PlainGraph, Headers) {
  EXPECT_EQ(Read("u\tv\nAcciaiuoli\tMedici\n"), "Acciaiuoli>Medici ");
  EXPECT_EQ(Read("node_1,node_2\n1,2\n"), "1>2 ");
  EXPECT_EQ(Read("left,right\n1,2\n"), "1>2 ");
  EXPECT_EQ(Read("left,right\nright,left\n"), "left>right right>left ");
  EXPECT_EQ(Read("left,right\n"), "left>right ");
}

TEST(PlainGraph, Weights) {
  EXPECT_EQ(Read("source\ttarget\tweight\nA\tB\t0.5\n", true), "A>B:0.50 ");
  EXPECT_EQ(Read("1 2 3\n2 3 x\n", true), "BAD_WEIGHT@2");
  EXPECT_EQ(Read("1 2 -1\n", true), "BAD_WEIGHT@1");
  EXPECT_EQ(Read("1 2 nan\n", true), "BAD_WEIGHT@1");
  EXPECT_EQ(Read("1 2\n", true), "MISSING_COLUMN@1");
  EXPECT_EQ(Read("1 2 9\n"), "1>2 ");
}

TEST(PlainGraph, ErrorsNameTheLine) {
  EXPECT_EQ(Read("1 2\n\n# c\n3\n"), "MISSING_COLUMN@4");
  EXPECT_EQ(Read("1,2\n,3\n"), "EMPTY_ID@2");
  EXPECT_EQ(Read("1 2\n2 9\n", false, "1\n2\n"), "UNKNOWN_VERTEX@2");
  EXPECT_EQ(Read("1 2\n", false, "1\n2\n1\n"), "DUPLICATE_VERTEX@3");
  EXPECT_EQ(Read("1 2\n", false, "5\n1\n2\n"), "1>2 ");
}

TEST(PlainGraph, LdbcVertexFileIsFoundBeside) {
  const std::string edges = Write("g.e", "1 2\n");
  Write("g.v", "7\n2\n1\n");
  const auto g = ReadPlainGraph(edges, {});
  ASSERT_TRUE(g.ok());
  EXPECT_EQ(g->names.size(), 3u);
  EXPECT_EQ(g->sources[0], 2u);
  EXPECT_EQ(ErrorReason(ReadPlainGraph("/no/such/file", {}).status()), "FILE_NOT_FOUND");
}

}  // namespace
}  // namespace halqa
