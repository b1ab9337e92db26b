#include "engine/runtime/registry.h"

#include <algorithm>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/algo/centrality/degree.h"
#include "engine/algo/centrality/k_core.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/weak_components.h"
#include "engine/base/check.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/strong_components.h"

namespace halqa {
namespace {

using Vertices = std::vector<TeleportEntry>;

absl::Status BadParameter(const ParameterDescriptor& p, absl::string_view value) {
  std::string wanted(ParameterTypeName(p.type));
  if (p.type == ParameterType::kDouble || p.type == ParameterType::kInteger) {
    absl::StrAppend(&wanted, " in [", p.low, ", ", p.high, "]");
  } else if (p.type == ParameterType::kChoice) {
    wanted = absl::StrCat("one of ", absl::StrJoin(p.choices, ", "));
  }
  return FieldError("BAD_PARAMETER", p.name,
                    absl::StrCat("parameter ", p.name, " is '", value, "', must be ", wanted));
}

absl::StatusOr<Vertices> ParseVertices(const ParameterDescriptor& p, absl::string_view value) {
  Vertices vertices;
  for (const absl::string_view item : absl::StrSplit(value, ',', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(item, absl::MaxSplits('=', 1));
    TeleportEntry entry{0, 1};
    const bool weighted = item.find('=') != absl::string_view::npos;
    if (!absl::SimpleAtoi(parts.first, &entry.vertex) ||
        (weighted && !absl::SimpleAtod(parts.second, &entry.weight))) {
      return BadParameter(p, value);
    }
    vertices.push_back(entry);
  }
  if (vertices.empty()) return BadParameter(p, value);
  return vertices;
}

// Checks one value against its descriptor.
absl::Status CheckValue(const ParameterDescriptor& p, absl::string_view value) {
  double number = 0;
  int64_t whole = 0;
  bool flag = false;
  switch (p.type) {
    case ParameterType::kDouble:
      if (absl::SimpleAtod(value, &number) && number >= p.low && number <= p.high) {
        return absl::OkStatus();
      }
      return BadParameter(p, value);
    case ParameterType::kInteger:
      if (absl::SimpleAtoi(value, &whole) && static_cast<double>(whole) >= p.low &&
          static_cast<double>(whole) <= p.high) {
        return absl::OkStatus();
      }
      return BadParameter(p, value);
    case ParameterType::kBool:
      return absl::SimpleAtob(value, &flag) ? absl::OkStatus() : BadParameter(p, value);
    case ParameterType::kChoice:
      return std::find(p.choices.begin(), p.choices.end(), value) != p.choices.end()
                 ? absl::OkStatus()
                 : BadParameter(p, value);
    case ParameterType::kVertices:
      return ParseVertices(p, value).status();
  }
  return BadParameter(p, value);
}

// The parameters of one run: given or default, all checked.
class Values {
 public:
  static absl::StatusOr<Values> Make(const AlgorithmDescriptor& algorithm,
                                     const ParameterValues& given);
  double Double(absl::string_view name) const {
    double value = 0;
    HALQA_CHECK(absl::SimpleAtod(Text(name), &value));
    return value;
  }
  int64_t Integer(absl::string_view name) const {
    int64_t value = 0;
    HALQA_CHECK(absl::SimpleAtoi(Text(name), &value));
    return value;
  }
  bool Bool(absl::string_view name) const {
    bool value = false;
    HALQA_CHECK(absl::SimpleAtob(Text(name), &value));
    return value;
  }
  const std::string& Text(absl::string_view name) const {
    const auto it = values_.find(std::string(name));
    HALQA_CHECK(it != values_.end());
    return it->second;
  }
  // REQUIRES: a kVertices parameter, which Make found right.
  Vertices VerticesOf(absl::string_view name) const { return *ParseVertices({}, Text(name)); }

 private:
  ParameterValues values_;
};

absl::StatusOr<Values> Values::Make(const AlgorithmDescriptor& algorithm,
                                    const ParameterValues& given) {
  Values values;
  std::vector<std::string> known;
  for (const ParameterDescriptor& p : algorithm.parameters) {
    known.push_back(p.name);
    const auto it = given.find(p.name);
    if (it == given.end() && p.default_value.empty()) {
      return FieldError("MISSING_PARAMETER", p.name,
                        absl::StrCat(algorithm.name, " needs the parameter ", p.name));
    }
    const std::string& value = it == given.end() ? p.default_value : it->second;
    HALQA_RETURN_IF_ERROR(CheckValue(p, value));
    values.values_[p.name] = value;
  }
  for (const auto& [name, value] : given) {
    if (values.values_.count(name) > 0) continue;
    return FieldError("UNKNOWN_PARAMETER", name,
                      absl::StrCat(algorithm.name, " has no parameter '", name, "'; it has ",
                                   known.empty() ? "none" : absl::StrJoin(known, ", ")));
  }
  return values;
}

// ---- how each algorithm is run -------------------------------------------------------------

using RunFn = absl::StatusOr<AlgorithmResult> (*)(const CsrView&, const Values&, RunContext*,
                                                  uint64_t* estimate);
// Every RunFn estimates first; with a null context that is all it does.
#define HALQA_ESTIMATE_ONLY(bytes) \
  *estimate = (bytes);             \
  if (run == nullptr) return AlgorithmResult()

absl::StatusOr<AlgorithmResult> RunDegree(const CsrView& view, const Values& p, RunContext* run,
                                          uint64_t* estimate) {
  DegreeOptions options;
  const std::string& kind = p.Text("kind");
  options.kind = kind == "in"    ? DegreeKind::kIn
                 : kind == "out" ? DegreeKind::kOut
                                 : DegreeKind::kTotal;
  options.weighted = p.Bool("weighted");
  HALQA_ESTIMATE_ONLY(EstimateDegree(view, options));
  HALQA_ASSIGN_OR_RETURN(DegreeResult got, Degree(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.values);
  return result;
}

PageRankOptions PageRankFrom(const Values& p) {
  PageRankOptions options;
  options.damping = p.Double("damping");
  options.tolerance = p.Double("tolerance");
  options.iterations = static_cast<int>(p.Integer("iterations"));
  return options;
}

absl::StatusOr<AlgorithmResult> FromPageRank(PageRankResult got) {
  AlgorithmResult result;
  result.values = std::move(got.scores);
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.residual = got.residual;
  result.figures["l1_error_bound"] = got.l1_error_bound;
  return result;
}

absl::StatusOr<AlgorithmResult> RunPageRank(const CsrView& view, const Values& p, RunContext* run,
                                            uint64_t* estimate) {
  const PageRankOptions options = PageRankFrom(p);
  HALQA_ESTIMATE_ONLY(EstimatePageRank(view, options));
  HALQA_ASSIGN_OR_RETURN(PageRankResult got, PageRank(view, options, *run));
  return FromPageRank(std::move(got));
}

absl::StatusOr<AlgorithmResult> RunPersonalized(const CsrView& view, const Values& p,
                                                RunContext* run, uint64_t* estimate) {
  PageRankOptions options = PageRankFrom(p);
  const Vertices source = p.VerticesOf("source");
  options.teleport_sparse = source;
  HALQA_ESTIMATE_ONLY(EstimatePageRank(view, options));
  HALQA_ASSIGN_OR_RETURN(PageRankResult got, PageRank(view, options, *run));
  return FromPageRank(std::move(got));
}

absl::StatusOr<AlgorithmResult> RunTopic(const CsrView& view, const Values& p, RunContext* run,
                                         uint64_t* estimate) {
  const PageRankOptions global = PageRankFrom(p);
  TopicPageRankOptions options;
  options.damping = global.damping;
  options.tolerance = global.tolerance;
  options.iterations = global.iterations;
  options.topics = {p.VerticesOf("source")};
  HALQA_ESTIMATE_ONLY(
      16 * uint64_t{view.vertices} +
      std::max(EstimatePageRank(view, global), EstimateTopicPageRank(view, options)));
  RunContext first = run->Part(0, 0.5);
  HALQA_ASSIGN_OR_RETURN(const PageRankResult everywhere, PageRank(view, global, first));
  RunContext second = run->Part(0.5, 1);
  HALQA_ASSIGN_OR_RETURN(const TopicPageRankResult topic, TopicPageRank(view, options, second));
  AlgorithmResult result;
  if (view.vertices > 0) {
    HALQA_ASSIGN_OR_RETURN(const std::vector<double> personal, MixTopics(topic, {1.0}));
    HALQA_ASSIGN_OR_RETURN(result.values,
                           TopicAuthority(personal, everywhere.scores, p.Double("gamma")));
  }
  result.rounds = topic.rounds;
  result.converged = topic.converged && everywhere.converged;
  result.residual = topic.residuals[0];
  result.figures["l1_error_bound"] = topic.l1_error_bounds[0];
  return result;
}

absl::StatusOr<AlgorithmResult> RunKCore(const CsrView& view, const Values& p, RunContext* run,
                                         uint64_t* estimate) {
  const std::string& degree = p.Text("degree");
  const KCoreOptions options{degree == "in"    ? CoreDegree::kIn
                             : degree == "out" ? CoreDegree::kOut
                                               : CoreDegree::kTotal};
  HALQA_ESTIMATE_ONLY(EstimateKCore(view, options));
  HALQA_ASSIGN_OR_RETURN(KCoreResult got, KCore(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.cores);
  result.figures["largest_core"] = got.largest;
  return result;
}

absl::StatusOr<AlgorithmResult> RunWeak(const CsrView& view, const Values&, RunContext* run,
                                        uint64_t* estimate) {
  HALQA_ESTIMATE_ONLY(EstimateWeakComponents(view, {}));
  HALQA_ASSIGN_OR_RETURN(WeakComponentsResult got, WeakComponents(view, {}, *run));
  AlgorithmResult result;
  result.values = std::move(got.labels);
  result.figures["components"] = got.components;
  return result;
}

absl::StatusOr<AlgorithmResult> RunStrong(const CsrView& view, const Values&, RunContext* run,
                                          uint64_t* estimate) {
  HALQA_ESTIMATE_ONLY(EstimateStrongComponents(view, {}));
  HALQA_ASSIGN_OR_RETURN(StrongComponentsResult got, StrongComponents(view, {}, *run));
  AlgorithmResult result;
  result.values = std::move(got.labels);
  result.figures["components"] = got.components;
  return result;
}

absl::StatusOr<AlgorithmResult> RunLeiden(const CsrView& view, const Values& p, RunContext* run,
                                          uint64_t* estimate) {
  LeidenOptions options;
  options.resolution = p.Double("resolution");
  options.iterations = static_cast<int>(p.Integer("iterations"));
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  HALQA_ESTIMATE_ONLY(EstimateLeiden(view, options));
  HALQA_ASSIGN_OR_RETURN(LeidenResult got, Leiden(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.communities);
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.figures["modularity"] = got.modularity;
  result.figures["communities"] = got.count;
  return result;
}

// ---- the table -------------------------------------------------------------------------------

struct Entry {
  AlgorithmDescriptor descriptor;
  RunFn run;
};

std::vector<ParameterDescriptor> WalkParameters() {
  return {
      {"damping", ParameterType::kDouble, 0, 0.9999, "0.85", {}, "probability of following an arc"},
      {"tolerance",
       ParameterType::kDouble,
       0,
       1,
       "1e-9",
       {},
       "stop when the L1 change of a round is at most this; 0 runs exactly `iterations` rounds"},
      {"iterations", ParameterType::kInteger, 1, 1000000, "200", {}, "most rounds"}};
}

std::vector<ParameterDescriptor> With(std::vector<ParameterDescriptor> list,
                                      ParameterDescriptor one) {
  list.insert(list.begin(), std::move(one));
  return list;
}

ParameterDescriptor Source() {
  return {"source",
          ParameterType::kVertices,
          0,
          0,
          "",
          {},
          "where jumps land: VERTEX or VERTEX=WEIGHT, separated by commas"};
}

ParameterDescriptor DegreeChoice(const char* name, const char* standard) {
  return {name,
          ParameterType::kChoice,
          0,
          0,
          standard,
          {"in", "out", "total"},
          "which arcs of a vertex count"};
}

std::vector<Entry> MakeCentralities() {
  return {
      {{"degree",
        kDegreeVersion,
        "followers, followed accounts, or both",
        ValueType::kNumber,
        false,
        true,
        {DegreeChoice("kind", "in"),
         {"weighted", ParameterType::kBool, 0, 0, "false", {}, "sum weights instead of counting"}},
        "O(vertices); O(arcs) weighted",
        "8 bytes per vertex",
        ""},
       RunDegree},
      {{"k_core",
        kKCoreVersion,
        "largest k such that the vertex lies in a k-core",
        ValueType::kCount,
        false,
        true,
        {DegreeChoice("degree", "total")},
        "O(vertices + arcs)",
        "16 bytes per vertex, 8 per degree",
        "Batagelj, Zaversnik 2003"},
       RunKCore},
      {{"page_rank", kPageRankVersion, "PageRank, sum 1, dangling mass jumps", ValueType::kNumber,
        false, true, WalkParameters(), "O(arcs) per round", "32 bytes per vertex",
        "Page, Brin, Motwani, Winograd 1999"},
       RunPageRank},
      {{"personalized_page_rank", kPageRankVersion, "PageRank with jumps to chosen vertices",
        ValueType::kNumber, false, true, With(WalkParameters(), Source()), "O(arcs) per round",
        "40 bytes per vertex", "Haveliwala 2002"},
       RunPersonalized},
      {{"topic_page_rank", kTopicPageRankVersion,
        "authority inside a topic: personal * (personal / global)^gamma", ValueType::kNumber, false,
        true,
        With(With(WalkParameters(), {"gamma",
                                     ParameterType::kDouble,
                                     0,
                                     4,
                                     "0.5",
                                     {},
                                     "how much global celebrity is discounted"}),
             Source()),
        "O(arcs) per round, two solves", "56 bytes per vertex", "Haveliwala 2002"},
       RunTopic},
  };
}

std::vector<Entry> MakeCommunities() {
  return {
      {{"leiden",
        kLeidenVersion,
        "connected communities of high modularity",
        ValueType::kCount,
        true,
        true,
        {{"resolution", ParameterType::kDouble, 1e-9, 1e9, "1", {}, "larger: smaller communities"},
         {"iterations",
          ParameterType::kInteger,
          1,
          100,
          "2",
          {},
          "runs, each from the result of the one before"},
         {"seed", ParameterType::kInteger, 0, 9e15, "1", {}, "order of visits"}},
        "O(arcs) per level",
        "at most 90 bytes per vertex and 12 per arc",
        "Traag, Waltman, van Eck 2019"},
       RunLeiden},
      {{"strong_components",
        kStrongComponentsVersion,
        "sets in which everybody reaches everybody; value: the smallest vertex",
        ValueType::kVertex,
        false,
        false,
        {},
        "O(vertices + arcs)",
        "at most 124 bytes per vertex",
        "Tarjan 1972"},
       RunStrong},
      {{"weak_components",
        kWeakComponentsVersion,
        "parts connected when directions are ignored; value: the smallest vertex",
        ValueType::kVertex,
        false,
        false,
        {},
        "O(vertices + arcs)",
        "4 bytes per vertex",
        "Sutton, Ben-Nun, Barak 2018"},
       RunWeak},
  };
}

const std::vector<Entry>& Table() {
  static const auto* const kTable = [] {
    auto* table = new std::vector<Entry>(MakeCentralities());
    for (Entry& entry : MakeCommunities()) table->push_back(std::move(entry));
    std::sort(table->begin(), table->end(),
              [](const Entry& a, const Entry& b) { return a.descriptor.name < b.descriptor.name; });
    return table;
  }();
  return *kTable;
}

absl::StatusOr<const Entry*> FindEntry(absl::string_view name) {
  std::vector<std::string> known;
  for (const Entry& entry : Table()) {
    if (entry.descriptor.name == name) return &entry;
    known.push_back(entry.descriptor.name);
  }
  return FieldError(
      "UNKNOWN_ALGORITHM", "algorithm",
      absl::StrCat("no algorithm '", name, "'; there are ", absl::StrJoin(known, ", ")));
}

}  // namespace

absl::string_view ParameterTypeName(ParameterType type) {
  switch (type) {
    case ParameterType::kDouble:
      return "a number";
    case ParameterType::kInteger:
      return "a whole number";
    case ParameterType::kBool:
      return "true or false";
    case ParameterType::kChoice:
      return "a choice";
    case ParameterType::kVertices:
      return "vertices";
  }
  return "";
}

const std::vector<AlgorithmDescriptor>& Algorithms() {
  static const auto* const kAll = [] {
    auto* all = new std::vector<AlgorithmDescriptor>();
    for (const Entry& entry : Table()) all->push_back(entry.descriptor);
    return all;
  }();
  return *kAll;
}

absl::StatusOr<const AlgorithmDescriptor*> FindAlgorithm(absl::string_view name) {
  HALQA_ASSIGN_OR_RETURN(const Entry* entry, FindEntry(name));
  return &entry->descriptor;
}

absl::StatusOr<uint64_t> EstimateAlgorithm(absl::string_view name, const CsrView& view,
                                           const ParameterValues& parameters) {
  HALQA_ASSIGN_OR_RETURN(const Entry* entry, FindEntry(name));
  HALQA_ASSIGN_OR_RETURN(const Values values, Values::Make(entry->descriptor, parameters));
  uint64_t bytes = 0;
  HALQA_RETURN_IF_ERROR(entry->run(view, values, nullptr, &bytes).status());
  return bytes;
}

absl::StatusOr<AlgorithmResult> RunAlgorithm(absl::string_view name, const CsrView& view,
                                             const ParameterValues& parameters, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const Entry* entry, FindEntry(name));
  HALQA_ASSIGN_OR_RETURN(const Values values, Values::Make(entry->descriptor, parameters));
  uint64_t bytes = 0;
  HALQA_ASSIGN_OR_RETURN(AlgorithmResult result, entry->run(view, values, &run, &bytes));
  result.algorithm = entry->descriptor.name;
  result.version = entry->descriptor.version;
  result.type = entry->descriptor.value;
  result.estimated_bytes = bytes;
  return result;
}

absl::StatusOr<std::string> TranslateVertices(
    absl::string_view value,
    const std::function<absl::StatusOr<VertexIndex>(absl::string_view)>& translate) {
  std::vector<std::string> items;
  for (const absl::string_view item : absl::StrSplit(value, ',', absl::SkipEmpty())) {
    const size_t equals = item.rfind('=');
    HALQA_ASSIGN_OR_RETURN(const VertexIndex v, translate(item.substr(0, equals)));
    items.push_back(absl::StrCat(
        v, equals == absl::string_view::npos ? absl::string_view() : item.substr(equals)));
  }
  return absl::StrJoin(items, ",");
}

}  // namespace halqa
