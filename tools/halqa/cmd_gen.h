#pragma once

#include "tools/common/command_line.h"

namespace halqa {

// Adds `halqa gen`: writes an invented sphere with a planted truth. A failing run leaves by
// EndWith() with its exit code.
void RegisterGen(Command app);

}  // namespace halqa
