#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa show`: all that is known about one influencer.
void RegisterShow(Command app);

}  // namespace halqa::cli
