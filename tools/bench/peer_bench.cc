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
  absl::StatusOr<Sample> Measure(const CsrView& view, size_t kernel, int threads);
  void AddRow(const std::string& graph, const std::string& kernel, int threads, const Sample& s);
  VertexIndex Source(const CsrView& view, int round) const;
  bool Wanted(const std::string& kernel) const {
    return std::find(o_.kernels.begin(), o_.kernels.end(), kernel) != o_.kernels.end();
  }

  const PeerBenchOptions& o_;
  Table table_;
  std::string file_;
  double arcs_ = 0;
  double bandwidth_ = 0;
};

// A vertex that has neighbours, so that there is something to search.
VertexIndex PeerBench::Source(const CsrView& view, int round) const {
  CounterRng rng(27491095, static_cast<uint64_t>(round));
  for (;;) {
    const auto v = static_cast<VertexIndex>(rng.Below(view.vertices));
    if (view.OutDegree(v) > 0) return v;
  }
}

absl::StatusOr<Sample> PeerBench::Measure(const CsrView& view, size_t kernel, int threads) {
  Sample sample;
  for (int round = 0; round < o_.rounds; ++round) {
    const VertexIndex source = Source(view, round);
    const PeerKernel peer = PeerKernels(source)[kernel];
    std::vector<double> ours;
    for (int i = 0; i < kTrials; ++i) {
      HALQA_ASSIGN_OR_RETURN(sample.last, RunKernel(peer.name, view, source, threads));
      ours.push_back(sample.last.seconds);
    }
    std::vector<std::string> command = {absl::StrCat(o_.gap, "/", peer.program), "-f", file_};
    command.insert(command.end(), peer.arguments.begin(), peer.arguments.end());
    HALQA_ASSIGN_OR_RETURN(const double theirs, PeerSeconds(command, threads));
    sample.ratios.push_back(theirs / Best(ours));
    sample.ours.insert(sample.ours.end(), ours.begin(), ours.end());
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

absl::Status PeerBench::RunGraph(const std::string& name) {
  RunContext run(2);
  std::string peer_name = name;
  if (o_.peer_unordered && absl::EndsWith(name, kOrdered)) {
    peer_name.resize(name.size() - kOrdered.size());
  }
  file_ = absl::StrCat(o_.directory, "/", absl::StrReplaceAll(peer_name, {{":", "_"}}), ".sg");
  {
    HALQA_ASSIGN_OR_RETURN(const Csr theirs, Generate(peer_name, run));
    HALQA_RETURN_IF_ERROR(WriteGraphFile(theirs.View(), file_));
  }
  HALQA_ASSIGN_OR_RETURN(const Csr csr, Generate(name, run));
  const CsrView view = csr.View();
  arcs_ = static_cast<double>(view.arcs());
  for (const int threads : o_.threads) {
    bandwidth_ = Bandwidth(threads);
    std::fprintf(stderr, "%s, %d threads: memory reads at %.1f GB/s\n", name.c_str(), threads,
                 bandwidth_ / 1e9);
    const std::vector<PeerKernel> kernels = PeerKernels(0);
    for (size_t k = 0; k < kernels.size(); ++k) {
      if (!Wanted(kernels[k].name)) continue;
      HALQA_ASSIGN_OR_RETURN(const Sample sample, Measure(view, k, threads));
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
