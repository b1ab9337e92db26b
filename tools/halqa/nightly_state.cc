#include "tools/halqa/nightly_state.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"

namespace halqa::cli {
namespace {

constexpr absl::string_view kHead = "halqa nightly 1";

std::string PathOf(const std::string& data) { return data + "/nightly.state"; }

absl::Status Damaged(const std::string& path, absl::string_view line) {
  return MakeError(absl::StatusCode::kDataLoss, "NIGHTLY_STATE_DAMAGED",
                   absl::StrCat(path, ": \"", line,
                                "\" is no line of it; remove the file, then the "
                                "next run starts anew"),
                   {{"path", path}});
}

bool TakeLine(absl::string_view line, NightlyState* state) {
  if (absl::ConsumePrefix(&line, "key ")) {
    state->key = std::string(line);
    return !line.empty();
  }
  if (absl::ConsumePrefix(&line, "started ")) return absl::SimpleAtoi(line, &state->started);
  const std::vector<std::string> parts = absl::StrSplit(line, ' ');
  return parts.size() == 3 && parts[0] == "done" &&
         absl::SimpleAtoi(parts[2], &state->done[parts[1]]);
}

}  // namespace

absl::StatusOr<NightlyState> LoadNightlyState(const std::string& data) {
  const std::string path = PathOf(data);
  const auto text = ReadFile(path);
  if (ErrorReason(text.status()) == "FILE_NOT_FOUND") return NightlyState();
  HALQA_RETURN_IF_ERROR(text.status());
  const std::vector<std::string> lines = absl::StrSplit(*text, '\n', absl::SkipEmpty());
  if (lines.empty() || lines[0] != kHead) return Damaged(path, lines.empty() ? "" : lines[0]);
  NightlyState state;
  for (size_t i = 1; i < lines.size(); ++i) {
    if (!TakeLine(lines[i], &state)) return Damaged(path, lines[i]);
  }
  return state;
}

absl::Status SaveNightlyState(const std::string& data, const NightlyState& state) {
  std::string text = absl::StrCat(kHead, "\nkey ", state.key, "\nstarted ", state.started, "\n");
  for (const auto& [stage, value] : state.done)
    absl::StrAppend(&text, "done ", stage, " ", value, "\n");
  return WriteFileDurably(PathOf(data), text);
}

}  // namespace halqa::cli
