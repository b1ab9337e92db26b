#pragma once
// The text index from nothing: when the rules of text analysis or the topics have changed.

#include <cstdint>

#include "absl/status/status.h"
#include "engine/base/run_context.h"
#include "engine/index/graph_taxonomy.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Makes all postings and their statistics anew from profiles and posts, unless they were made by
// the rules of this program and `taxonomy` already; and then marks them as made by these. Killed
// anywhere, the mark is missing and the next call begins again. REQUIRES: nobody else writes.
// Errors: those of the store and of Checkpoint. Cost: 20 to 60 us per account.
absl::Status ReindexIfNeeded(store::Store& db, const text::Taxonomy& taxonomy, uint32_t accounts,
                             RunContext& run);

}  // namespace halqa::ingest
