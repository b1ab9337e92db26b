#include "engine/ingest/reindex.h"

#include <vector>

#include "engine/base/parallel.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/document.h"
#include "engine/store/keys.h"

namespace halqa::ingest {
namespace {

using store::Family;

constexpr uint32_t kAccountsPerStep = 4096;
constexpr size_t kDeletesPerStep = 4096;

absl::Status DropPostings(store::Store& db, RunContext& run) {
  for (;;) {
    store::Batch batch;
    size_t terms = 0;
    auto drop = [&](absl::string_view term, absl::string_view) {
      batch.Delete(Family::kPostings, term);
      return ++terms < kDeletesPerStep;
    };
    HALQA_RETURN_IF_ERROR(db.Scan(Family::kPostings, "", "", drop, nullptr, /*bulk=*/true));
    HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
    if (terms == 0) return absl::OkStatus();
    HALQA_RETURN_IF_ERROR(db.Write(batch, store::Durability::kNoSync, store::Space::kReserve));
  }
}

class Reindexer {
 public:
  Reindexer(store::Store& db, const text::Taxonomy& taxonomy, uint32_t accounts, RunContext& run)
      : db_(db), taxonomy_(taxonomy), accounts_(accounts), run_(run) {}

  absl::Status Run() {
    store::Batch unmark;
    unmark.Delete(Family::kMeta, store::meta::kIndexedBy);
    HALQA_RETURN_IF_ERROR(db_.Write(unmark, store::Durability::kSync));
    HALQA_RETURN_IF_ERROR(DropPostings(db_, run_));
    const auto threads = static_cast<uint32_t>(run_.threads());
    for (uint64_t first = 0; first < accounts_; first += uint64_t{threads} * kAccountsPerStep) {
      HALQA_RETURN_IF_ERROR(run_.Checkpoint(static_cast<double>(first), accounts_));
      HALQA_RETURN_IF_ERROR(Step(static_cast<uint32_t>(first), threads));
    }
    HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
    store::Batch mark;
    mark.Put(Family::kMeta, store::meta::kIndexStatistics, statistics_.Encode());
    mark.Put(Family::kMeta, store::meta::kIndexedBy, index::IndexRules(taxonomy_));
    return db_.Write(mark, store::Durability::kSync);
  }

 private:
  struct Part {
    store::Batch batch;
    index::IndexStatistics statistics;
    absl::Status status;
  };

  // The documents of `threads` ranges of accounts.
  absl::Status Step(uint32_t first, uint32_t threads) {
    std::vector<Part> parts(threads);
    ParallelBlocks(run_.threads(), threads, [&](uint64_t i) {
      const uint64_t from = first + i * kAccountsPerStep;
      const uint64_t to = std::min<uint64_t>(from + kAccountsPerStep, accounts_);
      if (from < to) {
        parts[i].status =
            Analyze(static_cast<uint32_t>(from), static_cast<uint32_t>(to), &parts[i]);
      }
    });
    for (Part& part : parts) {
      HALQA_RETURN_IF_ERROR(part.status);
      statistics_.Merge(part.statistics);
      if (part.batch.empty()) continue;
      HALQA_RETURN_IF_ERROR(db_.Write(part.batch, store::Durability::kNoSync));
    }
    return absl::OkStatus();
  }

  absl::Status Analyze(uint32_t from, uint32_t to, Part* part) const {
    absl::Status status;
    auto scan = [&](Family family, absl::string_view begin, absl::string_view end,
                    const store::Store::ScanFn& fn) {
      status.Update(db_.Scan(family, begin, end, fn, nullptr, /*bulk=*/true));
    };
    ForEachDocument(scan, taxonomy_, from, to, [&](const AccountDocument& d) {
      WritePostings({AccountId{d.account}, d.version, nullptr, &d.terms}, &part->statistics,
                    &part->batch);
    });
    return status;
  }

  store::Store& db_;
  const text::Taxonomy& taxonomy_;
  const uint32_t accounts_;
  RunContext& run_;
  index::IndexStatistics statistics_;
};

}  // namespace

absl::Status ReindexIfNeeded(store::Store& db, const text::Taxonomy& taxonomy, uint32_t accounts,
                             RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const bool whole, index::IndexedBy(db, taxonomy));
  return whole ? absl::OkStatus() : Reindexer(db, taxonomy, accounts, run).Run();
}

}  // namespace halqa::ingest
