#pragma once
// Which accounts name a topic, and how strongly: the seeds of topic PageRank.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/ids.h"
#include "engine/index/query.h"

namespace halqa::index {

// Rises whenever the same postings can give another weight.
inline constexpr int kTopicEvidenceVersion = 1;

struct TopicEvidence {
  AccountId account = kNoAccount;
  float weight = 0;  // (0, 1)
};

// The accounts whose documents name a topic or a narrower one, sorted by account. The weight is the
// saturated BM25F count of the topic's term: one list or bio that names it weighs more than many
// posts, and long documents less. Errors: DataLoss (POSTING_LIST_DAMAGED), errors of the source.
// Cost: one pass over one list.
absl::StatusOr<std::vector<TopicEvidence>> ReadTopicEvidence(absl::string_view topic_id,
                                                             const PostingSource& source);

}  // namespace halqa::index
