#pragma once

#include "tools/common/command_line.h"

namespace halqa::cli {

// halqa erase, subject, alias: what concerns one person.
void RegisterPeople(Command app);

}  // namespace halqa::cli
