#include "engine/discovery/explain.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/algo/kernel.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::discovery {
namespace {

constexpr double kSamePlace = 1e-9;  // of the larger value
constexpr VertexIndex kBlock = 10000;

absl::Status Validate(const ScoreEquation& e) {
  HALQA_RETURN_IF_ERROR(RequireInRows(e.graph));
  HALQA_RETURN_IF_ERROR(RequireRange("damping", e.damping, 0, 0.9999));
  const size_t n = e.graph.vertices;
  if (e.scores.size() != n || e.out_weights.size() != n ||
      (!e.teleport.empty() && e.teleport.size() != n)) {
    return FieldError("LENGTH_MISMATCH", "scores", "one value per vertex expected");
  }
  return absl::OkStatus();
}

// What the arcs into `v` give it; calls fn(source, share of its weight, value) for each.
template <typename Fn>
void ForEachContribution(const ScoreEquation& e, VertexIndex v, const Fn& fn) {
  for (uint64_t a = e.graph.in_offsets[v]; a < e.graph.in_offsets[v + 1]; ++a) {
    const VertexIndex u = e.graph.in_sources[a];
    if (!(e.out_weights[u] > 0) || !(e.graph.InWeight(a) > 0)) continue;
    const double share = static_cast<double>(e.graph.InWeight(a)) / e.out_weights[u];
    fn(u, share, e.damping * e.scores[u] * share);
  }
}

}  // namespace

std::vector<double> OutWeights(const CsrView& graph) {
  std::vector<double> out(graph.vertices, 0.0);
  for (VertexIndex v = 0; v < graph.vertices; ++v) {
    for (uint64_t a = graph.out_offsets[v]; a < graph.out_offsets[v + 1]; ++a) {
      out[v] += static_cast<double>(graph.OutWeight(a));
    }
  }
  return out;
}

double DanglingMass(absl::Span<const double> scores, absl::Span<const double> out_weights) {
  long double mass = 0;
  for (size_t v = 0; v < scores.size(); ++v) mass += out_weights[v] > 0 ? 0 : scores[v];
  return static_cast<double>(mass);
}

absl::StatusOr<Explanation> ExplainScore(const ScoreEquation& e, VertexIndex v, double score) {
  HALQA_RETURN_IF_ERROR(Validate(e));
  if (v >= e.graph.vertices) {
    return FieldError("VERTEX_OUT_OF_RANGE", "vertex", absl::StrCat(v, " is not in the graph"));
  }
  Explanation out;
  out.score = score;
  out.restart = (1 - e.damping) * e.Teleport(v);
  out.dangling = e.damping * e.dangling_mass * e.Teleport(v);
  out.contributions.reserve(e.graph.InDegree(v));
  long double sum = 0;
  ForEachContribution(e, v, [&](VertexIndex u, double share, double value) {
    out.contributions.push_back({u, value, share});
    sum += value;
  });
  std::sort(out.contributions.begin(), out.contributions.end(),
            [](const Contribution& a, const Contribution& b) {
              return a.value != b.value ? a.value > b.value : a.source < b.source;
            });
  out.contributed = static_cast<double>(sum);
  out.residual =
      static_cast<double>(static_cast<long double>(score) - out.restart - out.dangling - sum);
  return out;
}

Explanation Scaled(Explanation explanation, double factor) {
  for (double* part : {&explanation.score, &explanation.restart, &explanation.dangling,
                       &explanation.contributed, &explanation.residual}) {
    *part *= factor;
  }
  for (Contribution& c : explanation.contributions) c.value *= factor;
  return explanation;
}

absl::StatusOr<double> ResidualNorm(const ScoreEquation& e, RunContext& run) {
  HALQA_RETURN_IF_ERROR(Validate(e));
  long double norm = 0;
  for (VertexIndex v = 0; v < e.graph.vertices; ++v) {
    if (v % kBlock == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(v, e.graph.vertices));
    long double made = (1 - e.damping + e.damping * e.dangling_mass) * e.Teleport(v);
    ForEachContribution(e, v, [&](VertexIndex, double, double value) { made += value; });
    norm += std::fabs(static_cast<long double>(e.scores[v]) - made);
  }
  return static_cast<double>(norm);
}

ScoreDifference Compare(const Explanation& mine, const Explanation& theirs) {
  ScoreDifference out;
  out.score = theirs.score - mine.score;
  out.restart = theirs.restart - mine.restart;
  out.dangling = theirs.dangling - mine.dangling;
  out.residual = theirs.residual - mine.residual;
  for (const Contribution& c : mine.contributions) out.sources.push_back({c.source, c.value, 0});
  for (const Contribution& c : theirs.contributions) out.sources.push_back({c.source, 0, c.value});
  std::stable_sort(out.sources.begin(), out.sources.end(),
                   [](const auto& a, const auto& b) { return a.source < b.source; });
  size_t kept = 0;
  for (const ContributionDifference& next : out.sources) {
    if (kept > 0 && out.sources[kept - 1].source == next.source) {
      out.sources[kept - 1].theirs += next.theirs;
    } else {
      out.sources[kept++] = next;
    }
  }
  out.sources.resize(kept);
  for (const ContributionDifference& d : out.sources) {
    double& sum = d.theirs == 0 ? out.only_mine : d.mine == 0 ? out.only_theirs : out.both;
    sum += d.theirs - d.mine;
  }
  std::stable_sort(out.sources.begin(), out.sources.end(), [](const auto& a, const auto& b) {
    return std::fabs(a.theirs - a.mine) > std::fabs(b.theirs - b.mine);
  });
  return out;
}

Place PlaceOf(absl::Span<const double> values, const std::vector<bool>& listed, VertexIndex v) {
  Place place;
  if (!listed[v] || !(values[v] > 0)) return place;
  place.rank = 1;
  const double above = values[v] * (1 + kSamePlace);
  for (VertexIndex u = 0; u < values.size(); ++u) {
    if (!listed[u] || !(values[u] > above)) continue;
    ++place.rank;
    if (place.has_above && values[u] >= values[place.above]) continue;
    place.has_above = true;
    place.above = u;
  }
  return place;
}

}  // namespace halqa::discovery
