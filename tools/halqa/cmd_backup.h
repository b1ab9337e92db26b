#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa backup` and `halqa restore`.
void RegisterBackup(Command app);

}  // namespace halqa::cli
