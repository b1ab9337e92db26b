#include "tools/halqa/demo_truth.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"

namespace halqa::cli {

absl::StatusOr<PlantedTruth> ReadPlantedTruth(const std::string& path, absl::string_view topic) {
  HALQA_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  const std::vector<absl::string_view> header = absl::StrSplit(lines.empty() ? "" : lines[0], ',');
  auto column = [&](absl::string_view name) {
    return static_cast<size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  const size_t account = column("account"), expert = column("is_expert"), own = column("topic");
  const size_t expertise = column(absl::StrCat("expertise_", topic));
  if (std::max({account, expert, own, expertise}) >= header.size()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "UNKNOWN_TOPIC",
                     absl::StrCat(path, " has no column expertise_", topic));
  }
  PlantedTruth truth;
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<absl::string_view> cells = absl::StrSplit(lines[i], ',');
    if (cells.size() != header.size()) continue;
    if (cells[expert] == "1" && cells[own] == topic) truth.experts.emplace_back(cells[account]);
  }
  std::sort(truth.experts.begin(), truth.experts.end());
  return truth;
}

int ExpertsInTopTen(const PlantedTruth& truth, const std::vector<std::string>& ids) {
  int found = 0;
  for (size_t i = 0; i < std::min<size_t>(10, ids.size()); ++i) {
    found += std::binary_search(truth.experts.begin(), truth.experts.end(), ids[i]) ? 1 : 0;
  }
  return found;
}

}  // namespace halqa::cli
