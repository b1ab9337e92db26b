#include "engine/formats/plain_graph.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/byte_source.h"

namespace halqa {
namespace {

// A decimal number that prints back as the same text.
std::optional<uint64_t> AsNumber(absl::string_view id) {
  if (id.empty() || id.size() > 18 || (id[0] == '0' && id.size() > 1)) return std::nullopt;
  uint64_t number = 0;
  for (const char c : id) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  return number;
}

}  // namespace

VertexIndex VertexNames::AddNumber(uint64_t number) {
  const auto fresh = static_cast<VertexIndex>(kinds_.size());
  VertexIndex v = fresh;
  if (number < kDirect) {
    if (number >= direct_.size()) {
      direct_.resize(std::max<uint64_t>(number + 1, std::min(kDirect, 2 * direct_.size())),
                     kNoVertex);
    }
    if (direct_[number] == kNoVertex) direct_[number] = fresh;
    v = direct_[number];
  } else {
    v = numbers_.try_emplace(number, fresh).first->second;
  }
  if (v == fresh) kinds_.push_back(2 * number);
  return v;
}

VertexIndex VertexNames::Add(absl::string_view id) {
  if (const auto number = AsNumber(id)) return AddNumber(*number);
  const auto fresh = static_cast<VertexIndex>(kinds_.size());
  const auto [it, added] = words_.try_emplace(std::string(id), fresh);
  if (added) {
    kinds_.push_back(2 * texts_.size() + 1);
    texts_.emplace_back(id);
  }
  return it->second;
}

VertexIndex VertexNames::Find(absl::string_view id) const {
  if (const auto number = AsNumber(id)) {
    if (*number < kDirect) return *number < direct_.size() ? direct_[*number] : kNoVertex;
    const auto it = numbers_.find(*number);
    return it == numbers_.end() ? kNoVertex : it->second;
  }
  const auto it = words_.find(std::string(id));
  return it == words_.end() ? kNoVertex : it->second;
}

void VertexNames::AppendName(VertexIndex v, std::string* out) const {
  if (kinds_[v] % 2 == 0) {
    absl::StrAppend(out, kinds_[v] / 2);
  } else {
    out->append(texts_[kinds_[v] / 2]);
  }
}

std::string VertexNames::Name(VertexIndex v) const {
  std::string name;
  AppendName(v, &name);
  return name;
}

namespace {

// Cuts a line into columns.
class Columns {
 public:
  // Tabs before commas before blanks, whichever the line has.
  void Learn(absl::string_view line) {
    if (absl::StrContains(line, '\t')) {
      separator_ = '\t';
    } else if (absl::StrContains(line, ',')) {
      separator_ = ',';
    } else {
      separator_ = ' ';
    }
  }
  // The next column of `rest`, which is shortened; false when there is none.
  bool Next(absl::string_view* rest, absl::string_view* column) const {
    if (separator_ == ' ') {
      *rest = absl::StripLeadingAsciiWhitespace(*rest);
      if (rest->empty()) return false;
    } else if (rest->data() == nullptr) {
      return false;
    }
    const size_t end = separator_ == ' ' ? rest->find_first_of(" \t") : rest->find(separator_);
    *column = absl::StripAsciiWhitespace(rest->substr(0, end));
    *rest = end == absl::string_view::npos ? absl::string_view() : rest->substr(end + 1);
    return true;
  }

 private:
  char separator_ = ' ';
};

struct Edge {
  absl::string_view source, target, weight;
  int columns = 0;
};

bool IsHeaderWord(absl::string_view word) {
  static const auto* const kWords = new absl::flat_hash_set<std::string>{
      "u",        "v",         "source",    "target",   "src",     "dst",       "from",
      "to",       "node_1",    "node_2",    "node1",    "node2",   "id_1",      "id_2",
      "id1",      "id2",       "follower",  "followee", "user_id", "friend_id", "fromnodeid",
      "tonodeid", "source_id", "target_id", "actor"};
  return kWords->contains(absl::AsciiStrToLower(word));
}

bool Skipped(absl::string_view line) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(line);
  return text.empty() || text[0] == '#' || text[0] == '%';
}

class Reader {
 public:
  explicit Reader(const PlainGraphOptions& options) : options_(options) {}

