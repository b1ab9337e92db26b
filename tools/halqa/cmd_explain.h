#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa explain`: the parts of one score.
void RegisterExplain(Command app);

}  // namespace halqa::cli
