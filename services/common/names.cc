#include "services/common/names.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "services/common/context.h"

namespace halqa::services {

absl::Status CheckGraph(absl::string_view parent) {
  if (parent.empty() || parent == kDefaultGraph) return absl::OkStatus();
  return MakeError(absl::StatusCode::kNotFound, "GRAPH_NOT_FOUND",
                   absl::StrCat(parent, " does not exist; this server has ", kDefaultGraph),
                   {{"graph", std::string(parent)}});
}

absl::StatusOr<std::string> IdIn(absl::string_view name, absl::string_view collection,
                                 absl::string_view field) {
  absl::string_view rest = name;
  if (absl::StartsWith(name, "graphs/")) {
    const size_t end = name.find('/', 7);
    HALQA_RETURN_IF_ERROR(CheckGraph(name.substr(0, end)));
    rest = end == absl::string_view::npos ? absl::string_view() : name.substr(end + 1);
    if (!absl::ConsumePrefix(&rest, absl::StrCat(collection, "/"))) rest = "";
  }
  if (!rest.empty()) return std::string(rest);
  return FieldError("INVALID_NAME", field,
                    absl::StrCat("\"", name, "\" is no name; expected ", kDefaultGraph, "/",
                                 collection, "/ID or the id alone"));
}

absl::StatusOr<uint64_t> NumberIn(absl::string_view name, absl::string_view collection,
                                  absl::string_view field) {
  HALQA_ASSIGN_OR_RETURN(const std::string id, IdIn(name, collection, field));
  uint64_t number = 0;
  if (absl::SimpleAtoi(id, &number)) return number;
  return FieldError("INVALID_NAME", field, absl::StrCat("\"", id, "\" is no number"));
}

std::string NameOf(absl::string_view collection, absl::string_view id) {
  return absl::StrCat(kDefaultGraph, "/", collection, "/", id);
}

}  // namespace halqa::services
