#pragma once
// Pictures: GEXF 1.3 as Gephi and its like read it.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/formats/byte_sink.h"

namespace halqa {

struct GexfNode {
  std::string id, label;
  int64_t community = -1;  // -1 = none (grey)
  double score = 0;        // share of the largest score, [0, 1]; the node is sized by it
  std::vector<std::string> attributes;  // one per attribute given at Begin
};

// A column of the nodes; numbers can be ranked and filtered by the program that reads the file.
struct GexfAttribute {
  enum class Type : uint8_t { kText, kWhole, kNumber };
  std::string name;
  Type type = Type::kText;
};

struct GexfEdge {
  std::string source, target;
  double weight = 1;
};

// Streams a directed graph: Begin, all nodes, BeginEdges, all edges, Close.
// Thread safety: one thread at a time.
// Invariants: 1. texts are escaped and hold no character that XML forbids; 2. a community has the
// same colour in every file.
class GexfWriter {
 public:
  explicit GexfWriter(std::unique_ptr<ByteSink> sink) : sink_(std::move(sink)) {}
  absl::Status Begin(const std::string& description, const std::vector<GexfAttribute>& attributes);
  absl::Status Node(const GexfNode& node);
  absl::Status BeginEdges();
  absl::Status Edge(const GexfEdge& edge);
  absl::Status Close();

 private:
  absl::Status Put(size_t flush_bytes = 1 << 16);
  std::unique_ptr<ByteSink> sink_;
  std::string buffer_;
  uint64_t edges_ = 0;
};

// `text` for use in XML text and attribute values.
std::string EscapeXml(absl::string_view text);

// A colour for a community: well apart for neighbouring numbers, mid-bright.
struct Colour {
  uint8_t red = 0, green = 0, blue = 0;
};
Colour ColourOfCommunity(int64_t community);

}  // namespace halqa
