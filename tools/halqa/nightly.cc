#include "tools/halqa/nightly.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/parquet_writer.h"
#include "tools/halqa/nightly_export.h"
#include "tools/halqa/nightly_state.h"
#include "tools/halqa/rank_run.h"

namespace halqa::cli {
namespace {

class Night {
 public:
  explicit Night(const NightlyFlags& flags) : flags_(flags) {}
  absl::StatusOr<NightlyOutcome> Run();

 private:
  absl::Status Check();
  absl::Status Begin();
  absl::StatusOr<uint64_t> Import();
  absl::StatusOr<uint64_t> PublishedBefore();
  absl::StatusOr<uint64_t> Rank();
  absl::StatusOr<uint64_t> Export();
  absl::Status Stage(const std::string& name, absl::StatusOr<uint64_t> (Night::*work)());
  const std::string& data() const { return flags_.import.data; }

  const NightlyFlags& flags_;
  std::map<std::string, std::string> parameters_;
  NightlyState state_;
  NightlyOutcome outcome_;
};

// What can be known to be wrong before anything is done.
absl::Status Night::Check() {
  HALQA_ASSIGN_OR_RETURN(parameters_, ParseParameters(flags_.parameters));
  parameters_.emplace("shrink_max", absl::StrCat(flags_.shrink_max));
  parameters_.emplace("keep_generations", absl::StrCat(flags_.keep));
  HALQA_RETURN_IF_ERROR(runtime::ParseRankingOptions(parameters_).status());
  if (flags_.import.files.empty() && !std::filesystem::exists(data() + "/rocksdb")) {
    return MakeError(absl::StatusCode::kNotFound, "STORE_NOT_FOUND",
                     absl::StrCat(data(), " holds no Halqa graph; name files to import"),
                     {{"directory", data()}});
  }
  for (const std::string& name : flags_.formats) {
    HALQA_ASSIGN_OR_RETURN(const TableFormat format, ParseTableFormat(name));
    if (format == TableFormat::kParquet) HALQA_RETURN_IF_ERROR(ParquetLibraryVersion().status());
  }
  return absl::OkStatus();
}

// Goes on with what a killed run of the same work has left, or starts anew.
absl::Status Night::Begin() {
  std::string text = absl::StrJoin(flags_.formats, ",") + "/" + flags_.output;
  for (const auto& [name, value] : parameters_) absl::StrAppend(&text, "/", name, "=", value);
  const ImportFlags& import = flags_.import;
  if (!import.files.empty()) {
    HALQA_ASSIGN_OR_RETURN(
        const std::string content,
        ProducerOf(import.files, absl::StrCat(import.format, import.platform, import.lenient)));
    absl::StrAppend(&text, "/", content);
  }
  const std::string key = absl::StrFormat("%016x", Checksum64(text));
  HALQA_ASSIGN_OR_RETURN(state_, LoadNightlyState(data()));
  if (state_.key == key && state_.done.count("export") == 0) return absl::OkStatus();
  state_ = {key, std::time(nullptr), {}};
  return absl::OkStatus();
}

absl::Status Night::Stage(const std::string& name, absl::StatusOr<uint64_t> (Night::*work)()) {
  if (state_.done.count(name) > 0) {
    outcome_.resumed.push_back(name);
    return absl::OkStatus();
  }
  const auto start = std::chrono::steady_clock::now();
  HALQA_ASSIGN_OR_RETURN(state_.done[name], (this->*work)());
  HALQA_RETURN_IF_ERROR(SaveNightlyState(data(), state_));
  outcome_.stages.emplace_back(
      name, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Night::Import() {
  if (flags_.import.files.empty()) return 0;
  HALQA_ASSIGN_OR_RETURN(const ImportOutcome outcome, RunImport(flags_.import));
  return outcome.stats.rejected;
}

// The generation that a killed run published before it could note so; 0 when there is none. Notes
// which one was current before.
absl::StatusOr<uint64_t> Night::PublishedBefore() {
  HALQA_ASSIGN_OR_RETURN(const auto backend, Backend::Open({data(), "", flags_.threads, ""}));
  const auto shown = backend->graph()->search_state();
  const uint32_t current =
      shown->generation() == nullptr ? 0 : shown->generation()->info.generation;
  if (state_.done.count("before") > 0) {
    if (current <= state_.done["before"]) return 0;
    // Somebody else may have ranked since, in another way.
    HALQA_ASSIGN_OR_RETURN(const auto options, runtime::ParseRankingOptions(parameters_));
    const bool ours = shown->generation()->info.parameters == runtime::DescribeOptions(options);
    return ours ? current : 0;
  }
  state_.done["before"] = current;
  HALQA_RETURN_IF_ERROR(SaveNightlyState(data(), state_));
  return 0;
}

absl::StatusOr<uint64_t> Night::Rank() {
  HALQA_ASSIGN_OR_RETURN(const uint64_t published, PublishedBefore());
  if (published != 0) return published;
  RankFlags rank;
  rank.data = data();
  rank.threads = flags_.threads;
  rank.memory_max = flags_.memory_max;
  HALQA_ASSIGN_OR_RETURN(const RankOutcome outcome, RankDirectory(rank, parameters_));
  return outcome.generation;
}

absl::StatusOr<uint64_t> Night::Export() {
  HALQA_ASSIGN_OR_RETURN(const auto backend, Backend::Open({data(), "", flags_.threads, ""}));
  HALQA_ASSIGN_OR_RETURN(outcome_.directory,
                         ExportGeneration(*backend, flags_.output, flags_.formats, flags_.keep));
  return state_.done.at("rank");
}

absl::StatusOr<NightlyOutcome> Night::Run() {
  HALQA_RETURN_IF_ERROR(Check());
  HALQA_RETURN_IF_ERROR(Begin());
  HALQA_RETURN_IF_ERROR(Stage("import", &Night::Import));
  HALQA_RETURN_IF_ERROR(Stage("rank", &Night::Rank));
  HALQA_RETURN_IF_ERROR(Stage("export", &Night::Export));
  outcome_.rejected = state_.done.at("import");
  outcome_.generation = static_cast<uint32_t>(state_.done.at("rank"));
  return outcome_;
}

}  // namespace

absl::StatusOr<NightlyOutcome> RunNightly(const NightlyFlags& flags) { return Night(flags).Run(); }

}  // namespace halqa::cli
