#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `analyze` (one algorithm on a plain graph file) and `algorithms` (what there is).
void RegisterAnalyze(Command app);

}  // namespace halqa::cli
