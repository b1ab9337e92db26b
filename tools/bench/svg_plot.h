#pragma once
// Plots as SVG: panels side by side, both axes logarithmic, one legend.

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace halqa::bench {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // by rising x; those that are not above 0 are
                                                  // left out
};

struct Panel {
  std::string title, x_label, y_label;
  // Text of a tick: of every x that a point has, of every power of ten on the y axis.
  std::function<std::string(double)> x_text, y_text;
  std::vector<Series> series;  // of one name in all panels: one colour and mark
};

// An SVG document. Each panel also shows, dashed, how a linear cost would rise.
std::string LogLogPlot(const std::vector<Panel>& panels);

}  // namespace halqa::bench
