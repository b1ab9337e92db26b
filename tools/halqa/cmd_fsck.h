#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa fsck`, `halqa compact` and `halqa status`.
void RegisterFsck(Command app);

}  // namespace halqa::cli
