#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa text`: what the engine makes of a text.
void RegisterText(Command app);

}  // namespace halqa::cli
