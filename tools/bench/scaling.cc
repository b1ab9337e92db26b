#include "tools/bench/scaling.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/registry.h"
#include "tools/bench/generate.h"
#include "tools/bench/peak_memory.h"
#include "tools/bench/stopwatch.h"
#include "tools/bench/svg_plot.h"

namespace halqa::bench {
namespace {

struct Size {
  int scale = 0;
  uint32_t vertices = 0;
  uint64_t arcs = 0;
};

struct Point {
  double seconds = HUGE_VAL;
  uint64_t bytes = 0;
  int rounds = 0;
};

double LoadAverage() {
  double load[1] = {0};
  return ::getloadavg(load, 1) == 1 ? load[0] : 0;
}

class Scaling {
 public:
  explicit Scaling(const ScalingOptions& options)
      : o_(options), names_(options.only.empty() ? ScalingAlgorithms() : options.only) {}

  absl::Status Measure();
  std::string Page() const;
  std::string Plot() const;

 private:
  absl::StatusOr<Point> MeasureOne(const std::string& name, const CsrView& view) const;
  double Exponent(const std::string& name) const;
  std::string Times() const;
  std::string Memories() const;
  std::string Head(const std::string& last) const;
  Panel PanelOf(bool time) const;

  const ScalingOptions& o_;
  const std::vector<std::string> names_;
  const double load_ = LoadAverage();
  std::vector<Size> sizes_;
  std::map<std::string, std::vector<Point>> points_;  // by algorithm, beside sizes_
};

absl::StatusOr<Point> Scaling::MeasureOne(const std::string& name, const CsrView& view) const {
  HALQA_ASSIGN_OR_RETURN(const AlgorithmDescriptor* algorithm, FindAlgorithm(name));
  ParameterValues given;
  for (const ParameterDescriptor& p : algorithm->parameters) {
    if (!p.default_value.empty()) continue;
    given[p.name] = p.name == "target" ? absl::StrCat(view.vertices / 2) : "0";
  }
  Point point;
  for (int i = 0; i < o_.repeats; ++i) {
    RunContext run(o_.threads);
    const PeakMemory memory;
    const Stopwatch watch(o_.threads);
    HALQA_ASSIGN_OR_RETURN(const AlgorithmResult result, RunAlgorithm(name, view, given, run));
    point.seconds = std::min(point.seconds, watch.Seconds());
    point.bytes = std::max(point.bytes, memory.Bytes());
    point.rounds = result.rounds;
  }
  return point;
}

absl::Status Scaling::Measure() {
  for (const int scale : o_.scales) {
    RunContext run(o_.threads);
    HALQA_ASSIGN_OR_RETURN(const Csr csr,
                           Generate(absl::StrCat("kronecker:", scale, ":ordered"), run));
    const CsrView view = csr.View();
    sizes_.push_back({scale, view.vertices, view.arcs()});
    for (const std::string& name : names_) {
      HALQA_ASSIGN_OR_RETURN(const Point point, MeasureOne(name, view));
      points_[name].push_back(point);
      std::fprintf(stderr, "kronecker:%d %s %.1f ms, %.1f MiB\n", scale, name.c_str(),
                   1e3 * point.seconds, static_cast<double>(point.bytes) / (1 << 20));
    }
  }
  return absl::OkStatus();
}

// Least squares of log time over log arcs: 1 is linear. NaN for a single size.
double Scaling::Exponent(const std::string& name) const {
  double n = 0, x_sum = 0, y_sum = 0, xx = 0, xy = 0;
  for (size_t i = 0; i < sizes_.size(); ++i) {
    const double x = std::log(static_cast<double>(sizes_[i].arcs));
    const double y = std::log(points_.at(name)[i].seconds);
    n += 1;
    x_sum += x;
    y_sum += y;
    xx += x * x;
    xy += x * y;
  }
  return (n * xy - x_sum * y_sum) / (n * xx - x_sum * x_sum);
}

std::string Scaling::Head(const std::string& last) const {
  std::string head = "| |", line = "|---|";
  for (const Size& size : sizes_) {
    absl::StrAppend(&head, " ", size.scale, " |");
    line += "---|";
  }
  return absl::StrCat(head, last, "\n", line, last.empty() ? "" : "---|---|", "\n");
}

std::string Scaling::Times() const {
  std::string text = Head(" exponent | ns per arc and round, largest |");
  for (const std::string& name : names_) {
    absl::StrAppend(&text, "| ", name, " |");
    for (const Point& p : points_.at(name))
      absl::StrAppendFormat(&text, " %.4g |", 1e3 * p.seconds);
    const Point& last = points_.at(name).back();
    const double work = static_cast<double>(sizes_.back().arcs) * std::max(last.rounds, 1);
    absl::StrAppendFormat(&text, " %.2f | %.2f |\n", Exponent(name), 1e9 * last.seconds / work);
  }
  return text;
}

std::string Scaling::Memories() const {
  std::string text = Head("");
  for (const std::string& name : names_) {
    absl::StrAppend(&text, "| ", name, " |");
    for (size_t i = 0; i < sizes_.size(); ++i) {
      const auto bytes = static_cast<double>(points_.at(name)[i].bytes);
      absl::StrAppendFormat(&text, " %.1f (%.0f) |", bytes / (1 << 20), bytes / sizes_[i].vertices);
    }
    text += "\n";
  }
  return text;
}

std::string Scaling::Page() const {
  std::string sizes, flags;
  for (const Size& s : sizes_) {
    absl::StrAppendFormat(&sizes, "%s2^%d vertices and %.1f M arcs", sizes.empty() ? "" : ", ",
                          s.scale, 1e-6 * static_cast<double>(s.arcs));
    absl::StrAppend(&flags, " ", s.scale);
  }
  return absl::StrCat(
      "# Time and memory with the size of the graph\n\nWritten by `./dev bench scaling --scales",
      flags, "`; edit nothing here. Kronecker graphs in the order of snapshots: ", sizes, ". ",
      o_.threads,
      " threads, default parameters, from vertex 0 where a search starts somewhere, best of ",
      o_.repeats, absl::StrFormat("; load %.1f when it began. ", load_), o_.note,
      "\n\n![both as plots](scaling.svg)\n\n## Milliseconds\n\nExponent: time grows as arcs to "
      "that "
      "power, by least squares; 1 is linear. What needs more rounds on larger graphs has a larger "
      "one; the caches, which smaller graphs fit, add to it.\n\n",
      Times(),
      "\n## Peak memory above the graph, MiB (bytes per vertex)\n\nResident, as the system "
      "counts it: pages, not bytes, so the smallest graphs say little.\n\n",
      Memories());
}

Panel Scaling::PanelOf(bool time) const {
  Panel panel;
  panel.title =
      time ? absl::StrCat("Time, ", o_.threads, " threads") : "Peak memory above the graph";
  panel.x_label = "arcs, millions";
  panel.y_label = time ? "milliseconds" : "MiB";
  panel.x_text = [](double x) { return absl::StrFormat("%.3g", x * 1e-6); };
  panel.y_text = [](double y) {
    return y >= 0.999 ? absl::StrFormat("%.0f", y) : absl::StrFormat("%g", y);
  };
  for (const std::string& name : names_) {
    Series series{name, {}};
    for (size_t i = 0; i < sizes_.size(); ++i) {
      const Point& p = points_.at(name)[i];
      series.points.emplace_back(sizes_[i].arcs,
                                 time ? 1e3 * p.seconds : static_cast<double>(p.bytes) / (1 << 20));
    }
    panel.series.push_back(std::move(series));
  }
  // The legend begins with the slowest.
  std::sort(panel.series.begin(), panel.series.end(), [&](const Series& a, const Series& b) {
    return points_.at(a.name).back().seconds > points_.at(b.name).back().seconds;
  });
  return panel;
}

std::string Scaling::Plot() const { return LogLogPlot({PanelOf(true), PanelOf(false)}); }

absl::Status Write(const std::string& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  out.close();
  if (out.good()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED",
                   absl::StrCat(path, ": cannot be written"));
}

}  // namespace

const std::vector<std::string>& ScalingAlgorithms() {
  static const auto* const kAll = new std::vector<std::string>{"degree",
                                                               "bfs",
                                                               "sssp",
                                                               "weak_components",
                                                               "strong_components",
                                                               "k_core",
                                                               "page_rank",
                                                               "hits",
                                                               "eigenvector",
                                                               "katz",
                                                               "label_propagation",
                                                               "louvain",
                                                               "leiden",
                                                               "hyperball",
                                                               "sampled_betweenness",
                                                               "triangles",
                                                               "local_clustering"};
  return *kAll;
}

absl::Status RunScaling(const ScalingOptions& options) {
  for (const std::string& name : options.only) {
    HALQA_RETURN_IF_ERROR(FindAlgorithm(name).status());
  }
  Scaling scaling(options);
  HALQA_RETURN_IF_ERROR(scaling.Measure());
  if (!options.svg.empty()) HALQA_RETURN_IF_ERROR(Write(options.svg, scaling.Plot()));
  if (!options.page.empty()) return Write(options.page, scaling.Page());
  std::fputs(scaling.Page().c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace halqa::bench
