#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa export`: scored accounts, niches or follows as CSV, NDJSON or GEXF.
void RegisterExport(CLI::App& app);

}  // namespace halqa::cli
