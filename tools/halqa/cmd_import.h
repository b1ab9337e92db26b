#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa import`: files of any known format into a data directory or a server.
void RegisterImport(Command app);

}  // namespace halqa::cli
