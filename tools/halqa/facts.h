#pragma once
// Names and values under each other.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tools/common/table.h"

namespace halqa::cli {

// Thread safety: one thread at a time.
class Facts {
 public:
  // Empty values are left out.
  void Add(absl::string_view name, absl::string_view value) {
    if (!value.empty()) rows_.emplace_back(name, value);
  }
  // One line each, the values aligned.
  std::string Text() const {
    size_t width = 0;
    for (const auto& [name, value] : rows_) width = std::max(width, DisplayWidth(name));
    std::string out;
    for (const auto& [name, value] : rows_) {
      out.append(name).append(width + 2 - DisplayWidth(name), ' ').append(OneLine(value));
      out.push_back('\n');
    }
    return out;
  }

 private:
  static std::string OneLine(std::string text) {
    for (char& c : text) c = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    return text;
  }
  std::vector<std::pair<std::string, std::string>> rows_;
};

// A proto map in the order of its keys.
template <typename Map>
auto Sorted(const Map& map) {
  return std::map<typename Map::key_type, typename Map::mapped_type>(map.begin(), map.end());
}

}  // namespace halqa::cli
