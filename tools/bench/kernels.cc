#include "tools/bench/kernels.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "engine/algo/centrality/k_core.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/weak_components.h"
#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "engine/graph/blocks.h"
#include "engine/graph/builder.h"
#include "tools/bench/generate.h"

namespace halqa::bench {
namespace {

struct Line {
  std::string graph, kernel;
  double seconds = 0;  // best of the repeats
  double sweeps = 0;
  double ns_per_arc = 0;
  int rounds = 1;
  std::string note;
};

double Seconds(const std::function<void()>& fn) {
  const auto start = std::chrono::steady_clock::now();
  fn();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// One pass over the rows, reading every neighbour.
uint64_t Sweep(const CsrView& view, const std::vector<uint32_t>& bounds, int threads) {
  std::vector<uint64_t> sums(bounds.size() - 1);
  ParallelBlocks(threads, sums.size(), [&](uint64_t b) {
    uint64_t sum = 0;
    for (uint64_t v = bounds[b]; v < bounds[b + 1]; ++v) {
      for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
        sum += view.in_sources[a];
      }
    }
    sums[b] = sum;
  });
  uint64_t sum = 0;
  for (const uint64_t s : sums) sum += s;
  return sum;
}

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  std::exit(1);
}

class Bench {
 public:
  Bench(std::string graph, int threads, int repeats)
      : name_(std::move(graph)), threads_(threads), repeats_(repeats) {
    RunContext run(threads_);
    auto csr = Generate(name_, run);
    Must(csr.status());
    csr_ = *std::move(csr);
    view_ = csr_.View();
    const std::vector<uint32_t> bounds = RowBlocks(view_.in_offsets);
    uint64_t sink = 0;
    sweep_ = Best([&] { sink += Sweep(view_, bounds, threads_); });
    if (sink == 1) std::puts("");
    Add("sweep", sweep_, 1, "");
  }

  // `only`: one group of kernels, "" = all.
  void Run(const std::string& only);
  const std::vector<Line>& lines() const { return lines_; }

 private:
  double Best(const std::function<void()>& fn) const {
    double best = 1e300;
    for (int i = 0; i < repeats_; ++i) best = std::min(best, Seconds(fn));
    return best;
  }
  void Add(const std::string& kernel, double seconds, int rounds, std::string note) {
    const double arcs = static_cast<double>(std::max<uint64_t>(view_.arcs(), 1));
    lines_.push_back({name_, kernel, seconds, seconds / sweep_, seconds / arcs / rounds * 1e9,
                      rounds, std::move(note)});
  }
  void PageRanks();
  void Topics();
  void Communities();
  void Building();

  std::string name_;
  int threads_;
  int repeats_;
  Csr csr_;
  CsrView view_;
  double sweep_ = 0;
  std::vector<Line> lines_;
};

void Bench::PageRanks() {
  for (const double tolerance : {1e-4, 1e-9}) {
    PageRankOptions options;
    options.tolerance = tolerance;
    int rounds = 0;
    const double t = Best([&] {
      RunContext run(threads_);
      auto result = PageRank(view_, options, run);
      Must(result.status());
      rounds = result->rounds;
    });
    Add(tolerance > 1e-5 ? "page_rank_1e-4" : "page_rank_1e-9", t, rounds, "");
  }
}

void Bench::Topics() {
  TopicPageRankOptions options;
  options.tolerance = 1e-4;
  CounterRng rng(1, 1);
  options.topics.resize(16);
  for (auto& topic : options.topics) {
    for (int i = 0; i < 100; ++i) {
      topic.push_back({static_cast<VertexIndex>(rng.Below(view_.vertices)), 1});
    }
  }
  int rounds = 0;
  const double t = Best([&] {
    RunContext run(threads_);
    auto result = TopicPageRank(view_, options, run);
    Must(result.status());
    rounds = result->rounds;
  });
  Add("topic_page_rank_16", t, rounds, "16 vectors");
}

void Bench::Communities() {
  std::string note;
  const double wcc = Best([&] {
    RunContext run(threads_);
    Must(WeakComponents(view_, {}, run).status());
  });
  Add("weak_components", wcc, 1, "");
  const double core = Best([&] {
    RunContext run(threads_);
    Must(KCore(view_, {}, run).status());
  });
  Add("k_core", core, 1, "");
  for (const int iterations : {1, 2}) {
    const double leiden = Best([&] {
      RunContext run(threads_);
      LeidenOptions options;
      options.iterations = iterations;
      auto result = Leiden(view_, options, run);
      Must(result.status());
      char text[80];
      std::snprintf(text, sizeof text, "Q %.5f, %u communities", result->modularity, result->count);
      note = text;
    });
    Add(iterations == 1 ? "leiden" : "leiden_2_iterations", leiden, 1, note);
  }
}

void Bench::Building() {
  std::vector<VertexIndex> u(view_.out_targets.begin(), view_.out_targets.end());
  std::vector<VertexIndex> v(view_.arcs());
  for (VertexIndex s = 0; s < view_.vertices; ++s) {
    for (uint64_t a = view_.out_offsets[s]; a < view_.out_offsets[s + 1]; ++a) v[a] = s;
  }
  CounterRng rng(3, 3);
  for (uint64_t i = u.size(); i > 1; --i) {
    const uint64_t j = rng.Below(i);
    std::swap(u[i - 1], u[j]);
    std::swap(v[i - 1], v[j]);
  }
  const double t = Best([&] {
    RunContext run(threads_);
    BuildOptions options;
    options.vertices = view_.vertices;
    Must(BuildCsr({u, v, {}}, options, run).status());
  });
  Add("build_both_directions", t, 1, "");
}

void Bench::Run(const std::string& only) {
  if (only.empty() || only == "page_rank") PageRanks();
  if (only.empty() || only == "topics") Topics();
  if (only.empty() || only == "communities") Communities();
  if (only.empty() || only == "build") Building();
}

void Print(const std::vector<Line>& lines, bool json) {
  if (json) std::puts("[");
  for (size_t i = 0; i < lines.size(); ++i) {
    const Line& l = lines[i];
    if (json) {
      std::printf(
          "  {\"graph\": \"%s\", \"kernel\": \"%s\", \"seconds\": %.6f, \"sweeps\": %.3f, "
          "\"ns_per_arc_round\": %.4f, \"rounds\": %d, \"note\": \"%s\"}%s\n",
          l.graph.c_str(), l.kernel.c_str(), l.seconds, l.sweeps, l.ns_per_arc, l.rounds,
          l.note.c_str(), i + 1 < lines.size() ? "," : "");
    } else {
      std::printf("%-16s %-22s %10.2f ms %9.1f sweeps %8.2f ns/arc/round %4d rounds  %s\n",
                  l.graph.c_str(), l.kernel.c_str(), l.seconds * 1e3, l.sweeps, l.ns_per_arc,
                  l.rounds, l.note.c_str());
    }
  }
  if (json) std::puts("]");
}

}  // namespace

void RunKernels(const KernelOptions& options) {
  std::vector<Line> lines;
  for (const std::string& graph : options.graphs) {
    Bench bench(graph, options.threads, options.repeats);
    bench.Run(options.only);
    lines.insert(lines.end(), bench.lines().begin(), bench.lines().end());
  }
  Print(lines, options.json);
}

}  // namespace halqa::bench
