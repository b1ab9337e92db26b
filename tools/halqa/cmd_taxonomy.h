#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa taxonomy`: the topics of a graph, as a file that people edit.
void RegisterTaxonomy(Command app);

}  // namespace halqa::cli
