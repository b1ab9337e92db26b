#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// halqa imports list|undo|purge and halqa followers: where records came from, taking them back.
void RegisterImports(Command app);

}  // namespace halqa::cli
