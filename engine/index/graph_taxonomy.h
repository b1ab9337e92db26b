#pragma once
// The topics of one graph, and which rules its index was made by.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/store/store.h"
#include "engine/text/taxonomy.h"

namespace halqa::index {

// The taxonomy that the store holds, else the built-in one. Never null. Errors: DataLoss
// (TAXONOMY_DAMAGED), those of Get.
absl::StatusOr<std::shared_ptr<const text::Taxonomy>> LoadTaxonomy(
    const store::Store& db, const store::ReadView* view = nullptr);

// What the postings of a store depend on besides its rows: the versions of the text analysis and
// the taxonomy. Stands in the row `indexed_by` while the index is whole.
std::string IndexRules(const text::Taxonomy& taxonomy);

// Whether the index was made by these rules; else it has to be made anew.
absl::StatusOr<bool> IndexedBy(const store::Store& db, const text::Taxonomy& taxonomy,
                               const store::ReadView* view = nullptr);

}  // namespace halqa::index
