#pragma once
// What is held about one account, for the person behind it.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/runtime/graph.h"
#include "engine/store/edge_list.h"
#include "engine/store/source_codec.h"

namespace halqa::runtime {

// One follow of or by the subject, newest event first; `dst` of the entries means nothing.
struct HeldFollow {
  AccountId other{};
  bool outgoing = false;
  std::vector<store::FollowEntry> events;
};
struct HeldInteractions {
  AccountId other{};
  bool outgoing = false;
  store::InteractionEntry entry;
};

struct SubjectExport {
  std::optional<AccountView> account;        // none: not known, or erased
  std::optional<store::ErasureRow> erasure;  // it was erased
  std::vector<PostRecord> posts;
  std::vector<HeldFollow> follows;
  std::vector<HeldInteractions> interactions;
  std::map<uint32_t, store::SourceRow> sources;  // those that the events name
};

// Everything the store holds of an account, ended follows included. Folds the log first, so that
// the edge families hold it all. Errors: NotFound (ACCOUNT_NOT_FOUND) where nothing is held and
// nothing was erased; those of the store and of Checkpoint. Cost: a scan of f_out and x_out.
absl::StatusOr<SubjectExport> ExportSubject(Graph& graph, absl::string_view external_id,
                                            RunContext& run);

// The name by which an account may be shown: its external id or pseudonym; "" when it has gone.
absl::StatusOr<std::string> ShownName(const store::Store& db, AccountId id);

}  // namespace halqa::runtime
