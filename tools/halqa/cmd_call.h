#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa call`: any RPC of a server by reflection, JSON in and out.
void RegisterCall(Command app);

}  // namespace halqa::cli
