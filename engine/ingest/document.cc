#include "engine/ingest/document.h"

namespace halqa::ingest {
namespace {

const text::DocumentTerms* UnlessEmpty(const text::DocumentTerms* terms) {
  return terms == nullptr || terms->terms.empty() ? nullptr : terms;
}

}  // namespace

text::DocumentTerms AnalyzeRow(const store::AccountRow& row, absl::Span<const PostRecord> posts) {
  if (!row.named) posts = {};
  return index::AnalyzeAccount(row.record,
                               posts.subspan(0, std::min(posts.size(), kDocumentPostsMax)));
}

void WritePostings(const DocumentChange& change, index::IndexStatistics* statistics,
                   store::Batch* batch) {
  const text::DocumentTerms* before = UnlessEmpty(change.before);
  const text::DocumentTerms* after = UnlessEmpty(change.after);
  for (const index::PostingOp& op :
       index::MakePostingOps(change.account, change.version, before, after)) {
    batch->Merge(store::Family::kPostings, op.term, op.operand);
  }
  if (before != nullptr) statistics->Remove(*before);
  if (after != nullptr) statistics->Add(*after);
}

}  // namespace halqa::ingest
