#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `analyze` (one algorithm on a plain graph file) and `algorithms` (what there is).
void RegisterAnalyze(CLI::App& app);

}  // namespace halqa::cli
