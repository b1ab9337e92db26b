#include "engine/store/migrate.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/edge_list.h"

namespace halqa::store {
namespace {

// In `default` while a migration is not finished: the version it comes from.
constexpr absl::string_view kMigration = "migration";
// In `fold`: target version, first account that is not rewritten. It stays when the migration has
// ended; another target's is not read.
constexpr absl::string_view kProgress = "migration";

std::string Number(uint32_t value) {
  std::string out;
  PutFixed32BE(value, &out);
  return out;
}

absl::StatusOr<uint32_t> FirstNotRewritten(const Store& db) {
  HALQA_ASSIGN_OR_RETURN(const auto value, db.Get(Family::kFold, kProgress));
  if (!value) return 0;
  if (value->size() != 8) {
    return MakeError(absl::StatusCode::kDataLoss, "STORE_CORRUPT",
                     "the mark of how far the migration went is damaged");
  }
  if (DecodeFixed32BE(*value) != kFormatVersion) return 0;
  return DecodeFixed32BE(absl::string_view(*value).substr(4));
}

// From here on an older program refuses the data.
absl::Status Begin(Store& db) {
  HALQA_ASSIGN_OR_RETURN(const auto begun, db.Get(Family::kMeta, kMigration));
  if (begun) return absl::OkStatus();
  Batch batch;
  batch.Put(Family::kMeta, kMigration, Number(db.format_version()));
  batch.Put(Family::kMeta, meta::kFormatVersion, Number(kFormatVersion));
  return db.Write(batch, Durability::kSync);
}

absl::Status End(Store& db) {
  Batch batch;
  batch.Delete(Family::kMeta, kMigration);
  return db.Write(batch, Durability::kSync);
}

// Decodes every row of a range in whatever format it is and writes it in ours.
template <typename Entry, typename Decode, typename Normalise, typename Encode>
absl::Status RewriteFamily(const Store& db, Family family, uint64_t from, uint64_t to,
                           Decode decode, Normalise normalise, Encode encode, SstBuilder* sst) {
  absl::Status status;
  std::vector<Entry> entries;
  const std::string end = to > UINT32_MAX ? "" : AccountKey(AccountId{static_cast<uint32_t>(to)});
  HALQA_RETURN_IF_ERROR(db.Scan(
      family, AccountKey(AccountId{static_cast<uint32_t>(from)}), end,
      [&](absl::string_view key, absl::string_view value) {
        entries.clear();
        status = decode(value, &entries);
        if (!status.ok()) {
          status = Annotate(status,
                            absl::StrCat(FamilyName(family), " of account ", DecodeFixed32BE(key)));
          return false;
        }
        normalise(&entries);
        status = sst->Put(key, encode(entries));
        return status.ok();
      },
      nullptr, /*bulk=*/true));
  HALQA_RETURN_IF_ERROR(status);
  return sst->Finish();
}

// One range of accounts in one atomic ingest, together with the mark.
absl::Status Step(Store& db, uint64_t from, uint64_t to) {
  HALQA_ASSIGN_OR_RETURN(const auto follows, db.NewSst(Family::kFollowOut));
  HALQA_ASSIGN_OR_RETURN(const auto interactions, db.NewSst(Family::kInteractOut));
  HALQA_ASSIGN_OR_RETURN(const auto mark, db.NewSst(Family::kFold));
  HALQA_RETURN_IF_ERROR(RewriteFamily<FollowEntry>(
      db, Family::kFollowOut, from, to, DecodeFollows, NormaliseFollows,
      [](const auto& e) { return EncodeFollows(e); }, follows.get()));
  HALQA_RETURN_IF_ERROR(RewriteFamily<InteractionEntry>(
      db, Family::kInteractOut, from, to, DecodeInteractions, NormaliseInteractions,
      [](const auto& e) { return EncodeInteractions(e); }, interactions.get()));
  HALQA_RETURN_IF_ERROR(mark->Put(
      kProgress,
      Number(kFormatVersion) + Number(static_cast<uint32_t>(std::min<uint64_t>(to, UINT32_MAX)))));
  HALQA_RETURN_IF_ERROR(mark->Finish());
  return db.Ingest({follows.get(), interactions.get(), mark.get()});
}

}  // namespace

absl::StatusOr<bool> NeedsMigration(const Store& db) {
  if (db.format_version() < kFormatVersion) return true;
  HALQA_ASSIGN_OR_RETURN(const auto begun, db.Get(Family::kMeta, kMigration));
  return begun.has_value();
}

absl::Status Migrate(Store& db, const MigrateOptions& options, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const auto next, db.Get(Family::kMeta, meta::kNextAccount));
  const uint64_t accounts = next && next->size() == 4 ? DecodeFixed32BE(*next) : 0;
  const double total = static_cast<double>(accounts) + 2;
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, total));
  HALQA_RETURN_IF_ERROR(Begin(db));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, total));
  HALQA_ASSIGN_OR_RETURN(uint64_t from, FirstNotRewritten(db));
  while (from < accounts) {
    const uint64_t to = std::min<uint64_t>(accounts, from + options.accounts_per_step);
    HALQA_RETURN_IF_ERROR(Step(db, from, to));
    from = to;
    HALQA_RETURN_IF_ERROR(run.Checkpoint(static_cast<double>(from) + 1, total));
  }
  return End(db);
}

}  // namespace halqa::store
