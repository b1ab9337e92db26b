#include "engine/runtime/graph_topics.h"

#include "engine/base/coding.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/reindex.h"
#include "engine/store/keys.h"
#include "engine/store/store.h"

namespace halqa::runtime {

using store::Family;

absl::StatusOr<std::string> ReadTaxonomy(const std::string& directory) {
  HALQA_ASSIGN_OR_RETURN(const auto db, store::Store::OpenReadOnly(directory, {}));
  HALQA_ASSIGN_OR_RETURN(const auto toml, db->Get(Family::kMeta, store::meta::kTaxonomy));
  return toml ? *toml : std::string(text::Taxonomy::DefaultToml());
}

absl::Status SetTaxonomy(const std::string& directory, const std::optional<std::string>& toml,
                         absl::string_view file, RunContext& run) {
  if (toml) HALQA_RETURN_IF_ERROR(text::Taxonomy::Parse(*toml, file).status());
  HALQA_ASSIGN_OR_RETURN(const auto db, store::Store::Open(directory, {}));
  store::Batch batch;
  if (toml) {
    batch.Put(Family::kMeta, store::meta::kTaxonomy, *toml);
  } else {
    batch.Delete(Family::kMeta, store::meta::kTaxonomy);
  }
  HALQA_RETURN_IF_ERROR(db->Write(batch, store::Durability::kSync));
  HALQA_ASSIGN_OR_RETURN(const auto taxonomy, index::LoadTaxonomy(*db));
  HALQA_ASSIGN_OR_RETURN(const auto next, db->Get(Family::kMeta, store::meta::kNextAccount));
  const uint32_t accounts = next && next->size() == 4 ? DecodeFixed32BE(*next) : 0;
  return ingest::ReindexIfNeeded(*db, *taxonomy, accounts, run);
}

}  // namespace halqa::runtime
