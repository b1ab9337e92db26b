#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa stats` (size and state of the graph) and `halqa topics` (what can be searched).
void RegisterStats(CLI::App& app);

}  // namespace halqa::cli
