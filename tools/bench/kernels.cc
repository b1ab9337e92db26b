#include "tools/bench/kernels.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "engine/algo/centrality/k_core.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/triangles.h"
#include "engine/algo/community/weak_components.h"
#include "engine/algo/traverse/bfs.h"
#include "engine/algo/traverse/sssp.h"
#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "engine/graph/blocks.h"
#include "engine/graph/builder.h"
#include "tools/bench/baseline.h"
#include "tools/bench/generate.h"

namespace halqa::bench {
namespace {

double Now(int threads) {
  struct timespec t {};
  ::clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
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
    bounds_ = RowBlocks(view_.in_offsets);
  }

  // `only`: one group of kernels, "" = all.
  void Run(const std::string& only);
  const std::vector<Line>& lines() const { return lines_; }

 private:
  // The best of the repeats, each after a sweep, so that both see the same moments.
  double Best(const std::function<void()>& fn) {
    double best = 1e300;
    sweep_ = 1e300;
    for (int i = 0; i < repeats_; ++i) {
      double start = Now(threads_);
      sink_ += Sweep(view_, bounds_, threads_);
      sweep_ = std::min(sweep_, Now(threads_) - start);
      start = Now(threads_);
      fn();
      best = std::min(best, Now(threads_) - start);
    }
    return best;
  }
  void Add(const std::string& kernel, double seconds, int rounds, uint64_t work,
           std::string note = "") {
    const double arcs = static_cast<double>(std::max<uint64_t>(view_.arcs(), 1));
    lines_.push_back({name_, kernel, seconds, seconds / sweep_, seconds / arcs / rounds * 1e9,
                      rounds, work, std::move(note)});
  }
  void PageRanks();
  void Topics();
  void Distances();
  void Triples();
  void Communities();
  void Building();

  std::string name_;
  int threads_;
  int repeats_;
  Csr csr_;
  CsrView view_;
  std::vector<uint32_t> bounds_;
  double sweep_ = 0;
  uint64_t sink_ = 0;  // keeps the sweep from being optimised away
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
    Add(tolerance > 1e-5 ? "page_rank_1e-4" : "page_rank_1e-9", t, rounds, 0);
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
  Add("topic_page_rank_16", t, rounds, 0, "16 vectors");
}

void Bench::Distances() {
  VertexIndex source = 0;  // the first that leads anywhere
  while (view_.OutDegree(source) == 0) ++source;
  uint64_t work = 0;
  const double bfs = Best([&] {
    RunContext run(threads_);
    auto result = Bfs(view_, {{source}}, run);
    Must(result.status());
    work = result->arcs_examined;
  });
  Add("bfs", bfs, 1, work, "arcs looked at");
  int steps = 0;
  const double sssp = Best([&] {
    RunContext run(threads_);
    auto result = Sssp(view_, {{source}}, run);
    Must(result.status());
    steps = result->steps;
  });
  Add("sssp", sssp, 1, static_cast<uint64_t>(steps), "steps");
}

void Bench::Triples() {
  uint64_t work = 0;
  const double triangles = Best([&] {
    RunContext run(threads_);
    auto result = Triangles(view_, {}, run);
    Must(result.status());
    work = result->wedges;
  });
  Add("triangles", triangles, 1, work, "pairs looked at");
}

void Bench::Communities() {
  std::string note;
  uint64_t work = 0;
  const double wcc = Best([&] {
    RunContext run(threads_);
    auto result = WeakComponents(view_, {}, run);
    Must(result.status());
    work = result->components;
  });
  Add("weak_components", wcc, 1, work, "components");
  const double core = Best([&] {
    RunContext run(threads_);
    auto result = KCore(view_, {}, run);
    Must(result.status());
    work = result->largest;
  });
  Add("k_core", core, 1, work, "largest core");
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
    Add(iterations == 1 ? "leiden" : "leiden_2_iterations", leiden, 1, 0, note);
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
  Add("build_both_directions", t, 1, 0);
}

void Bench::Run(const std::string& only) {
  if (only.empty() || only == "page_rank") PageRanks();
  if (only.empty() || only == "topics") Topics();
  if (only.empty() || only == "structure") Distances();
  if (only.empty() || only == "structure") Triples();
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
          "\"ns_per_arc_round\": %.4f, \"rounds\": %d, \"work\": %llu, \"note\": \"%s\"}%s\n",
          l.graph.c_str(), l.kernel.c_str(), l.seconds, l.sweeps, l.ns_per_arc, l.rounds,
          static_cast<unsigned long long>(l.work), l.note.c_str(), i + 1 < lines.size() ? "," : "");
    } else {
      std::printf("%-16s %-22s %10.2f ms %9.1f sweeps %8.2f ns/arc/round %4d rounds  %llu %s\n",
                  l.graph.c_str(), l.kernel.c_str(), l.seconds * 1e3, l.sweeps, l.ns_per_arc,
                  l.rounds, static_cast<unsigned long long>(l.work), l.note.c_str());
    }
  }
  if (json) std::puts("]");
}

}  // namespace

std::vector<Line> MeasureKernels(const KernelOptions& options) {
  std::vector<Line> lines;
  for (const std::string& graph : options.graphs) {
    Bench bench(graph, options.threads, options.repeats);
    bench.Run(options.only);
    lines.insert(lines.end(), bench.lines().begin(), bench.lines().end());
  }
  return lines;
}

int RunKernels(const KernelOptions& options) {
  std::vector<Line> lines = MeasureKernels(options);
  // What looks slower may have met a busy moment: the best of several counts.
  std::string worse;
  for (int again = 0; again < 3 && !options.baseline.empty() && !options.update; ++again) {
    worse = Worse(options.baseline, lines);
    if (worse.empty()) break;
    std::fprintf(stderr, "measuring again:\n%s", worse.c_str());
    KeepBest(MeasureKernels(options), &lines);
    worse = Worse(options.baseline, lines);
  }
  Print(lines, options.json);
  if (options.update) Must(WriteBaseline(options.baseline, lines));
  if (worse.empty()) return 0;
  std::fprintf(stderr, "worse than %s allows:\n%s", options.baseline.c_str(), worse.c_str());
  return 1;
}

}  // namespace halqa::bench
