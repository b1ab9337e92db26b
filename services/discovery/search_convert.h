#pragma once

#include "absl/status/statusor.h"
#include "engine/discovery/search.h"
#include "engine/runtime/graph.h"
#include "halqa/v1/discovery_service.pb.h"

namespace halqa::services {

// The request without its page token. Errors: InvalidArgument (QUERY_TOO_LONG, DUPLICATE_WEIGHT).
absl::StatusOr<discovery::SearchRequest> FromProto(const v1::SearchInfluencersRequest& in);

// A hash of everything that a page token is bound to.
uint64_t QueryHash(const v1::SearchInfluencersRequest& in);

// Turns hits into messages: looks accounts up and puts reasons into words.
class ResultWriter {
 public:
  ResultWriter(const runtime::Graph& graph, const ingest::Epoch& epoch,
               const runtime::SearchState& state)
      : graph_(graph), epoch_(epoch), state_(state) {}
  absl::Status Write(const discovery::SearchHit& hit, v1::InfluencerResult* out) const;

 private:
  std::string Words(const discovery::Reason& reason) const;
  const runtime::Graph& graph_;
  const ingest::Epoch& epoch_;
  const runtime::SearchState& state_;
};

void ToProto(const discovery::ReachEstimate& reach, v1::Reach* out);
void ToProto(const discovery::SearchAnswer& answer, v1::ResolvedQuery* out);
void ToProto(const discovery::Suggestion& suggestion, v1::SearchSuggestion* out);
// "micro", or "" when the number of followers is not known.
std::string TierName(const discovery::AccountFacts& facts, const discovery::ReachModel& reach);

}  // namespace halqa::services
