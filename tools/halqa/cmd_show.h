#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa show`: all that is known about one influencer.
void RegisterShow(CLI::App& app);

}  // namespace halqa::cli
