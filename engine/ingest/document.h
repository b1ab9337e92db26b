#pragma once
// Keeping the index in step with profiles and posts.

#include <functional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/records.h"
#include "engine/index/account_document.h"
#include "engine/index/document_index.h"
#include "engine/store/account_codec.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Posts of one author that take part in its document.
inline constexpr size_t kDocumentPostsMax = 50;

// The posts that make the document, out of `added` and what is stored: newest first, each external
// id once (its newest version; `added` wins among equals), at most kDocumentPostsMax.
std::vector<PostRecord> DocumentPosts(const std::vector<PostRecord>& added,
                                      const std::vector<PostRecord>& stored);

// The terms of an account with these posts, as DocumentPosts gives them. Posts of
// an account that may not be named are not read.
text::DocumentTerms AnalyzeRow(const store::AccountRow& row, absl::Span<const PostRecord> posts,
                               const text::Taxonomy& taxonomy);

// The document of one account, from its rows.
struct AccountDocument {
  uint32_t account = 0;
  uint32_t version = 0;
  text::DocumentTerms terms;
};
// Calls fn for every account of [from, to) that has a document, in order. Rows that do not decode
// are left out. `scan` reads one family in order, as Store::Scan.
using ScanRowsFn = std::function<void(store::Family family, absl::string_view from,
                                      absl::string_view to, const store::Store::ScanFn& fn)>;
void ForEachDocument(const ScanRowsFn& scan, const text::Taxonomy& taxonomy, uint32_t from,
                     uint32_t to, const std::function<void(const AccountDocument&)>& fn);

// One change of a document, as posting operands in `batch` and in the sums of the index. A document
// without any term is none.
struct DocumentChange {
  AccountId account{};
  uint32_t version = 0;
  const text::DocumentTerms* before = nullptr;
  const text::DocumentTerms* after = nullptr;
};
void WritePostings(const DocumentChange& change, index::IndexStatistics* statistics,
                   store::Batch* batch);

}  // namespace halqa::ingest
