#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa evaluate`: Halqa's scores against a truth, beside the baselines.
void RegisterEvaluate(CLI::App& app);

}  // namespace halqa::cli
