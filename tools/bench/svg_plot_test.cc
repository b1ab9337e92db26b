#include "tools/bench/svg_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace halqa::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Panel SomePanel() {
  auto text = [](double value) { return absl::StrCat(value); };
  return {
      "Time <all>", "arcs",
      "ms",         text,
      text,         {{"one", {{10, 1}, {100, 10}, {1000, 100}}}, {"two", {{10, 0}, {1000, 1000}}}}};
}

// The middle of the range lies in the middle of the panel; 0 has no place on a logarithmic axis.
TEST(SvgPlot, PlacesPoints) {
  const std::string svg = LogLogPlot({SomePanel()});
  EXPECT_THAT(svg, HasSubstr("points=\"92.0,516.0 293.0,359.3 494.0,202.7\""));
  EXPECT_THAT(svg, HasSubstr("points=\"494.0,46.0\""));
  EXPECT_THAT(svg, HasSubstr("Time &lt;all&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(SvgPlot, OnePanelAfterTheOther) {
  const std::string svg = LogLogPlot({SomePanel(), SomePanel()});
  EXPECT_THAT(svg, HasSubstr("points=\"630.0,516.0 831.0,359.3 1032.0,202.7\""));
  EXPECT_THAT(LogLogPlot({}), HasSubstr("</svg>"));
  EXPECT_THAT(LogLogPlot({Panel{"empty", "x", "y", {}, [](double) { return "t"; }, {}}}),
              HasSubstr("empty"));
}

}  // namespace
}  // namespace halqa::bench
