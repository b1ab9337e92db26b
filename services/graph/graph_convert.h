#pragma once

#include "absl/status/statusor.h"
#include "engine/ingest/write_request.h"
#include "halqa/v1/graph_service.pb.h"

namespace halqa::services {

// A batch of the wire as the writer takes it. Times of 0 become `now`. Errors: InvalidArgument
// naming the field (follow_table.followers: LENGTH_MISMATCH, kind: UNKNOWN_INTERACTION_KIND, ...).
// What the writer checks is not checked here.
absl::StatusOr<ingest::WriteRequest> FromProto(const v1::WriteBatchRequest& in, UnixSeconds now);

}  // namespace halqa::services
