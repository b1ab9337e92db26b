// What every command of tools/halqa parses: owned by that program.
#include "cmake/rpc_pch.h"

#include <CLI/CLI.hpp>
#include <iostream>
