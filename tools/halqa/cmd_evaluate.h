#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa evaluate`: Halqa's scores against a truth, beside the baselines.
void RegisterEvaluate(Command app);

}  // namespace halqa::cli
