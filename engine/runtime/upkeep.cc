#include "engine/runtime/upkeep.h"

#include <ctime>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/source_table.h"
#include "engine/runtime/analysis.h"
#include "engine/runtime/ranking_part.h"

namespace halqa::runtime {

absl::StatusOr<JobRow> StartUndoImport(Graph& graph, uint32_t source) {
  HALQA_ASSIGN_OR_RETURN(const auto table, ingest::SourceTable::Load(graph.live().db()));
  const auto row = table.rows.find(source);
  if (row == table.rows.end()) {
    return MakeError(absl::StatusCode::kNotFound, "IMPORT_NOT_FOUND",
                     absl::StrCat("there is no import ", source),
                     {{"import", absl::StrCat(source)}});
  }
  if (row->second.founding) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "IMPORT_IS_THE_GRAPH",
                     "the graph was built from this import: remove its directory instead");
  }
  JobRow job;
  job.kind = "undo_import";
  job.parameters["import"] = absl::StrCat(source);
  job.parameters["producer"] = row->second.name;
  return graph.jobs().Start(std::move(job),
                            [&graph, source](RunContext& run, JobReporter& reporter) {
                              reporter.Stage("undo");
                              auto report = graph.live().UndoImport(source, run);
                              if (!report.ok()) return report.status();
                              reporter.Result("restored", absl::StrCat(report->restored));
                              reporter.Result("kept", absl::StrCat(report->kept));
                              return absl::OkStatus();
                            });
}

absl::StatusOr<JobRow> StartPurge(Graph& graph, UnixSeconds horizon) {
  if (horizon < 0 || horizon > std::time(nullptr)) {
    return FieldError("HORIZON_IN_FUTURE", "horizon",
                      absl::StrCat(horizon, " is no moment of the past in Unix seconds"));
  }
  if (horizon != 0 && horizon < graph.live().horizon()) {
    return FieldError("HORIZON_BEFORE_LAST", "horizon",
                      absl::StrCat("history before ", graph.live().horizon(), " is gone already"));
  }
  JobRow job;
  job.kind = "purge_history";
  job.parameters["horizon"] = absl::StrCat(horizon);
  return graph.jobs().Start(
      std::move(job), [&graph, horizon](RunContext& run, JobReporter& reporter) {
        reporter.Stage("forget");
        auto report = graph.live().Purge(horizon, run);
        // What a killed ranking left has columns of everybody who was there.
        std::error_code none;
        std::filesystem::remove(RankingPartPath(graph.live().db()), none);
        RemoveAnalyses(graph.live().db());
        if (!report.ok()) return report.status();
        reporter.Result("expired_imports", absl::StrCat(report->expired_sources));
        reporter.Result("expired_profiles", absl::StrCat(report->expired_profiles));
        return absl::OkStatus();
      });
}

}  // namespace halqa::runtime
