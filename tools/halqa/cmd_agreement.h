#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// Adds `halqa agreement`: how alike two files of communities are.
void RegisterAgreement(Command app);

}  // namespace halqa::cli
