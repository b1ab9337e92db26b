#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa export`: scored accounts, niches or follows as CSV, NDJSON or GEXF.
void RegisterExport(Command app);

}  // namespace halqa::cli
