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

Edges Planted(uint32_t n) {
  Edges e;
  e.n = n;
  const std::vector<VertexIndex> name = Mixed(n, 2);
  CounterRng rng(11, n);
  for (uint32_t begin = 0; begin < n;) {
    const auto wanted = static_cast<uint32_t>(PowerLaw(rng, 30, std::min(20000.0, n / 8.0), 1.5));
    const uint32_t size = std::min(n - begin, std::max(wanted, 30u));
    for (uint32_t i = begin; i < begin + size; ++i) {
      const auto degree = static_cast<uint32_t>(PowerLaw(rng, 8, 5000, 2.4)) / 2;
      for (uint32_t d = 0; d < degree; ++d) {
        const uint64_t other = rng.Uniform() < 0.3 ? rng.Below(n) : begin + rng.Below(size);
        e.u.push_back(name[i]);
        e.v.push_back(name[other]);
      }
    }
    begin += size;
  }
  return e;
}

}  // namespace

absl::StatusOr<Csr> Generate(const std::string& name, RunContext& run) {
  const std::vector<std::string> parts = absl::StrSplit(name, ':');
  uint32_t size = 0;
  const bool ordered = parts.size() == 3 && parts[2] == "ordered";
  const bool number = (parts.size() == 2 || ordered) && absl::SimpleAtoi(parts[1], &size);
  Edges edges;
  if (number && parts[0] == "kronecker" && size >= 1 && size <= 26) {
    edges = Kronecker(size);
  } else if (number && parts[0] == "planted" && size >= 1000) {
    edges = Planted(size);
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
  if (!ordered) return csr;
  edges = {};
  HALQA_ASSIGN_OR_RETURN(const std::vector<VertexIndex> order, InDegreeOrder(csr.View()));
  return Relabelled(csr.View(), order, run);
}

}  // namespace halqa::bench
