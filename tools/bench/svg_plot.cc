#include "tools/bench/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace halqa::bench {
namespace {

constexpr double kWidth = 430, kHeight = 470;                     // of the inside of a panel
constexpr double kLeft = 78, kTop = 46, kBottom = 64, kGap = 30;  // around it
constexpr double kLegendWidth = 215, kLegendLine = 21;
constexpr int kMarks = 4;

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

std::string Text(double x, double y, const std::string& anchor, const std::string& text,
                 const std::string& more = "") {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>\n", x, y,
                         anchor, more, Escaped(text));
}

std::string Line(double x1, double y1, double x2, double y2, const std::string& style) {
  return absl::StrFormat("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2,
                         y2, style);
}

// Neighbours in the legend differ in hue, lightness and mark.
std::string Colour(size_t i, size_t n) {
  const double hue = 325.0 * static_cast<double>(i) / static_cast<double>(std::max<size_t>(n, 1));
  return absl::StrFormat("hsl(%.0f,75%%,%d%%)", hue, i % 2 == 0 ? 38 : 50);
}

std::string Mark(size_t kind, double x, double y, const std::string& colour) {
  const std::string fill = absl::StrFormat("fill=\"%s\"", colour);
  switch (kind % kMarks) {
    case 0:
      return absl::StrFormat("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" %s/>\n", x, y, fill);
    case 1:
      return absl::StrFormat("<rect x=\"%.1f\" y=\"%.1f\" width=\"7\" height=\"7\" %s/>\n", x - 3.5,
                             y - 3.5, fill);
    case 2:
      return absl::StrFormat("<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\" %s/>\n", x, y - 5,
                             x - 4.5, y + 4, x + 4.5, y + 4, fill);
    default:
      return absl::StrFormat("<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f\" %s/>\n",
                             x, y - 5, x + 5, y, x, y + 5, x - 5, y, fill);
  }
}

class Drawing {
 public:
  explicit Drawing(const std::vector<Panel>& panels) : panels_(panels) {
    for (const Panel& panel : panels) {
      for (const Series& s : panel.series) {
        if (std::find(names_.begin(), names_.end(), s.name) == names_.end()) {
          names_.push_back(s.name);
        }
      }
    }
  }

  std::string Draw();

 private:
  // What of the data a panel shows, as powers of ten.
  struct Range {
    double x_low = HUGE_VAL, x_high = -HUGE_VAL, y_low = HUGE_VAL, y_high = -HUGE_VAL;
    std::set<double> xs;
  };
  static Range RangeOf(const Panel& panel);
  double X(double x) const {
    const double span = std::max(range_.x_high - range_.x_low, 1e-9);
    return left_ + 14 + (kWidth - 28) * (std::log10(x) - range_.x_low) / span;
  }
  double Y(double y) const {
    const double span = std::max(range_.y_high - range_.y_low, 1e-9);
    return kTop + kHeight * (1 - (std::log10(y) - range_.y_low) / span);
  }
  void DrawAxes(const Panel& panel);
  void DrawLinear();
  void DrawSeries(const Series& series);
  void DrawLegend();
  size_t Index(const std::string& name) const {
    return static_cast<size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
  }

  const std::vector<Panel>& panels_;
  std::vector<std::string> names_;
  std::string out_;
  double left_ = 0;
  Range range_;
};

Drawing::Range Drawing::RangeOf(const Panel& panel) {
  Range range;
  for (const Series& s : panel.series) {
    for (const auto& [x, y] : s.points) {
      if (!(x > 0 && y > 0)) continue;
      range.xs.insert(x);
      range.x_low = std::min(range.x_low, std::log10(x));
      range.x_high = std::max(range.x_high, std::log10(x));
      range.y_low = std::min(range.y_low, std::floor(std::log10(y)));
      range.y_high = std::max(range.y_high, std::ceil(std::log10(y)));
    }
  }
  if (range.xs.empty()) return {0, 1, 0, 1, {}};
  if (range.y_high == range.y_low) range.y_high += 1;
  return range;
}

void Drawing::DrawAxes(const Panel& panel) {
  const double right = left_ + kWidth, bottom = kTop + kHeight;
  const std::string grid = "stroke=\"#ddd\"";
  for (double power = range_.y_low; power <= range_.y_high + 1e-9; power += 1) {
    const double value = std::pow(10, power);
    out_ += Line(left_, Y(value), right, Y(value), grid);
    out_ += Text(left_ - 8, Y(value) + 4, "end", panel.y_text(value));
  }
  for (const double x : range_.xs) {
    out_ += Line(X(x), kTop, X(x), bottom, grid);
    out_ += Text(X(x), bottom + 19, "middle", panel.x_text(x));
  }
  out_ += absl::StrFormat(
      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
      "stroke=\"#444\"/>\n",
      left_, kTop, kWidth, kHeight);
  out_ += Text(left_ + kWidth / 2, kTop - 16, "middle", panel.title, " font-weight=\"bold\"");
  out_ += Text(left_ + kWidth / 2, bottom + 46, "middle", panel.x_label);
  out_ +=
      Text(left_ - 62, kTop + kHeight / 2, "middle", panel.y_label,
           absl::StrFormat(" transform=\"rotate(-90 %.1f %.1f)\"", left_ - 62, kTop + kHeight / 2));
}

// Through the middle of the panel, as far as it goes.
void Drawing::DrawLinear() {
  const double x = (range_.x_low + range_.x_high) / 2, y = (range_.y_low + range_.y_high) / 2;
  const double half = std::min(range_.x_high - x, range_.y_high - y);
  if (!(half > 0)) return;
  const double x1 = std::pow(10, x - half), y1 = std::pow(10, y - half);
  const double x2 = std::pow(10, x + half), y2 = std::pow(10, y + half);
  out_ += Line(X(x1), Y(y1), X(x2), Y(y2),
               "stroke=\"#999\" stroke-width=\"2\" stroke-dasharray=\"7 5\"");
}

void Drawing::DrawSeries(const Series& series) {
  const size_t i = Index(series.name);
  const std::string colour = Colour(i, names_.size());
  std::string path, marks;
  for (const auto& [x, y] : series.points) {
    if (!(x > 0 && y > 0)) continue;
    absl::StrAppendFormat(&path, "%s%.1f,%.1f", path.empty() ? "" : " ", X(x), Y(y));
    marks += Mark(i, X(x), Y(y), colour);
  }
  absl::StrAppendFormat(&out_,
                        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" "
                        "stroke-width=\"1.6\"/>\n%s",
                        path, colour, marks);
}

void Drawing::DrawLegend() {
  const double x = left_;
  double y = kTop + 8;
  for (size_t i = 0; i < names_.size(); ++i, y += kLegendLine) {
    const std::string colour = Colour(i, names_.size());
    out_ += Line(x, y, x + 26, y, absl::StrFormat("stroke=\"%s\" stroke-width=\"1.6\"", colour));
    out_ += Mark(i, x + 13, y, colour);
    out_ += Text(x + 34, y + 4, "start", names_[i]);
  }
  out_ += Line(x, y, x + 26, y, "stroke=\"#999\" stroke-width=\"2\" stroke-dasharray=\"7 5\"");
  out_ += Text(x + 34, y + 4, "start", "as the arcs grow");
}

std::string Drawing::Draw() {
  const double panel = kLeft + kWidth + kGap;
  const double width = panel * static_cast<double>(panels_.size()) + kLegendWidth;
  const double legend = kTop + kLegendLine * static_cast<double>(names_.size() + 2);
  const double height = std::max(kTop + kHeight + kBottom, legend);
  out_ = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f "
      "%.0f\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" "
      "fill=\"white\"/>\n",
      width, height, width, height);
  left_ = kLeft;
  for (const Panel& p : panels_) {
    range_ = RangeOf(p);
    DrawAxes(p);
    DrawLinear();
    for (const Series& s : p.series) DrawSeries(s);
    left_ += panel;
  }
  left_ += kGap - kLeft;
  DrawLegend();
  return out_ + "</svg>\n";
}

}  // namespace

std::string LogLogPlot(const std::vector<Panel>& panels) { return Drawing(panels).Draw(); }

}  // namespace halqa::bench
