#include "engine/ingest/document.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace halqa::ingest {
namespace {

const text::DocumentTerms* UnlessEmpty(const text::DocumentTerms* terms) {
  return terms == nullptr || terms->terms.empty() ? nullptr : terms;
}

}  // namespace

std::vector<PostRecord> DocumentPosts(const std::vector<PostRecord>& added,
                                      const std::vector<PostRecord>& stored) {
  std::vector<PostRecord> all = added;
  all.insert(all.end(), stored.begin(), stored.end());
  std::stable_sort(all.begin(), all.end(), [](const PostRecord& a, const PostRecord& b) {
    return a.time != b.time ? a.time > b.time : a.external_id < b.external_id;
  });
  std::vector<PostRecord> posts;
  absl::flat_hash_set<std::string> seen;
  for (PostRecord& post : all) {
    if (posts.size() < kDocumentPostsMax && seen.insert(post.external_id).second) {
      posts.push_back(std::move(post));
    }
  }
  return posts;
}

text::DocumentTerms AnalyzeRow(const store::AccountRow& row, absl::Span<const PostRecord> posts) {
  if (!row.named) posts = {};
  return index::AnalyzeAccount(row.record, posts);
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
