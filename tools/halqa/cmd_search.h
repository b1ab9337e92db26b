#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa search`: who matters for a text or topics, with reasons.
void RegisterSearch(Command app);

}  // namespace halqa::cli
