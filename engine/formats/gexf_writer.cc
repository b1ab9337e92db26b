#include "engine/formats/gexf_writer.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/records.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

constexpr double kSizeMin = 4, kSizeMax = 60;

uint8_t Channel(double hue, double shift) {
  // HSL with saturation 0.6 and lightness 0.55.
  const double t = std::fmod(hue + shift + 2, 1.0);
  const double v = std::clamp(std::abs(t * 6 - 3) - 1, 0.0, 1.0);
  return static_cast<uint8_t>(std::lround(255 * (0.55 + 0.54 * (v - 0.5))));
}

const char* TypeName(GexfAttribute::Type type) {
  if (type == GexfAttribute::Type::kWhole) return "long";
  return type == GexfAttribute::Type::kNumber ? "double" : "string";
}

}  // namespace

std::string EscapeXml(absl::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  const bool valid = IsValidUtf8(text);
  for (char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '&') {
      out.append("&amp;");
    } else if (c == '<') {
      out.append("&lt;");
    } else if (c == '>') {
      out.append("&gt;");
    } else if (c == '"') {
      out.append("&quot;");
    } else if (c == '\'') {
      out.append("&apos;");
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out.append(absl::StrCat("&#", static_cast<int>(byte), ";"));
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !valid)) {
      out.append("\xef\xbf\xbd");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Colour ColourOfCommunity(int64_t community) {
  if (community < 0) return {150, 150, 150};
  // Steps by the golden ratio keep neighbouring numbers far apart on the colour circle.
  const double hue = std::fmod(static_cast<double>(community) * 0.618033988749895, 1.0);
  return {Channel(hue, 0), Channel(hue, -1.0 / 3), Channel(hue, 1.0 / 3)};
}

absl::Status GexfWriter::Put(size_t flush_bytes) {
  if (buffer_.size() < flush_bytes) return absl::OkStatus();
  HALQA_RETURN_IF_ERROR(sink_->Write(buffer_));
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status GexfWriter::Begin(const std::string& description,
                               const std::vector<GexfAttribute>& attributes) {
  absl::StrAppend(&buffer_,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<gexf xmlns=\"http://gexf.net/1.3\" xmlns:viz=\"http://gexf.net/1.3/viz\" "
                  "version=\"1.3\">\n<meta><creator>Halqa</creator><description>",
                  EscapeXml(description),
                  "</description></meta>\n<graph defaultedgetype=\"directed\">\n"
                  "<attributes class=\"node\">\n"
                  "<attribute id=\"community\" title=\"community\" type=\"long\"/>\n"
                  "<attribute id=\"score\" title=\"score\" type=\"double\"/>\n");
  for (size_t i = 0; i < attributes.size(); ++i) {
    absl::StrAppend(&buffer_, "<attribute id=\"a", i, "\" title=\"", EscapeXml(attributes[i].name),
                    "\" type=\"", TypeName(attributes[i].type), "\"/>\n");
  }
  buffer_.append("</attributes>\n<nodes>\n");
  return Put();
}

absl::Status GexfWriter::Node(const GexfNode& node) {
  const Colour c = ColourOfCommunity(node.community);
  const double score = std::isfinite(node.score) ? std::clamp(node.score, 0.0, 1.0) : 0;
  absl::StrAppend(&buffer_, "<node id=\"", EscapeXml(node.id), "\" label=\"",
                  EscapeXml(node.label.empty() ? node.id : node.label),
                  "\"><attvalues><attvalue for=\"community\" value=\"", node.community,
                  "\"/><attvalue for=\"score\" value=\"", score, "\"/>");
  for (size_t i = 0; i < node.attributes.size(); ++i) {
    absl::StrAppend(&buffer_, "<attvalue for=\"a", i, "\" value=\"", EscapeXml(node.attributes[i]),
                    "\"/>");
  }
  // Areas, not radii, should compare as scores do.
  const double size = kSizeMin + (kSizeMax - kSizeMin) * std::sqrt(score);
  absl::StrAppendFormat(&buffer_,
                        "</attvalues><viz:color r=\"%d\" g=\"%d\" b=\"%d\"/>"
                        "<viz:size value=\"%.2f\"/></node>\n",
                        c.red, c.green, c.blue, size);
  return Put();
}

absl::Status GexfWriter::BeginEdges() {
  buffer_.append("</nodes>\n<edges>\n");
  return Put();
}

absl::Status GexfWriter::Edge(const GexfEdge& edge) {
  absl::StrAppend(&buffer_, "<edge id=\"", edges_++, "\" source=\"", EscapeXml(edge.source),
                  "\" target=\"", EscapeXml(edge.target), "\"");
  if (edge.weight != 1) absl::StrAppend(&buffer_, " weight=\"", edge.weight, "\"");
  buffer_.append("/>\n");
  return Put();
}

absl::Status GexfWriter::Close() {
  buffer_.append("</edges>\n</graph>\n</gexf>\n");
  HALQA_RETURN_IF_ERROR(Put(1));
  return sink_->Close();
}

}  // namespace halqa
