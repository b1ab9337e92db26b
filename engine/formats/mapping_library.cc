// Which mappings there are, and which file names they mean.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/formats/mapping.h"

namespace halqa {
namespace {

bool Match(absl::string_view p, absl::string_view n, std::map<std::string, std::string>* captures) {
  if (p.empty()) return n.empty();
  if (p.front() == '*') {
    for (size_t take = 0; take <= n.size(); ++take) {
      if (Match(p.substr(1), n.substr(take), captures)) return true;
    }
    return false;
  }
  const size_t close = p.front() == '{' ? p.find('}') : absl::string_view::npos;
  if (close != absl::string_view::npos) {
    for (size_t take = 1; take <= n.size(); ++take) {
      if (!Match(p.substr(close + 1), n.substr(take), captures)) continue;
      (*captures)[std::string(p.substr(1, close - 1))] = std::string(n.substr(0, take));
      return true;
    }
    return false;
  }
  if (n.empty() || (p.front() != '?' && p.front() != n.front())) return false;
  return Match(p.substr(1), n.substr(1), captures);
}

}  // namespace

bool MatchName(absl::string_view pattern, absl::string_view name,
               std::map<std::string, std::string>* captures) {
  return Match(pattern, name, captures);
}

absl::StatusOr<Mapping> LoadMapping(const std::string& name_or_path) {
  std::vector<absl::string_view> names;
  for (const EmbeddedMapping& m : EmbeddedMappings()) {
    if (m.name == name_or_path) return ParseMapping(m.toml, absl::StrCat(m.name, ".toml"));
    names.push_back(m.name);
  }
  if (absl::EndsWith(name_or_path, ".toml")) {
    HALQA_ASSIGN_OR_RETURN(const std::string text, ReadFile(name_or_path));
    return ParseMapping(text, name_or_path);
  }
  return MakeError(absl::StatusCode::kNotFound, "UNKNOWN_FORMAT",
                   absl::StrCat("no format or mapping is called \"", name_or_path,
                                "\" (built in: auto, snap, ldbc, csv, tsv, ndjson, gml; mappings: ",
                                absl::StrJoin(names, ", "), "; or the path of a .toml file)"),
                   {{"format", name_or_path}});
}

}  // namespace halqa
