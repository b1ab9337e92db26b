#include "engine/runtime/registry.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;

TEST(Registry, EveryAlgorithmRunsWithItsDefaults) {
  const Csr directed = MakeSmallGraph(7).Build();
  RunContext run(2);
  const Csr undirected = *Symmetrised(directed.View(), run);
  std::set<std::string> names;
  for (const AlgorithmDescriptor& a : Algorithms()) {
    EXPECT_TRUE(names.insert(a.name).second);
    ParameterValues given;
    for (const ParameterDescriptor& p : a.parameters) {
      EXPECT_FALSE(p.doc.empty()) << a.name << " " << p.name;
      if (p.default_value.empty()) given[p.name] = p.name == "target" ? "2" : "0,1=2";
    }
    const CsrView view = a.undirected ? undirected.View() : directed.View();
    const auto got = RunAlgorithm(a.name, view, given, run);
    ASSERT_TRUE(got.ok()) << a.name << " " << got.status();
    EXPECT_EQ(std::visit([](const auto& v) { return v.size(); }, got->values), view.vertices);
    EXPECT_EQ(std::holds_alternative<std::vector<double>>(got->values),
              a.value == ValueType::kNumber);
    for (const ValueColumn& column : got->columns) {
      EXPECT_EQ(column.values.size(), view.vertices) << a.name << " " << column.name;
    }
    EXPECT_GT(got->estimated_bytes, 0u);
    EXPECT_EQ(*EstimateAlgorithm(a.name, view, given, run.threads()), got->estimated_bytes);
    EXPECT_EQ(got->version, a.version);
  }
  for (const char* name : {"degree", "page_rank", "personalized_page_rank", "topic_page_rank",
                           "k_core", "weak_components", "strong_components", "leiden"}) {
    EXPECT_EQ(names.count(name), 1u) << name;
  }
}

TEST(Registry, ErrorsNameWhatIsKnown) {
  const Csr graph = MakeSmallGraph(5).Build();  // directed
  RunContext run(1);
  auto error = [&](const std::string& name, const ParameterValues& p) {
    return RunAlgorithm(name, graph.View(), p, run).status();
  };
  const absl::Status name = error("pagerank", {});
  EXPECT_EQ(ErrorReason(name), "UNKNOWN_ALGORITHM");
  EXPECT_NE(name.message().find("page_rank"), absl::string_view::npos);
  const absl::Status parameter = error("page_rank", {{"dampening", "1"}});
  EXPECT_EQ(ErrorReason(parameter), "UNKNOWN_PARAMETER");
  EXPECT_NE(parameter.message().find("damping, tolerance, iterations"), absl::string_view::npos);
  for (const char* bad : {"1", "-0.1", "x", "", "nan"}) {
    EXPECT_EQ(ErrorReason(error("page_rank", {{"damping", bad}})), "BAD_PARAMETER") << bad;
  }
  EXPECT_EQ(ErrorReason(error("page_rank", {{"iterations", "1.5"}})), "BAD_PARAMETER");
  EXPECT_EQ(ErrorReason(error("degree", {{"kind", "sideways"}})), "BAD_PARAMETER");
  EXPECT_EQ(ErrorReason(error("personalized_page_rank", {})), "MISSING_PARAMETER");
  EXPECT_EQ(ErrorReason(error("personalized_page_rank", {{"source", "a"}})), "BAD_PARAMETER");
  EXPECT_EQ(ErrorReason(error("personalized_page_rank", {{"source", "99999"}})),
            "VERTEX_OUT_OF_RANGE");
  EXPECT_EQ(ErrorReason(error("leiden", {})), "NOT_SYMMETRIC");
}

TEST(Registry, VerticesAreTranslated) {
  auto translate = [](absl::string_view name) -> absl::StatusOr<VertexIndex> {
    if (name == "x=y") return VertexIndex{7};
    if (name == "b") return VertexIndex{2};
    return absl::NotFoundError(name);
  };
  EXPECT_EQ(*TranslateVertices("x=y=0.5,b=1", translate), "7=0.5,2=1");
  EXPECT_EQ(*TranslateVertices("b", translate), "2");
  EXPECT_EQ(TranslateVertices("c", translate).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace halqa
