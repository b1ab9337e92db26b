#include "engine/algo/community/leiden.h"

#include <algorithm>

#include "engine/algo/community/leiden_level.h"
#include "engine/algo/community/quality.h"
#include "engine/algo/kernel.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

using internal::LevelGraph;
using internal::MoveResult;
using internal::Partition;

constexpr int kLevelsMax = 64;

// Renames labels below n to 0, 1, ... by first vertex. Returns their number.
uint32_t Renumber(std::vector<uint32_t>* labels) {
  std::vector<uint32_t> names(labels->size(), kNoVertex);
  uint32_t count = 0;
  for (uint32_t& label : *labels) {
    if (names[label] == kNoVertex) names[label] = count++;
    label = names[label];
  }
  return count;
}

// Gives every connected piece of a community a label of its own.
void SplitPieces(const CsrView& view, std::vector<uint32_t>* labels) {
  std::vector<uint32_t> pieces(view.vertices, kNoVertex);
  std::vector<VertexIndex> stack;
  uint32_t count = 0;
  for (VertexIndex s = 0; s < view.vertices; ++s) {
    if (pieces[s] != kNoVertex) continue;
    pieces[s] = count;
    stack.assign(1, s);
    while (!stack.empty()) {
      const VertexIndex v = stack.back();
      stack.pop_back();
      for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
        const VertexIndex u = view.out_targets[a];
        if (pieces[u] != kNoVertex || (*labels)[u] != (*labels)[s]) continue;
        if (!(view.OutWeight(a) > 0)) continue;
        pieces[u] = count;
        stack.push_back(u);
      }
    }
    ++count;
  }
  *labels = std::move(pieces);
}

// The communities of the next level's vertices, renamed to numbers below their count.
Array<uint32_t> NextCommunities(const Partition& partition, const Array<uint32_t>& part,
                                uint32_t parts) {
  Array<uint32_t> of(parts);
  std::vector<uint32_t> names(part.size(), kNoVertex);
  uint32_t count = 0;
  for (uint64_t v = 0; v < part.size(); ++v) {
    uint32_t& name = names[partition.of[v]];
    if (name == kNoVertex) name = count++;
    of[part[v]] = name;
  }
  return of;
}

class LeidenRun {
 public:
  LeidenRun(const CsrView& view, const LeidenOptions& options, RunContext& run)
      : view_(view), options_(options), run_(run) {}

  absl::StatusOr<LeidenResult> Run();

 private:
  absl::Status Prepare();
  absl::Status OneIteration(int iteration);
  // Leaves `*part` the split of this level's vertices on which the next level stands.
  absl::Status SplitLevel(const LevelGraph& graph, const Partition& partition,
                          const Progress& progress, Array<uint32_t>* part, uint32_t* parts);
  void KeepLevel(const Partition& partition, const std::vector<uint32_t>& place);
  absl::Status Finish();
  // The share of the whole run that a level has; later levels are short.
  Progress Share(int iteration, int level, double from, double part) const {
    const double span = level < 6 ? 1.0 / (2 << level) : 1.0 / 64 / 64;
    const double before = level < 6 ? 1 - 2 * span : 1 - 1.0 / 64 + (level - 6) * span;
    return {iteration + before + span * from, span * part,
            static_cast<double>(options_.iterations)};
  }

  const CsrView& view_;
  const LeidenOptions& options_;
  RunContext& run_;
  LevelGraph base_;
  LeidenResult result_;
  MoveResult moved_;  // of the current iteration, all levels
};

absl::Status LeidenRun::Prepare() {
  base_.n = view_.vertices;
  base_.offsets = view_.out_offsets;
  base_.targets = view_.out_targets;
  base_.floats = view_.out_weights;
  HALQA_RETURN_IF_ERROR(internal::SumDegrees(&base_, run_, {0, 0.01, 1}));
  result_.communities.resize(view_.vertices);
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    result_.communities[v] = options_.start.empty() ? v : options_.start[v];
  }
  HALQA_ASSIGN_OR_RETURN(result_.tracked_modularity,
                         Modularity(view_, result_.communities, options_.resolution));
  return absl::OkStatus();
}

