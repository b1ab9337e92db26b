#pragma once
// The k vertices of largest harmonic centrality. Private to Harmonic.

#include "engine/algo/centrality/harmonic.h"

namespace halqa {

uint64_t EstimateHarmonicTop(const CsrView& view, int threads);

// REQUIRES: options.k > 0, options and memory checked.
absl::Status HarmonicTop(const CsrView& view, const HarmonicOptions& options, RunContext& run,
                         HarmonicResult* result);

}  // namespace halqa