  absl::Status ReadVertices(const std::string& path);
  absl::Status ReadEdges(const std::string& path);
  PlainGraph Take() { return std::move(graph_); }

 private:
  static absl::Status At(const LineReader& reader, absl::string_view reason,
                         absl::string_view what) {
    return WithDetail(MakeError(absl::StatusCode::kInvalidArgument, reason,
                                absl::StrCat(reader.where(), ": ", what)),
                      "line", absl::StrCat(reader.line_number()));
  }
  absl::StatusOr<Edge> Cut(const LineReader& reader, absl::string_view line) const;
  absl::Status AddEdge(const LineReader& reader, const Edge& edge);
  absl::StatusOr<VertexIndex> Vertex(const LineReader& reader, absl::string_view id);
  // The first line may be a header; what is not known yet waits for the second.
  absl::Status FirstLine(const LineReader& reader, absl::string_view line);
  absl::Status SettleFirst(const LineReader& reader, const Edge& second);

  const PlainGraphOptions& options_;
  PlainGraph graph_;
  Columns columns_;
  bool vertices_known_ = false;
  std::string pending_;  // a first line that may be a header
};

absl::StatusOr<Edge> Reader::Cut(const LineReader& reader, absl::string_view line) const {
  Edge edge;
  absl::string_view rest = line;
  absl::string_view* const fields[] = {&edge.source, &edge.target, &edge.weight};
  const int wanted = options_.weighted ? 3 : 2;
  while (edge.columns < wanted && columns_.Next(&rest, fields[edge.columns])) ++edge.columns;
  if (edge.columns < wanted) {
    return At(reader, "MISSING_COLUMN",
              absl::StrCat("expected ", wanted, " columns, found ", edge.columns));
  }
  if (edge.source.empty() || edge.target.empty()) {
    return At(reader, "EMPTY_ID", "a vertex id is empty");
  }
  return edge;
}

absl::StatusOr<VertexIndex> Reader::Vertex(const LineReader& reader, absl::string_view id) {
  if (vertices_known_) {
    const VertexIndex v = graph_.names.Find(id);
    if (v != kNoVertex) return v;
    return At(reader, "UNKNOWN_VERTEX", absl::StrCat("vertex ", id, " is not in the vertex file"));
  }
  if (graph_.names.size() >= kNoVertex - 1) {
    return MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_VERTICES",
                     absl::StrCat(reader.where(), ": more than ", kNoVertex - 1, " vertices"));
  }
  return graph_.names.Add(id);
}

absl::Status Reader::AddEdge(const LineReader& reader, const Edge& edge) {
  if (options_.weighted) {
    float weight = 0;
    if (!absl::SimpleAtof(edge.weight, &weight) || !std::isfinite(weight) || weight < 0) {
      return At(reader, "BAD_WEIGHT",
                absl::StrCat("'", edge.weight, "' is not a weight (a number, finite, at least 0)"));
    }
    graph_.weights.push_back(weight);
  }
  HALQA_ASSIGN_OR_RETURN(const VertexIndex source, Vertex(reader, edge.source));
  HALQA_ASSIGN_OR_RETURN(const VertexIndex target, Vertex(reader, edge.target));
  graph_.sources.push_back(source);
  graph_.targets.push_back(target);
  return absl::OkStatus();
}

absl::Status Reader::FirstLine(const LineReader& reader, absl::string_view line) {
  columns_.Learn(line);
  HALQA_ASSIGN_OR_RETURN(const Edge edge, Cut(reader, line));
  if (IsHeaderWord(edge.source) && IsHeaderWord(edge.target)) return absl::OkStatus();
  if (!AsNumber(edge.source) && !AsNumber(edge.target)) {
    pending_ = std::string(line);
    return absl::OkStatus();
  }
  return AddEdge(reader, edge);
}

absl::Status Reader::SettleFirst(const LineReader& reader, const Edge& second) {
  const std::string line = std::move(pending_);
  pending_.clear();
  if (AsNumber(second.source) && AsNumber(second.target)) return absl::OkStatus();
  HALQA_ASSIGN_OR_RETURN(const Edge first, Cut(reader, line));
  return AddEdge(reader, first);
}

