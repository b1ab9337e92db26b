#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa search`: who matters for a text or topics, with reasons.
void RegisterSearch(CLI::App& app);

}  // namespace halqa::cli
