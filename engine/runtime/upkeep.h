#pragma once
// Jobs that look after what is kept: undoing an import, forgetting.

#include "absl/status/statusor.h"
#include "engine/base/records.h"
#include "engine/runtime/graph.h"

namespace halqa::runtime {

// Queues a job that undoes an import (LiveGraph::UndoImport). Result: "restored", "kept" profiles.
// Errors: NotFound (IMPORT_NOT_FOUND), FailedPrecondition (IMPORT_IS_THE_GRAPH), those of
// JobManager::Start.
absl::StatusOr<JobRow> StartUndoImport(Graph& graph, uint32_t source);

// Queues a job that forgets (LiveGraph::Purge). Result: "expired_imports", "expired_profiles".
// Errors: InvalidArgument (HORIZON_IN_FUTURE, HORIZON_BEFORE_LAST), those of JobManager::Start.
absl::StatusOr<JobRow> StartPurge(Graph& graph, UnixSeconds horizon);

}  // namespace halqa::runtime
