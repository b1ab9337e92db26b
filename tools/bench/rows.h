#pragma once
// What a benchmark prints: one line per figure.

#include <string>
#include <vector>

namespace halqa::bench {

struct Figure {
  std::string what;
  double value = 0;
  std::string unit;  // "edges/s", "ms", "bytes"
  std::string goal;  // ">= 5 x", "" = none
  std::string note;
};

// An aligned table, or a JSON array of objects.
std::string Render(const std::vector<Figure>& figures, bool json);

}  // namespace halqa::bench