absl::Status LeidenRun::SplitLevel(const LevelGraph& graph, const Partition& partition,
                                   const Progress& progress, Array<uint32_t>* part,
                                   uint32_t* parts) {
  HALQA_RETURN_IF_ERROR(internal::RefinePartition(graph, partition, options_.resolution, run_,
                                                  progress, part, parts));
  if (*parts < graph.n) return absl::OkStatus();
  // Nothing merged: stand on the communities themselves. Pieces are taken apart at the end.
  std::vector<uint32_t> labels(graph.n);
  for (uint32_t v = 0; v < graph.n; ++v) labels[v] = partition.of[v];
  *parts = Renumber(&labels);
  std::copy(labels.begin(), labels.end(), part->begin());
  return absl::OkStatus();
}

void LeidenRun::KeepLevel(const Partition& partition, const std::vector<uint32_t>& place) {
  std::vector<uint32_t> labels(place.size());
  for (size_t v = 0; v < place.size(); ++v) labels[v] = partition.of[place[v]];
  Renumber(&labels);
  result_.levels.push_back(std::move(labels));
}

absl::Status LeidenRun::OneIteration(int iteration) {
  LevelGraph own;
  const LevelGraph* graph = &base_;
  Partition partition;
  partition.of = Array<uint32_t>(base_.n);
  std::copy(result_.communities.begin(), result_.communities.end(), partition.of.begin());
  std::vector<uint32_t> place(base_.n);  // the vertex of the current level of each vertex
  for (uint32_t v = 0; v < base_.n; ++v) place[v] = v;
  moved_ = {};
  for (int level = 0; level < kLevelsMax; ++level) {
    internal::SumPartition(*graph, &partition);
    const uint64_t seed = Mix64(options_.seed ^ Mix64(static_cast<uint64_t>(iteration) << 32 |
                                                      static_cast<uint64_t>(level)));
    MoveResult moved;
    HALQA_RETURN_IF_ERROR(internal::MoveVertices(*graph, {options_.resolution, seed}, run_,
                                                 Share(iteration, level, 0, 0.7), &partition,
                                                 &moved));
    moved_.gain += moved.gain;
    moved_.moves += moved.moves;
    ++result_.rounds;
    if (options_.keep_levels) KeepLevel(partition, place);
    if (partition.count == graph->n || level + 1 == kLevelsMax) break;
    Array<uint32_t> part;
    uint32_t parts = 0;
    HALQA_RETURN_IF_ERROR(
        SplitLevel(*graph, partition, Share(iteration, level, 0.7, 0.15), &part, &parts));
    LevelGraph next;
    HALQA_RETURN_IF_ERROR(
        internal::Aggregate(*graph, part, parts, run_, Share(iteration, level, 0.85, 0.15), &next));
    partition.of = NextCommunities(partition, part, parts);
    for (uint32_t& p : place) p = part[p];
    own = std::move(next);
    graph = &own;
  }
  for (uint32_t v = 0; v < base_.n; ++v) result_.communities[v] = partition.of[place[v]];
  return absl::OkStatus();
}

absl::Status LeidenRun::Finish() {
  HALQA_ASSIGN_OR_RETURN(const double before,
                         Modularity(view_, result_.communities, options_.resolution));
  SplitPieces(view_, &result_.communities);
  result_.count = Renumber(&result_.communities);
  HALQA_ASSIGN_OR_RETURN(result_.modularity,
                         Modularity(view_, result_.communities, options_.resolution));
  result_.tracked_modularity += result_.modularity - before;  // of the split alone
  return run_.Checkpoint(1, 1);
}

absl::StatusOr<LeidenResult> LeidenRun::Run() {
  HALQA_RETURN_IF_ERROR(Prepare());
  if (base_.total > 0) {
    for (int i = 0; i < options_.iterations && !result_.converged; ++i) {
      result_.levels.clear();
      HALQA_RETURN_IF_ERROR(OneIteration(i));
      result_.tracked_modularity += moved_.gain;
      result_.converged = moved_.moves == 0;
    }
  } else {
    result_.converged = true;
  }
  HALQA_RETURN_IF_ERROR(Finish());
  return std::move(result_);
}

}  // namespace

absl::Status LeidenOptions::Validate(const CsrView& view) const {
  HALQA_RETURN_IF_ERROR(RequireRange("resolution", resolution, 1e-9, 1e9));
  HALQA_RETURN_IF_ERROR(RequireRange("iterations", iterations, 1, 100));
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

uint64_t EstimateLeiden(const CsrView& view, const LeidenOptions&) {
  return 90 * uint64_t{view.vertices} + 12 * view.arcs();
}

absl::StatusOr<LeidenResult> Leiden(const CsrView& view, const LeidenOptions& options,
                                    RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireSymmetric(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateLeiden(view, options)));
  return LeidenRun(view, options, run).Run();
}

}  // namespace halqa
