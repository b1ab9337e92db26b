#pragma once

#include <CLI/CLI.hpp>

namespace halqa {

// Adds `halqa gen`: writes an invented sphere with a planted truth. A failing run leaves by
// CLI::RuntimeError with its exit code.
void RegisterGen(CLI::App& app);

}  // namespace halqa
