#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa niches`: the communities of the current generation, or one of them.
void RegisterNiches(CLI::App& app);

}  // namespace halqa::cli
