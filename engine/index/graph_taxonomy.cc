#include "engine/index/graph_taxonomy.h"

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/keys.h"
#include "engine/text/analyze_document.h"

namespace halqa::index {

using store::Family;

absl::StatusOr<std::shared_ptr<const text::Taxonomy>> LoadTaxonomy(const store::Store& db,
                                                                   const store::ReadView* view) {
  HALQA_ASSIGN_OR_RETURN(const auto toml, db.Get(Family::kMeta, store::meta::kTaxonomy, view));
  if (!toml) {
    // Lives as long as the program.
    return std::shared_ptr<const text::Taxonomy>(std::shared_ptr<void>(),
                                                 &text::Taxonomy::Default());
  }
  auto taxonomy = text::Taxonomy::Parse(*toml, "the taxonomy of this graph");
  if (!taxonomy.ok()) {
    return MakeError(absl::StatusCode::kDataLoss, "TAXONOMY_DAMAGED", taxonomy.status().message());
  }
  return std::make_shared<const text::Taxonomy>(*std::move(taxonomy));
}

std::string IndexRules(const text::Taxonomy& taxonomy) {
  return absl::StrCat("analyze ", text::kAnalyzeVersion, ", taxonomy ",
                      absl::Hex(taxonomy.fingerprint(), absl::kZeroPad16));
}

absl::StatusOr<bool> IndexedBy(const store::Store& db, const text::Taxonomy& taxonomy,
                               const store::ReadView* view) {
  HALQA_ASSIGN_OR_RETURN(const auto rules, db.Get(Family::kMeta, store::meta::kIndexedBy, view));
  return rules.has_value() && *rules == IndexRules(taxonomy);
}

}  // namespace halqa::index
