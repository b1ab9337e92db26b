#pragma once

#include "engine/ingest/live_graph.h"
#include "engine/runtime/graph.h"
#include "halqa/v1/common.pb.h"

namespace halqa::services {

// An account as it may be shown. One that may not be named carries its pseudonym and no text of its
// own.
void ToProto(const runtime::AccountView& view, v1::Account* out);
// Of it name, external id and whether it is named.
void IdToProto(const runtime::AccountView& view, v1::Account* out);

// A profile to write. Output-only fields are ignored.
AccountRecord FromProto(const v1::Account& in);

// What an answer saw. `state` may be null where no scores were read.
v1::DataVersion VersionOf(const runtime::Graph& graph, const ingest::Epoch& epoch,
                          const runtime::SearchState* state);

}  // namespace halqa::services
