#pragma once
// From stored rows to the index: which text of an account counts, and the postings that a change of
// it makes.

#include <vector>

#include "absl/status/status.h"
#include "engine/base/records.h"
#include "engine/store/account_codec.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Everything of an account that the index reads. An account that may not be named has only hashtags
// and lists.
struct Document {
  AccountRecord profile;
  std::vector<PostRecord> posts;  // newest first, at most kDocumentPostsMax count
};
Document MakeDocument(const store::AccountRow& row, const std::vector<PostRecord>& posts);

// Adds the posting changes from one version of a document to the next.
absl::Status WritePostings(AccountId id, uint32_t version, const Document& before,
                           const Document& after, store::Batch* batch);

}  // namespace halqa::ingest
