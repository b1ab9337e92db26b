#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa jobs`: list them, wait for one, cancel one.
void RegisterJobs(Command app);

}  // namespace halqa::cli
