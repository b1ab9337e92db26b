#pragma once
// The document of an account: which of its texts the index reads.

#include "absl/types/span.h"
#include "engine/base/records.h"
#include "engine/text/analyze_document.h"

namespace halqa::index {

// The texts of a profile and the newest posts of the account.
text::DocumentText AccountTexts(const AccountRecord& profile, absl::Span<const PostRecord> posts);

// Terms of a profile and the newest posts of the account. Thread safe.
// Cost: linear in the text, about 10 us for a short profile.
text::DocumentTerms AnalyzeAccount(const AccountRecord& profile, absl::Span<const PostRecord> posts,
                                   const text::Taxonomy& taxonomy);

}  // namespace halqa::index
