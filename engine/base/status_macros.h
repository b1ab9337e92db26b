#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the function when the expression is an error.
#define HALQA_RETURN_IF_ERROR(expr)                \
  do {                                             \
    ::absl::Status halqa_status_ = (expr);         \
    if (!halqa_status_.ok()) return halqa_status_; \
  } while (false)

#define HALQA_CONCAT_INNER_(a, b) a##b
#define HALQA_CONCAT_(a, b) HALQA_CONCAT_INNER_(a, b)
#define HALQA_ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                                 \
  if (!tmp.ok()) return std::move(tmp).status();     \
  lhs = std::move(tmp).value()

// HALQA_ASSIGN_OR_RETURN(auto x, F()): x = value of F(), or returns F()'s error.
#define HALQA_ASSIGN_OR_RETURN(lhs, expr) \
  HALQA_ASSIGN_OR_RETURN_IMPL_(HALQA_CONCAT_(halqa_or_, __COUNTER__), lhs, expr)
