#include "engine/formats/duckdb_api.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"

namespace halqa {
namespace {

absl::Status Unavailable(absl::string_view why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "PARQUET_UNAVAILABLE",
                   absl::StrCat("Parquet needs DuckDB's library: ", why,
                                "; `./dev parquet` brings it, HALQA_DUCKDB names it"));
}

std::vector<std::string> Candidates() {
  if (const char* named = std::getenv("HALQA_DUCKDB"); named != nullptr) return {named};
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return {(program.parent_path() / "libduckdb.so").string(), "libduckdb.so"};
}

template <typename Function>
bool Find(void* library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
  return *function != nullptr;
}

bool FindAll(void* library, DuckDbApi* api) {
  return Find(library, "duckdb_library_version", &api->library_version) &&
         Find(library, "duckdb_open", &api->open) &&
         Find(library, "duckdb_connect", &api->connect) &&
         Find(library, "duckdb_disconnect", &api->disconnect) &&
         Find(library, "duckdb_close", &api->close) && Find(library, "duckdb_query", &api->query) &&
         Find(library, "duckdb_result_error", &api->result_error) &&
         Find(library, "duckdb_destroy_result", &api->destroy_result) &&
         Find(library, "duckdb_appender_create", &api->appender_create) &&
         Find(library, "duckdb_appender_error", &api->appender_error) &&
         Find(library, "duckdb_appender_end_row", &api->appender_end_row) &&
         Find(library, "duckdb_appender_destroy", &api->appender_destroy) &&
         Find(library, "duckdb_append_null", &api->append_null) &&
         Find(library, "duckdb_append_double", &api->append_double) &&
         Find(library, "duckdb_append_uint64", &api->append_uint64) &&
         Find(library, "duckdb_append_varchar_length", &api->append_varchar_length);
}

absl::StatusOr<const DuckDbApi*> LoadOnce() {
  std::vector<std::string> failures;
  for (const std::string& path : Candidates()) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      failures.push_back(dlerror());
      continue;
    }
    auto* api = new DuckDbApi();
    if (FindAll(library, api)) return api;
    delete api;
    return Unavailable(absl::StrCat(path, " lacks functions of the C API"));
  }
  return Unavailable(absl::StrJoin(failures, "; "));
}

}  // namespace

absl::StatusOr<const DuckDbApi*> DuckDbApi::Load() {
  static const auto* const loaded = new absl::StatusOr<const DuckDbApi*>(LoadOnce());
  return *loaded;
}

}  // namespace halqa
