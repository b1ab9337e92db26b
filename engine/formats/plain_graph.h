#pragma once
// Plain edge files: LDBC Graphalytics (.v, .e) and SNAP or CSV edge lists.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/ids.h"

namespace halqa {

// Vertex ids of a file and their numbers 0, 1, ... in the order of first appearance. Ids are text;
// decimal numbers without leading zeros are kept as numbers.
//
// Thread safety: as a std::vector's.
class VertexNames {
 public:
  // The number of an id, given to it now if it is new. REQUIRES: size() < 2^32 - 1 or known.
  VertexIndex Add(absl::string_view id);
  // The number of an id, kNoVertex if it was never added.
  VertexIndex Find(absl::string_view id) const;
  // The id of a number, as in the file.
  std::string Name(VertexIndex v) const;
  void AppendName(VertexIndex v, std::string* out) const;
  uint32_t size() const { return static_cast<uint32_t>(kinds_.size()); }
  // All numbers by id: decimal ones first, ascending, then texts by bytes.
  std::vector<VertexIndex> ById() const;

 private:
  static constexpr uint64_t kDirect = uint64_t{1} << 22;  // ids below are looked up by index
  VertexIndex AddNumber(uint64_t number);

  std::vector<uint64_t> kinds_;  // 2 · number, or 2 · index in texts_ + 1
  std::vector<std::string> texts_;
  std::vector<VertexIndex> direct_;
  absl::flat_hash_map<uint64_t, VertexIndex> numbers_;
  absl::flat_hash_map<std::string, VertexIndex> words_;
};

struct PlainGraphOptions {
  // File of vertex ids, one per line (anything after a separator is ignored). When given, only
  // these vertices exist. "" = the vertices are those of the edges; for a graph file NAME.e the
  // file NAME.v is used if it is there (also .v.gz, .v.zst).
  std::string vertices_path;
  bool weighted = false;  // the third column is a weight
};

struct PlainGraph {
  std::vector<VertexIndex> sources, targets;  // in file order
  std::vector<float> weights;                 // empty unless weighted
  VertexNames names;
  uint64_t bytes_read = 0;  // on disk
};

// Reads an edge file, plain, .gz or .zst: one edge per line, "source target [weight]", columns
// separated by tabs, commas or blanks (told from the first edge), '#' and '%' comments, empty lines
// skipped, one optional header line (a known pair of column names, or words above numbers).
// Errors name file:line and are InvalidArgument (MISSING_COLUMN, EMPTY_ID, BAD_WEIGHT,
// UNKNOWN_VERTEX, DUPLICATE_VERTEX, LINE_TOO_LONG), ResourceExhausted (TOO_MANY_VERTICES), and
// those of ByteSource. Cost: about 60 ns per edge.
absl::StatusOr<PlainGraph> ReadPlainGraph(const std::string& path,
                                          const PlainGraphOptions& options);

// Numbers the vertices anew so that the numbers ascend with the ids, as ById orders them: "the
// smallest vertex" then means the smallest id. Cost: O(n log n + edges), O(n) where they do.
void NumberById(PlainGraph* graph);

}  // namespace halqa
