#pragma once
// HALQA_CHECK guards invariants of our own code, never user input. It stays on in release builds.

#include <cstdio>
#include <cstdlib>

#define HALQA_CHECK(condition)                                                           \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
