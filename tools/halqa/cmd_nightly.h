#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

void RegisterNightly(Command app);

}  // namespace halqa::cli
