#include "engine/algo/community/levels.h"

#include <algorithm>
#include <numeric>

#include "engine/algo/community/level_graph.h"
#include "engine/algo/community/level_memory.h"
#include "engine/algo/community/level_weights.h"
#include "engine/algo/kernel.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"

namespace halqa::internal {
namespace {

constexpr int kLevelsMax = 64;

// The communities of the next level's vertices, renamed to numbers below their count.
Array<uint32_t> NextCommunities(const Partition& partition, const Array<uint32_t>& part,
                                uint32_t parts) {
  Array<uint32_t> of(parts);
  for (uint64_t v = 0; v < part.size(); ++v) of[part[v]] = partition.of[v];
  std::vector<uint32_t> names(part.size(), kNoVertex);
  uint32_t count = 0;
  for (uint32_t& c : of) {
    if (names[c] == kNoVertex) names[c] = count++;
    c = names[c];
  }
  return of;
}

// Gives every piece of a community a label of its own. Vertices are connected parts, so this finds
// pieces of the graph below too. Returns the gain, as MoveResult counts it.
double TakeApart(const LevelGraph& graph, double rate, Array<uint32_t>* of) {
  Array<uint32_t> pieces = ConnectedPieces(graph, of->span());
  Array<double> whole(graph.n, 0.0), alone(graph.n, 0.0);
  for (uint32_t v = 0; v < graph.n; ++v) {
    whole[(*of)[v]] += graph.mass[v];
    alone[pieces[v]] += graph.mass[v];
  }
  double saved = 0;
  for (uint32_t c = 0; c < graph.n; ++c) saved += whole[c] * whole[c] - alone[c] * alone[c];
  *of = std::move(pieces);
  return 0.5 * rate * saved;
}

// Weight of arcs: with both ends in one community, of self-loops, of all.
struct ArcSums {
  double inside = 0, loops = 0, all = 0;
};

template <typename LabelFn>
absl::StatusOr<ArcSums> SumArcs(const CsrView& view, LabelFn label, RunContext& run,
                                const Progress& progress, Array<double>* rows) {
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  std::vector<ArcSums> blocks(bounds.size() - 1);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks.size(), progress, [&](uint64_t b) {
    ArcSums sums;
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      double row = 0;
      const uint32_t own = label(v);
      for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
        const VertexIndex u = view.out_targets[a];
        const double w = view.OutWeight(a);
        row += w;
        sums.inside += label(u) == own ? w : 0;
        sums.loops += u == v ? w : 0;
      }
      (*rows)[v] = row;
      sums.all += row;
    }
    blocks[b] = sums;
  }));
  ArcSums all;
  for (const ArcSums& b : blocks) {
    all = {all.inside + b.inside, all.loops + b.loops, all.all + b.all};
  }
  return all;
}

template <typename LabelFn>
absl::StatusOr<double> SumQuality(const CsrView& view, LabelFn label, const LevelsOptions& options,
                                  RunContext& run, const Progress& progress) {
  const bool cpm = options.quality == CommunityQuality::kCpm;
  Array<double> rows(view.vertices);
  HALQA_ASSIGN_OR_RETURN(const ArcSums sums, SumArcs(view, label, run, progress, &rows));
  Array<double> mass(view.vertices, 0.0);
  for (VertexIndex v = 0; v < view.vertices; ++v) mass[label(v)] += cpm ? 1 : rows[v];
  double squares = 0;
  for (const double m : mass) squares += m * m;
  if (cpm) {
    const double pairs = 0.5 * (squares - static_cast<double>(view.vertices));
    return 0.5 * (sums.inside + sums.loops) - options.resolution * pairs;
  }
  if (!(sums.all > 0)) return 0.0;
  return sums.inside / sums.all - options.resolution * squares / (sums.all * sums.all);
}

class Levels {
 public:
  Levels(const CsrView& view, const LevelsOptions& options, RunContext& run)
      : view_(view), options_(options), run_(run) {}

  absl::StatusOr<LevelsResult> Run();

