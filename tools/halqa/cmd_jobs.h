#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa jobs`: list them, wait for one, cancel one.
void RegisterJobs(CLI::App& app);

}  // namespace halqa::cli
