#include "engine/index/topic_evidence.h"

#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/posting_list.h"
#include "engine/text/analyze_document.h"
#include "engine/text/bm25f.h"

namespace halqa::index {

absl::StatusOr<std::vector<TopicEvidence>> ReadTopicEvidence(absl::string_view topic_id,
                                                             const PostingSource& source) {
  std::vector<TopicEvidence> evidence;
  const std::string term = text::TopicTerm(topic_id);
  HALQA_ASSIGN_OR_RETURN(const std::string bytes, source.Fetch(term));
  if (bytes.empty()) return evidence;
  const double average_length = source.statistics().AverageLength();
  const absl::Span<const uint32_t> versions = source.document_versions();
  store::PostingReader reader(bytes);
  store::Posting posting;
  while (reader.Next(&posting)) {
    const uint32_t account = Raw(posting.account);
    const bool current = versions.empty() || (account < versions.size() &&
                                              versions[account] == posting.document_version);
    if (posting.tombstone() || !current) continue;
    const double weight = text::SaturatedCount(text::WeightedCount(posting.tf),
                                               posting.document_length, average_length);
    evidence.push_back({posting.account, static_cast<float>(weight)});
  }
  HALQA_RETURN_IF_ERROR(WithDetail(reader.status(), "term", term));
  return evidence;
}

}  // namespace halqa::index
