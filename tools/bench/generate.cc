#include "tools/bench/generate.h"

#include <cmath>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "engine/graph/builder.h"

namespace halqa::bench {
namespace {

struct Edges {
  uint32_t n = 0;
  std::vector<VertexIndex> u, v;
};

std::vector<VertexIndex> Mixed(uint32_t n, uint64_t seed) {
  std::vector<VertexIndex> names(n);
  for (uint32_t i = 0; i < n; ++i) names[i] = i;
  CounterRng rng(seed, 1);
  for (uint32_t i = n; i > 1; --i) std::swap(names[i - 1], names[rng.Below(i)]);
  return names;
}

Edges Kronecker(uint32_t scale) {
  Edges e;
  e.n = 1u << scale;
  const std::vector<VertexIndex> name = Mixed(e.n, 1);
  CounterRng rng(7, scale);
  for (uint64_t i = 0; i < 16 * uint64_t{e.n}; ++i) {
    uint32_t u = 0, v = 0;
    for (uint32_t bit = 0; bit < scale; ++bit) {
      const double r = rng.Uniform();
      u = 2 * u + (r >= 0.76 ? 1 : 0);
      v = 2 * v + ((r >= 0.57 && r < 0.76) || r >= 0.95 ? 1 : 0);
    }
    e.u.push_back(name[u]);
    e.v.push_back(name[v]);
  }
  return e;
}

// x in [low, high] with density ∝ x^-exponent.
double PowerLaw(CounterRng& rng, double low, double high, double exponent) {
  const double a = 1 - exponent;
  const double l = std::pow(low, a);
  return std::pow(l + rng.Uniform() * (std::pow(high, a) - l), 1 / a);
}

// Joins the ends at random: each end is one place of an edge.
void Pair(CounterRng& rng, std::vector<VertexIndex>* ends, Edges* e) {
  for (uint64_t i = ends->size(); i > 1; --i) std::swap((*ends)[i - 1], (*ends)[rng.Below(i)]);
  for (uint64_t i = 0; i + 1 < ends->size(); i += 2) {
    e->u.push_back((*ends)[i]);
    e->v.push_back((*ends)[i + 1]);
  }
  ends->clear();
}

Edges Planted(uint32_t n, std::vector<uint32_t>* truth) {
  Edges e;
  e.n = n;
  truth->resize(n);
  const std::vector<VertexIndex> name = Mixed(n, 2);
  CounterRng rng(11, n);
  std::vector<VertexIndex> inside, outside;
  uint32_t community = 0;
  for (uint32_t begin = 0; begin < n; ++community) {
    const auto wanted = static_cast<uint32_t>(PowerLaw(rng, 30, std::min(20000.0, n / 8.0), 1.5));
    const uint32_t size = std::min(n - begin, std::max(wanted, 30u));
    for (uint32_t i = begin; i < begin + size; ++i) {
      const auto degree = static_cast<uint32_t>(PowerLaw(rng, 8, 5000, 2.4));
      const auto within = std::min(size - 1, static_cast<uint32_t>(0.7 * degree + rng.Uniform()));
      inside.insert(inside.end(), within, name[i]);
      outside.insert(outside.end(), degree - std::min(degree, within), name[i]);
      (*truth)[name[i]] = community;
    }
    Pair(rng, &inside, &e);
    begin += size;
  }
  Pair(rng, &outside, &e);
  return e;
}

}  // namespace

absl::StatusOr<Csr> Generate(const std::string& name, RunContext& run,
                             std::vector<uint32_t>* truth) {
  const std::vector<std::string> parts = absl::StrSplit(name, ':');
  uint32_t size = 0;
  const bool ordered = parts.size() == 3 && parts[2] == "ordered";
  const bool number = (parts.size() == 2 || ordered) && absl::SimpleAtoi(parts[1], &size);
  Edges edges;
  std::vector<uint32_t> planted;
  if (number && parts[0] == "kronecker" && size >= 1 && size <= 26) {
    edges = Kronecker(size);
  } else if (number && parts[0] == "planted" && size >= 1000) {
    edges = Planted(size, &planted);
  } else {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "UNKNOWN_GRAPH",
        absl::StrCat("no graph '", name, "': kronecker:SCALE or planted:VERTICES, and :ordered"));
  }
  BuildOptions options;
  options.vertices = edges.n;
  options.undirected = true;
  options.keep_self_loops = false;
  HALQA_ASSIGN_OR_RETURN(Csr csr, BuildCsr({edges.u, edges.v, {}}, options, run));
  edges = {};
  if (truth != nullptr) *truth = planted;
  if (!ordered) return csr;
  HALQA_ASSIGN_OR_RETURN(const std::vector<VertexIndex> order, InDegreeOrder(csr.View()));
  for (size_t i = 0; truth != nullptr && i < planted.size(); ++i) (*truth)[i] = planted[order[i]];
  return Relabelled(csr.View(), order, run);
}

}  // namespace halqa::bench
