#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa demo`, the engine of `./dev run`: a graph, a ranking, the service, an answer, a crash
// survived.
void RegisterDemo(CLI::App& app);

}  // namespace halqa::cli
