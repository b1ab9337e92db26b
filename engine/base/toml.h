#pragma once
// The only way to include toml++: all of the program must compile it with the same setting, or two
// incompatible parsers are linked into one.

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>
