#include "engine/bgl/core_numbers.h"

#include <boost/graph/core_numbers.hpp>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/watched_graph.h"

namespace halqa {

namespace {

absl::Status RunBoost(const CsrView& view, RunContext& run, std::vector<uint32_t>* cores) {
  if (view.vertices == 0) return absl::OkStatus();
  // It counts degrees, then peels.
  Watch watch(run, 2.0 * (static_cast<double>(view.arcs()) + view.vertices));
  const WatchedGraph graph{&view, &watch};
  try {
    boost::core_numbers(
        graph, boost::make_iterator_property_map(cores->begin(), get(boost::vertex_index, graph)));
  } catch (const Stopped& stopped) {
    return stopped.status;
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t EstimateCoreNumbers(const CsrView& view, const CoreNumbersOptions&) {
  // The numbers, places and the order; bins by degree.
  uint64_t largest = 0;
  for (VertexIndex v = 0; view.has_in() && v < view.vertices; ++v) {
    largest = std::max(largest, view.InDegree(v));
  }
  if (!view.has_in()) largest = view.vertices;
  return WithSmallThings(12 * uint64_t{view.vertices} + 4 * (largest + 2));
}

absl::StatusOr<CoreNumbersResult> CoreNumbers(const CsrView& view,
                                              const CoreNumbersOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateCoreNumbers(view, options)));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  CoreNumbersResult result;
  result.cores.resize(view.vertices);
  HALQA_RETURN_IF_ERROR(RunBoost(view, run, &result.cores));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

absl::Status VerifyCoreNumbers(const CsrView& view, const CoreNumbersResult& result) {
  std::vector<uint32_t> cores(view.vertices, 0);
  std::vector<uint8_t> left(view.vertices, 1);
  uint64_t remaining = view.vertices;
  for (uint32_t k = 1; remaining > 0; ++k) {
    for (bool changed = true; changed;) {
      changed = false;
      for (VertexIndex v = 0; v < view.vertices; ++v) {
        if (left[v] == 0) continue;
        uint32_t degree = 0;
        for (const VertexIndex u : view.In(v)) degree += left[u];
        if (degree >= k) continue;
        left[v] = 0;
        cores[v] = k - 1;
        --remaining;
        changed = true;
      }
    }
  }
  if (cores == result.cores) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", "wrong core numbers");
}

}  // namespace halqa