 private:
  absl::Status Prepare();
  absl::Status SumMass();
  absl::Status Iterate(int iteration, MoveResult* moved);
  absl::Status MoveLevel(const LevelGraph& graph, int iteration, int level, Partition* partition,
                         MoveResult* moved);
  // Leaves `*part` the split of this level's vertices on which the next level stands.
  absl::Status SplitLevel(const LevelGraph& graph, const Partition& partition, uint64_t seed,
                          const Progress& progress, Array<uint32_t>* part, uint32_t* parts);
  uint64_t Seed(int iteration, int level) const {
    const auto at = static_cast<uint64_t>(iteration) << 32 | static_cast<uint64_t>(level);
    return Mix64(options_.seed ^ Mix64(at));
  }
  void KeepLevel(const Partition& partition, const std::vector<uint32_t>& place);
  // The share of the whole run that a level has; later levels are short.
  Progress Share(int iteration, int level, double from, double part) const {
    const double span = level < 6 ? 1.0 / (2 << level) : 1.0 / 64 / 64;
    const double before = level < 6 ? 1 - 2 * span : 1 - 1.0 / 64 + (level - 6) * span;
    return {iteration + before + span * from, span * part,
            static_cast<double>(options_.iterations)};
  }

  const CsrView& view_;
  const LevelsOptions& options_;
  RunContext& run_;
  LevelGraph base_;
  double total_ = 0;  // weight of all rows
  double rate_ = 0;
  LevelsResult result_;
};

absl::Status Levels::SumMass() {
  base_.mass = Array<double>(base_.n);
  base_.bytes_beside = LevelsLeastBytes(view_);
  total_ = options_.total;
  if (!options_.mass.empty()) {
    std::copy(options_.mass.begin(), options_.mass.end(), base_.mass.begin());
    return absl::OkStatus();
  }
  const std::vector<uint32_t> bounds = RowBlocks(base_.offsets);
  HALQA_RETURN_IF_ERROR(WithWeights(base_, [&](auto weight) {
    return CheckedBlocks(run_, bounds.size() - 1, {0, 0.01, 1}, [&](uint64_t b) {
      for (uint32_t v = bounds[b]; v < bounds[b + 1]; ++v) {
        double sum = 0;
        for (uint64_t a = base_.offsets[v]; a < base_.offsets[v + 1]; ++a) sum += weight(a);
        base_.mass[v] = sum;
      }
    });
  }));
  for (const double k : base_.mass) total_ += k;
  return absl::OkStatus();
}

absl::Status Levels::Prepare() {
  base_.n = view_.vertices;
  base_.offsets = view_.out_offsets;
  base_.targets = view_.out_targets;
  base_.floats = view_.out_weights;
  HALQA_RETURN_IF_ERROR(SumMass());
  const bool cpm = options_.quality == CommunityQuality::kCpm;
  rate_ = cpm ? options_.resolution : options_.resolution / total_;
  if (cpm) base_.mass.fill(1);
  result_.communities.resize(base_.n);
  std::iota(result_.communities.begin(), result_.communities.end(), 0u);
  if (!options_.start.empty()) {
    result_.communities.assign(options_.start.begin(), options_.start.end());
  }
  return absl::OkStatus();
}

absl::Status Levels::MoveLevel(const LevelGraph& graph, int iteration, int level,
                               Partition* partition, MoveResult* moved) {
  SumPartition(graph, partition);
  MoveOptions options;
  options.rate = rate_;
  options.least = 1e-12 * total_;
  options.seed = Seed(iteration, level);
  ++result_.rounds;
  return MoveVertices(graph, options, Pacer(run_, Share(iteration, level, 0, 0.7)), partition,
                      moved);
}

absl::Status Levels::SplitLevel(const LevelGraph& graph, const Partition& partition, uint64_t seed,
                                const Progress& progress, Array<uint32_t>* part, uint32_t* parts) {
  if (options_.refine) {
    return RefinePartition(graph, partition, rate_, seed, run_, progress, part, parts);
  }
  *part = Array<uint32_t>(graph.n);
  std::copy(partition.of.begin(), partition.of.end(), part->begin());
  *parts = Renumber(part->mutable_span());
  return absl::OkStatus();
}

void Levels::KeepLevel(const Partition& partition, const std::vector<uint32_t>& place) {
  std::vector<uint32_t> labels(place.size());
  for (size_t v = 0; v < place.size(); ++v) labels[v] = partition.of[place[v]];
  Renumber(absl::MakeSpan(labels));
  result_.levels.push_back(std::move(labels));
}

