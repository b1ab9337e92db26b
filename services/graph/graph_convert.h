#pragma once

#include "absl/status/statusor.h"
#include "engine/ingest/replace_followers.h"
#include "engine/ingest/write_request.h"
#include "engine/runtime/subject.h"
#include "halqa/v1/graph_service.pb.h"

namespace halqa::services {

// A batch as the writer takes it; events without a time happened `now`. Takes the ids out of `in`.
// A lenient batch leaves its bad rows in `rejects`. Errors: InvalidArgument with the field of the
// wire; those of RemoveBadRows.
absl::StatusOr<ingest::WriteRequest> TakeBatch(v1::WriteBatchRequest* in, UnixSeconds now,
                                               std::vector<ingest::Reject>* rejects);

Provenance FromProto(const v1::Provenance& in);
void ToProto(const ingest::Reject& reject, absl::string_view before, v1::RejectedRow* out);
void ToProto(uint32_t number, const store::SourceRow& row, v1::Import* out);
void ToProto(const PostRecord& post, v1::Post* out);

// The receipt of an erasure, signed by the graph's secret.
v1::ErasureReceipt ReceiptOf(absl::string_view name, const store::ErasureRow& erasure,
                             absl::string_view secret);

}  // namespace halqa::services
