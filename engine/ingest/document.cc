#include "engine/ingest/document.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/base/coding.h"
#include "engine/store/keys.h"

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

text::DocumentTerms AnalyzeRow(const store::AccountRow& row, absl::Span<const PostRecord> posts,
                               const text::Taxonomy& taxonomy) {
  if (!row.named) posts = {};
  return index::AnalyzeAccount(row.record, posts, taxonomy);
}

void ForEachDocument(const ScanRowsFn& scan, const text::Taxonomy& taxonomy, uint32_t from,
                     uint32_t to, const std::function<void(const AccountDocument&)>& fn) {
  const std::string first = store::AccountKey(AccountId{from});
  const std::string last = store::AccountKey(AccountId{to});
  // Newest posts first, each id once, all of the last second: what the writer reads (LoadPosts).
  absl::flat_hash_map<uint32_t, std::vector<PostRecord>> posts;
  absl::flat_hash_set<std::string> seen;
  uint32_t author = 0;
  scan(store::Family::kPost, first, last, [&](absl::string_view key, absl::string_view value) {
    auto post = store::DecodePost(value);
    if (key.size() != 20 || !post.ok()) return true;
    if (DecodeFixed32BE(key) != author) seen.clear();
    author = DecodeFixed32BE(key);
    auto& list = posts[author];
    if (list.size() >= kDocumentPostsMax && post->time != list.back().time) return true;
    if (seen.insert(post->external_id).second) list.push_back(*std::move(post));
    return true;
  });
  static const std::vector<PostRecord> kNone;
  scan(store::Family::kAccount, first, last, [&](absl::string_view key, absl::string_view value) {
    const auto row = store::DecodeAccount(value);
    if (key.size() != 4 || !row.ok()) return true;
    const uint32_t id = DecodeFixed32BE(key);
    const auto it = posts.find(id);
    AccountDocument document{id, row->document_version, {}};
    document.terms =
        AnalyzeRow(*row, DocumentPosts({}, it == posts.end() ? kNone : it->second), taxonomy);
    if (!document.terms.terms.empty()) fn(document);
    return true;
  });
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
