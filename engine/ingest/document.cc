#include "engine/ingest/document.h"

namespace halqa::ingest {

Document MakeDocument(const store::AccountRow& row, const std::vector<PostRecord>& posts) {
  return {row.record, posts};
}

absl::Status WritePostings(AccountId, uint32_t, const Document&, const Document&, store::Batch*) {
  return absl::OkStatus();
}

}  // namespace halqa::ingest
