#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa demo`, the engine of `./dev run`: a graph, a ranking, the service, an answer, a crash
// survived.
void RegisterDemo(Command app);

}  // namespace halqa::cli
