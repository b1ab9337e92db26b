#include "tools/bench/peer_bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/builder.h"
#include "tools/bench/generate.h"
#include "tools/bench/graph_file.h"
#include "tools/bench/peer_kernels.h"
#include "tools/bench/programs.h"
#include "tools/common/table.h"

namespace halqa::bench {
namespace {

constexpr int kTrials = 3;  // per round
constexpr absl::string_view kOrdered = ":ordered";

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

// Others that use the machine only ever make a run slower.
double Best(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

// Bytes per second of reading memory in order, best of five.
double Bandwidth(int threads) {
  constexpr uint64_t kWords = uint64_t{1} << 26, kBlock = uint64_t{1} << 18;
  Array<uint64_t> words(kWords, 1);
  std::vector<uint64_t> sums(kWords / kBlock);
  double best = 1e300;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    ParallelBlocks(threads, sums.size(), [&](uint64_t b) {
      uint64_t sum = 0;
      for (uint64_t w = b * kBlock; w < (b + 1) * kBlock; ++w) sum += words[w];
      sums[b] += sum;
    });
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  if (sums[0] == 1) std::puts("");
  return 8.0 * kWords / best;
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// "Trial Time:          0.12345", once per trial: the best.
absl::StatusOr<double> BestTrial(const std::string& output) {
  double best = 1e300;
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    double seconds = 0;
    if (!absl::ConsumePrefix(&line, "Trial Time:")) continue;
    if (absl::SimpleAtod(line, &seconds)) best = std::min(best, seconds);
  }
  if (best < 1e300) return best;
  return MakeError(absl::StatusCode::kInternal, "COMMAND_FAILED", "the peer printed no trial time");
}

// Seconds of one trial of the peer. With one thread: time on the core, the difference between a run
// of 1 + kTrials and one of 1, which is the same reading of the graph.
absl::StatusOr<double> PeerSeconds(std::vector<std::string> command, int threads) {
  command.insert(command.begin(), {"/usr/bin/env", absl::StrCat("OMP_NUM_THREADS=", threads)});
  command.insert(command.end(), {"-n", absl::StrCat(kTrials + 1)});
  HALQA_ASSIGN_OR_RETURN(const Finished all, RunProgram(command));
  if (threads > 1) return BestTrial(all.output);
  command.back() = std::string("1");
  HALQA_ASSIGN_OR_RETURN(const Finished one, RunProgram(command));
  return (all.core_seconds - one.core_seconds) / kTrials;
}

struct Sample {
  std::vector<double> ours, theirs, ratios;  // seconds; ratio of each round
  KernelRun last;
};

class PeerBench {
 public:
  explicit PeerBench(const PeerBenchOptions& options)
      : o_(options),
        table_({{"graph"},
                {"kernel"},
                {"threads", Table::Align::kRight},
                {"ours ms", Table::Align::kRight},
                {"peer ms", Table::Align::kRight},
                {"ratio", Table::Align::kRight},
                {"ns/arc/round", Table::Align::kRight},
                {"bytes/arc/round", Table::Align::kRight},
                {"of bandwidth", Table::Align::kRight},
                {"note", Table::Align::kLeft, 60}}) {}
  absl::Status Run();
  std::string Text() const { return table_.Render(); }

 private:
  absl::Status RunGraph(const std::string& name);
  absl::Status MakeGraphs(const std::string& name);
  absl::StatusOr<Sample> Measure(size_t kernel, int threads);
  absl::StatusOr<std::vector<double>> OurSeconds(const PeerKernel& peer, VertexIndex source,
                                                 int threads, KernelRun* last);
  void AddRow(const std::string& graph, const std::string& kernel, int threads, const Sample& s);
  VertexIndex Source(int round) const;
  VertexIndex Ours(VertexIndex theirs) const { return ours_.empty() ? theirs : ours_[theirs]; }
  bool Wanted(const std::string& kernel) const {
    return std::find(o_.kernels.begin(), o_.kernels.end(), kernel) != o_.kernels.end();
  }

  const PeerBenchOptions& o_;
  Table table_;
  std::string file_;
  Csr csr_;                        // ours
  Csr theirs_;                     // the peer's where its vertices have other numbers
  std::vector<VertexIndex> ours_;  // by its number of a vertex, our number; empty: the same
  double arcs_ = 0;
  double bandwidth_ = 0;
};

// A vertex that has neighbours, so that there is something to search; as the peer numbers it.
VertexIndex PeerBench::Source(int round) const {
  const CsrView view = ours_.empty() ? csr_.View() : theirs_.View();
  CounterRng rng(27491095, static_cast<uint64_t>(round));
  for (;;) {
    const auto v = static_cast<VertexIndex>(rng.Below(view.vertices));
    if (view.OutDegree(v) > 0) return v;
  }
}

// Of each trial, as many as the peer's and from the same vertices.
absl::StatusOr<std::vector<double>> PeerBench::OurSeconds(const PeerKernel& peer,
                                                          VertexIndex source, int threads,
                                                          KernelRun* last) {
  PeerPicks picks(ours_.empty() ? csr_.View() : theirs_.View());
  std::vector<double> seconds;
  for (int i = 0; i <= kTrials; ++i) {
    std::vector<VertexIndex> sources = {Ours(source)};
    if (peer.picks) {
      sources.clear();
      while (sources.size() < 4) sources.push_back(Ours(picks.Next()));
    }
    HALQA_ASSIGN_OR_RETURN(*last, RunKernel(peer.name, csr_.View(), sources, threads));
    seconds.push_back(last->seconds);
  }
  return seconds;
}

// Both sides alike: on one thread the mean of all trials but the first, on more the best of all.
absl::StatusOr<Sample> PeerBench::Measure(size_t kernel, int threads) {
  Sample sample;
  for (int round = 0; round < o_.rounds; ++round) {
    const VertexIndex source = Source(round);
    const PeerKernel peer = PeerKernels(source)[kernel];
    HALQA_ASSIGN_OR_RETURN(const std::vector<double> trials,
                           OurSeconds(peer, source, threads, &sample.last));
    const double ours = threads > 1 ? Best(trials) : Mean({trials.begin() + 1, trials.end()});
    std::vector<std::string> command = {absl::StrCat(o_.gap, "/", peer.program), "-f", file_};
    command.insert(command.end(), peer.arguments.begin(), peer.arguments.end());
    HALQA_ASSIGN_OR_RETURN(const double theirs, PeerSeconds(command, threads));
    sample.ratios.push_back(theirs / ours);
    sample.ours.push_back(ours);
    sample.theirs.push_back(theirs);
  }
  return sample;
}

void PeerBench::AddRow(const std::string& graph, const std::string& kernel, int threads,
                       const Sample& s) {
  const double seconds = Best(s.ours);
  const auto [low, high] = std::minmax_element(s.ratios.begin(), s.ratios.end());
  const double work = arcs_ * s.last.rounds;
  table_.AddRow({graph, kernel, absl::StrCat(threads), absl::StrFormat("%.2f", 1e3 * seconds),
                 absl::StrFormat("%.2f", 1e3 * Best(s.theirs)),
                 absl::StrFormat("%.2f", Median(s.ratios)),
                 absl::StrFormat("%.3f", 1e9 * seconds / work),
                 absl::StrFormat("%.2f", s.last.streamed_bytes / work),
                 absl::StrFormat("%.0f %%", 100 * s.last.streamed_bytes / seconds / bandwidth_),
                 absl::StrFormat("%.2f to %.2f; %s", *low, *high, s.last.note)});
}

absl::Status PeerBench::MakeGraphs(const std::string& name) {
  RunContext run(2);
  std::string peer_name = name;
  const bool unordered = o_.peer_unordered && absl::EndsWith(name, kOrdered);
  if (unordered) peer_name.resize(name.size() - kOrdered.size());
  file_ = absl::StrCat(o_.directory, "/", absl::StrReplaceAll(peer_name, {{":", "_"}}), ".sg");
  HALQA_ASSIGN_OR_RETURN(csr_, Generate(peer_name, run));
  HALQA_RETURN_IF_ERROR(WriteGraphFile(csr_.View(), file_));
  ours_.clear();
  theirs_ = Csr();
  if (unordered) {
    theirs_ = std::move(csr_);
    HALQA_ASSIGN_OR_RETURN(const std::vector<VertexIndex> order, InDegreeOrder(theirs_.View()));
    HALQA_ASSIGN_OR_RETURN(csr_, Relabelled(theirs_.View(), order, run));
    ours_.resize(order.size());
    for (VertexIndex v = 0; v < order.size(); ++v) ours_[order[v]] = v;
  }
  arcs_ = static_cast<double>(csr_.View().arcs());
  return absl::OkStatus();
}

absl::Status PeerBench::RunGraph(const std::string& name) {
  HALQA_RETURN_IF_ERROR(MakeGraphs(name));
  for (const int threads : o_.threads) {
    bandwidth_ = Bandwidth(threads);
    std::fprintf(stderr, "%s, %d threads: memory reads at %.1f GB/s\n", name.c_str(), threads,
                 bandwidth_ / 1e9);
    const std::vector<PeerKernel> kernels = PeerKernels(0);
    for (size_t k = 0; k < kernels.size(); ++k) {
      if (!Wanted(kernels[k].name)) continue;
      HALQA_ASSIGN_OR_RETURN(const Sample sample, Measure(k, threads));
      AddRow(name, kernels[k].name, threads, sample);
      std::fprintf(stderr, "%s %s %d: %.2f\n", name.c_str(), kernels[k].name.c_str(), threads,
                   Median(sample.ratios));
    }
  }
  std::filesystem::remove(file_);
  return absl::OkStatus();
}

absl::Status PeerBench::Run() {
  std::filesystem::create_directories(o_.directory);
  for (const std::string& graph : o_.graphs) HALQA_RETURN_IF_ERROR(RunGraph(graph));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunPeerBench(const PeerBenchOptions& options) {
  PeerBench bench(options);
  const absl::Status status = bench.Run();
  std::fputs(bench.Text().c_str(), stdout);
  return status;
}

}  // namespace halqa::bench
