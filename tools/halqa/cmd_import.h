#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa import`: files of any known format into a data directory or a server.
void RegisterImport(CLI::App& app);

}  // namespace halqa::cli