absl::Status Reader::ReadEdges(const std::string& path) {
  HALQA_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, ByteSource::Open(path));
  LineReader reader(std::move(source));
  absl::string_view line;
  bool first = true;
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(const bool more, reader.Next(&line));
    if (!more) break;
    if (Skipped(line)) continue;
    if (first) {
      first = false;
      HALQA_RETURN_IF_ERROR(FirstLine(reader, line));
      continue;
    }
    HALQA_ASSIGN_OR_RETURN(const Edge edge, Cut(reader, line));
    if (!pending_.empty()) HALQA_RETURN_IF_ERROR(SettleFirst(reader, edge));
    HALQA_RETURN_IF_ERROR(AddEdge(reader, edge));
  }
  if (!pending_.empty()) HALQA_RETURN_IF_ERROR(SettleFirst(reader, {}));
  graph_.bytes_read += reader.source().compressed_bytes_read();
  return absl::OkStatus();
}

absl::Status Reader::ReadVertices(const std::string& path) {
  HALQA_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, ByteSource::Open(path));
  LineReader reader(std::move(source));
  absl::string_view line;
  bool first = true;
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(const bool more, reader.Next(&line));
    if (!more) break;
    if (Skipped(line)) continue;
    if (first) columns_.Learn(line);
    first = false;
    absl::string_view id;
    columns_.Next(&line, &id);
    if (id.empty()) return At(reader, "EMPTY_ID", "a vertex id is empty");
    const uint32_t before = graph_.names.size();
    HALQA_ASSIGN_OR_RETURN(const VertexIndex v, Vertex(reader, id));
    if (v < before) return At(reader, "DUPLICATE_VERTEX", absl::StrCat("vertex ", id, " again"));
  }
  graph_.bytes_read += reader.source().compressed_bytes_read();
  vertices_known_ = true;
  columns_ = {};
  return absl::OkStatus();
}

// NAME.v for NAME.e, whatever their compression; "" if there is none.
std::string VertexFileBeside(const std::string& path) {
  absl::string_view stem = path;
  if (!absl::ConsumeSuffix(&stem, ".gz")) absl::ConsumeSuffix(&stem, ".zst");
  if (!absl::ConsumeSuffix(&stem, ".e")) return "";
  for (const char* suffix : {".v", ".v.gz", ".v.zst"}) {
    const std::string candidate = absl::StrCat(stem, suffix);
    if (ByteSource::Open(candidate).ok()) return candidate;
  }
  return "";
}

}  // namespace

std::vector<VertexIndex> VertexNames::ById() const {
  std::vector<VertexIndex> order(kinds_.size());
  std::iota(order.begin(), order.end(), 0u);
  auto before = [this](VertexIndex a, VertexIndex b) {
    const bool a_text = kinds_[a] % 2 == 1, b_text = kinds_[b] % 2 == 1;
    if (a_text != b_text) return b_text;
    if (!a_text) return kinds_[a] < kinds_[b];
    return texts_[kinds_[a] / 2] < texts_[kinds_[b] / 2];
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) {
    std::sort(order.begin(), order.end(), before);
  }
  return order;
}

void NumberById(PlainGraph* graph) {
  const std::vector<VertexIndex> order = graph->names.ById();
  if (std::is_sorted(order.begin(), order.end())) return;
  VertexNames names;
  std::vector<VertexIndex> renamed(order.size());
  for (VertexIndex i = 0; i < order.size(); ++i) {
    renamed[order[i]] = names.Add(graph->names.Name(order[i]));
  }
  for (auto* ends : {&graph->sources, &graph->targets}) {
    for (VertexIndex& v : *ends) v = renamed[v];
  }
  graph->names = std::move(names);
}

absl::StatusOr<PlainGraph> ReadPlainGraph(const std::string& path,
                                          const PlainGraphOptions& options) {
  Reader reader(options);
  const std::string vertices =
      options.vertices_path.empty() ? VertexFileBeside(path) : options.vertices_path;
  if (!vertices.empty()) HALQA_RETURN_IF_ERROR(reader.ReadVertices(vertices));
  HALQA_RETURN_IF_ERROR(reader.ReadEdges(path));
  return reader.Take();
}

}  // namespace halqa
