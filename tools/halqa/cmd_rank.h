#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa rank`: ranks the whole graph and publishes a generation.
void RegisterRank(Command app);

}  // namespace halqa::cli
