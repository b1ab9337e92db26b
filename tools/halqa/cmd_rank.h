#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa rank`: ranks the whole graph and publishes a generation.
void RegisterRank(CLI::App& app);

}  // namespace halqa::cli
