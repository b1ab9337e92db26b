#pragma once

#include <CLI/CLI.hpp>

namespace halqa::cli {

// Adds `halqa call`: any RPC of a server by reflection, JSON in and out.
void RegisterCall(CLI::App& app);

}  // namespace halqa::cli
