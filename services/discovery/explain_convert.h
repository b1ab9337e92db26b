#pragma once

#include "absl/status/statusor.h"
#include "engine/runtime/explain.h"
#include "engine/runtime/graph.h"
#include "halqa/v1/discovery_service.pb.h"

namespace halqa::services {

// The one account that a name, handle or profile link means. Errors: NotFound (ACCOUNT_NOT_FOUND),
// InvalidArgument (ACCOUNT_AMBIGUOUS).
absl::StatusOr<AccountId> OneAccount(const runtime::Graph& graph, const ingest::Epoch& epoch,
                                     const std::string& name);

// Errors: InvalidArgument (TOO_MANY_ITEMS, PARAMETER_OUT_OF_RANGE, INVALID_NAME); those of
// OneAccount.
absl::StatusOr<runtime::ExplainRequest> FromProto(const runtime::Graph& graph,
                                                  const ingest::Epoch& epoch,
                                                  const v1::ExplainRankRequest& in);

// Turns an answer into its message. Accounts that may not be named stand under their pseudonym;
// those that were erased since the ranking are not set.
class ExplainWriter {
 public:
  ExplainWriter(const runtime::Graph& graph, const ingest::Epoch& epoch)
      : graph_(graph), epoch_(epoch) {}
  absl::Status Write(const runtime::ExplainRequest& request, const runtime::ExplainAnswer& answer,
                     v1::ExplainRankResponse* out) const;

 private:
  absl::Status WriteAccount(AccountId id, v1::Account* out) const;
  absl::Status WritePart(const runtime::ExplainedPart& part, v1::ScorePart* out) const;
  absl::Status WriteCompetitor(const runtime::ExplainedCompetitor& competitor,
                               v1::Competitor* out) const;
  const runtime::Graph& graph_;
  const ingest::Epoch& epoch_;
};

}  // namespace halqa::services
