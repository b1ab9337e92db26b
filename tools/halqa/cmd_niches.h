#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa niches`: the communities of the current generation, or one of them.
void RegisterNiches(Command app);

}  // namespace halqa::cli