absl::Status Levels::Iterate(int iteration, MoveResult* moved) {
  LevelGraph own;
  const LevelGraph* graph = &base_;
  Partition partition;
  partition.of = Array<uint32_t>(base_.n);
  std::copy(result_.communities.begin(), result_.communities.end(), partition.of.begin());
  std::vector<uint32_t> place(base_.n);  // the vertex of the current level of each vertex
  std::iota(place.begin(), place.end(), 0u);
  for (int level = 0;; ++level) {
    HALQA_RETURN_IF_ERROR(MoveLevel(*graph, iteration, level, &partition, moved));
    if (options_.keep_levels) KeepLevel(partition, place);
    if (partition.count == graph->n || level + 1 == kLevelsMax) break;
    Array<uint32_t> part;
    uint32_t parts = 0;
    HALQA_RETURN_IF_ERROR(SplitLevel(*graph, partition, Seed(iteration, level),
                                     Share(iteration, level, 0.7, 0.15), &part, &parts));
    if (parts == graph->n) break;
    LevelGraph next;
    HALQA_RETURN_IF_ERROR(
        Aggregate(*graph, part.span(), parts, run_, Share(iteration, level, 0.85, 0.15), &next));
    partition.of = NextCommunities(partition, part, parts);
    for (uint32_t& p : place) p = part[p];
    own = std::move(next);
    graph = &own;
  }
  if (options_.refine && partition.count < graph->n) {
    moved->gain += TakeApart(*graph, rate_, &partition.of);
  }
  for (uint32_t v = 0; v < base_.n; ++v) result_.communities[v] = partition.of[place[v]];
  return absl::OkStatus();
}

absl::StatusOr<LevelsResult> Levels::Run() {
  HALQA_RETURN_IF_ERROR(Prepare());
  const bool whole = options_.mass.empty();
  const absl::Span<const uint32_t> start = options_.start;  // empty: all alone
  if (whole) {
    HALQA_ASSIGN_OR_RETURN(result_.start_quality,
                           DirectQuality(view_, start, options_, run_, {0, 0, 1}));
  }
  double gain = 0;
  result_.converged = !(total_ > 0);
  for (int i = 0; i < options_.iterations && !result_.converged; ++i) {
    MoveResult moved;
    result_.levels.clear();
    HALQA_RETURN_IF_ERROR(Iterate(i, &moved));
    gain += moved.gain;
    result_.converged = moved.moves == 0;
  }
  const bool cpm = options_.quality == CommunityQuality::kCpm;
  if (total_ > 0) result_.gain = cpm ? gain : 2 * gain / total_;
  result_.count = Renumber(absl::MakeSpan(result_.communities));
  if (whole) {
    HALQA_ASSIGN_OR_RETURN(result_.quality,
                           DirectQuality(view_, result_.communities, options_, run_, {1, 0, 1}));
  }
  HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
  return std::move(result_);
}

}  // namespace

absl::StatusOr<LevelsResult> RunLevels(const CsrView& view, const LevelsOptions& options,
                                       RunContext& run) {
  return Levels(view, options, run).Run();
}

absl::StatusOr<double> DirectQuality(const CsrView& view, absl::Span<const uint32_t> labels,
                                     const LevelsOptions& options, RunContext& run,
                                     const Progress& progress) {
  if (!labels.empty()) {
    return SumQuality(
        view, [&](VertexIndex v) { return labels[v]; }, options, run, progress);
  }
  return SumQuality(
      view, [](VertexIndex v) { return v; }, options, run, progress);
}

absl::Status ValidateCommunityOptions(const CsrView& view, double resolution,
                                      absl::Span<const uint32_t> start) {
  HALQA_RETURN_IF_ERROR(RequireRange("resolution", resolution, 1e-9, 1e9));
  if (!start.empty() && start.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "start", "one label per vertex expected");
  }
  for (const uint32_t label : start) {
    if (label >= view.vertices) {
      return FieldError("OPTION_OUT_OF_RANGE", "start", "labels must be below the vertex count");
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa::internal
