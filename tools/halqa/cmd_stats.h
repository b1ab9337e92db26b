#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa stats` (size and state of the graph) and `halqa topics` (what can be searched).
void RegisterStats(Command app);

}  // namespace halqa::cli
