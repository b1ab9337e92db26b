#pragma once
// The few functions of DuckDB's stable C API that are called, found by name at run time.

#include <cstdint>

#include "absl/status/statusor.h"

namespace halqa {

struct DuckDbResult {  // duckdb_result of duckdb.h; its members are the library's business
  uint64_t counts[3];
  void* pointers[3];
};

// Handles are opaque pointers; a call that returns int returns 0 when it succeeded.
struct DuckDbApi {
  const char* (*library_version)();
  int (*open)(const char* path, void** database);
  int (*connect)(void* database, void** connection);
  void (*disconnect)(void** connection);
  void (*close)(void** database);
  int (*query)(void* connection, const char* sql, DuckDbResult* result);
  const char* (*result_error)(DuckDbResult* result);
  void (*destroy_result)(DuckDbResult* result);
  int (*appender_create)(void* connection, const char* schema, const char* table, void** appender);
  const char* (*appender_error)(void* appender);
  int (*appender_end_row)(void* appender);
  int (*appender_destroy)(void** appender);
  int (*append_null)(void* appender);
  int (*append_double)(void* appender, double value);
  int (*append_uint64)(void* appender, uint64_t value);
  int (*append_varchar_length)(void* appender, const char* text, uint64_t length);

  // The library, loaded once. Errors: FailedPrecondition (PARQUET_UNAVAILABLE).
  static absl::StatusOr<const DuckDbApi*> Load();
};

}  // namespace halqa
