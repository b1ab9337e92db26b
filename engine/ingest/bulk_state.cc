#include "engine/ingest/bulk_state.h"

#include <algorithm>
#include <ctime>
#include <numeric>

#include "engine/base/parallel.h"
#include "engine/base/status_macros.h"
#include "engine/index/graph_taxonomy.h"
#include "engine/ingest/commit_group.h"
#include "engine/ingest/fold.h"
#include "engine/ingest/snapshot_dir.h"
#include "engine/store/source_codec.h"

namespace halqa::ingest {
namespace {

using store::Family;

constexpr uint32_t kRowsPerStep = 1 << 14;
constexpr uint32_t kFoundingSource = 1;

// Finishes and ingests one file.
absl::Status Bring(store::Store& db, store::SstBuilder& sst) {
  HALQA_RETURN_IF_ERROR(sst.Finish());
  return db.Ingest({&sst});
}

}  // namespace

absl::Status BulkImporter::State::WriteFollows(store::Store& db, RunContext& run) {
  HALQA_RETURN_IF_ERROR(WriteMarker(db, follows.newest()));
  RunContext sorting = run.Part(0, 0.9);
  HALQA_ASSIGN_OR_RETURN(active, follows.Write(db, ids.size(), kFoundingSource, sorting));
  RunContext counting = run.Part(0.9, 1);
  HALQA_ASSIGN_OR_RETURN(followers, InDegrees(active, counting));
  report.follows = active.arcs();
  return absl::OkStatus();
}

// Tells the writer which events are late (see LiveGraph::ApplyToDelta).
absl::Status BulkImporter::State::WriteMarker(store::Store& db, const NewestWords& newest) {
  HALQA_ASSIGN_OR_RETURN(auto sst, db.NewSst(Family::kFold));
  HALQA_RETURN_IF_ERROR(sst->Put(store::meta::kFoldMarker, EncodeMarker(LogTail{}, newest)));
  return Bring(db, *sst);
}

absl::Status BulkImporter::State::WriteInteractions(store::Store& db, RunContext& run) {
  std::sort(interactions.begin(), interactions.end(),
            [](const Interaction& a, const Interaction& b) {
              return std::tie(a.src, a.entry.dst, a.entry.kind, a.entry.hour) <
                     std::tie(b.src, b.entry.dst, b.entry.kind, b.entry.hour);
            });
  HALQA_ASSIGN_OR_RETURN(auto sst, db.NewSst(Family::kInteractOut));
  std::vector<store::InteractionEntry> entries;
  uint64_t rows = 0;
  for (size_t i = 0; i < interactions.size();) {
    if (++rows % kRowsPerStep == 0) {
      HALQA_RETURN_IF_ERROR(
          run.Checkpoint(static_cast<double>(i), static_cast<double>(interactions.size())));
    }
    const uint32_t src = interactions[i].src;
    entries.clear();
    for (; i < interactions.size() && interactions[i].src == src; ++i) {
      entries.push_back(interactions[i].entry);
      entries.back().source = kFoundingSource;
    }
    store::NormaliseInteractions(&entries);
    report.interaction_buckets += entries.size();
    HALQA_RETURN_IF_ERROR(
        sst->Put(store::AccountKey(AccountId{src}), store::EncodeInteractions(entries)));
  }
  interactions = {};
  return Bring(db, *sst);
}

absl::Status BulkImporter::State::WriteIds(store::Store& db, RunContext& run) {
  const uint32_t n = ids.size();
  hashes.resize(n);
  ParallelRange(run.threads(), n, kRowsPerStep, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i) {
      hashes[i] = store::HashExternalId(db.id_key(), ids.name(static_cast<uint32_t>(i)));
    }
  });
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 2));
  std::vector<uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  auto bytes = [&](uint32_t i) {
    const auto* p = reinterpret_cast<const unsigned char*>(hashes[i].data());
    return std::basic_string_view<unsigned char>(p, hashes[i].size());
  };
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return bytes(a) < bytes(b); });
  HALQA_ASSIGN_OR_RETURN(auto sst, db.NewSst(Family::kExternalToId));
  for (uint32_t id : order) {
    HALQA_RETURN_IF_ERROR(sst->Put(store::AsBytes(hashes[id]), store::AccountKey(AccountId{id})));
  }
  return Bring(db, *sst);
}

// Runs on several threads at once, each on accounts of its own.
void BulkImporter::State::MakeBlock(uint32_t from, uint32_t to, BulkBlock* block) {
  for (uint32_t id = from; id < to; ++id) {
    const store::AccountRow row = MakeRow(id);
    block->named.push_back(row.named);
    block->rows.push_back(store::EncodeAccount(row));
    auto it = posts.find(id);
    std::vector<PostRecord> own;
    if (it != posts.end()) own.assign(it->second.rbegin(), it->second.rend());
    const text::DocumentTerms terms =
        AnalyzeRow(row, DocumentPosts(own, {}), text::Taxonomy::Default());
    if (terms.terms.empty()) continue;
    block->statistics.Add(terms);
    store::Posting posting{AccountId{id}, row.document_version, {}, terms.WeightedLength()};
    for (const auto& [term, counts] : terms.terms) {
      posting.tf = counts;
      block->postings.emplace_back(term, posting);
    }
  }
}

absl::Status BulkImporter::State::WriteAccountsAndIndex(store::Store& db, RunContext& run) {
  const uint32_t n = ids.size();
  HALQA_ASSIGN_OR_RETURN(auto sst, db.NewSst(Family::kAccount));
  const uint32_t group = kRowsPerStep * static_cast<uint32_t>(run.threads());
  for (uint64_t first = 0; first < n; first += group) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(static_cast<double>(first), n));
    const uint64_t last = std::min<uint64_t>(n, first + group);
    std::vector<BulkBlock> blocks((last - first + kRowsPerStep - 1) / kRowsPerStep);
    ParallelBlocks(run.threads(), blocks.size(), [&](uint64_t b) {
      const uint64_t from = first + b * kRowsPerStep;
      MakeBlock(static_cast<uint32_t>(from),
                static_cast<uint32_t>(std::min(last, from + kRowsPerStep)), &blocks[b]);
    });
    uint32_t id = static_cast<uint32_t>(first);
    for (BulkBlock& block : blocks) {
      named.insert(named.end(), block.named.begin(), block.named.end());
      for (const std::string& row : block.rows) {
        HALQA_RETURN_IF_ERROR(sst->Put(store::AccountKey(AccountId{id++}), row));
      }
      for (auto& [term, posting] : block.postings) postings[term].push_back(posting);
      statistics.Merge(block.statistics);
    }
  }
  report.named_accounts = static_cast<uint64_t>(std::count(named.begin(), named.end(), true));
  HALQA_RETURN_IF_ERROR(Bring(db, *sst));
  return WriteIndex(db);
}

absl::Status BulkImporter::State::WriteIndex(store::Store& db) {
  std::vector<const std::string*> terms;
  for (const auto& [term, list] : postings) terms.push_back(&term);
  std::sort(terms.begin(), terms.end(), [](const auto* a, const auto* b) { return *a < *b; });
  HALQA_ASSIGN_OR_RETURN(auto sst, db.NewSst(Family::kPostings));
  for (const std::string* term : terms) {
    HALQA_RETURN_IF_ERROR(sst->Put(*term, store::EncodePostings(postings[*term])));
  }
  report.terms = terms.size();
  postings = {};
  return Bring(db, *sst);
}

store::AccountRow BulkImporter::State::MakeRow(uint32_t id) {
  store::AccountRow row;
  if (auto it = profiles.find(id); it != profiles.end()) {
    row.record = std::move(it->second);
  }
  row.document_version = 1;
  row.record.external_id = std::string(ids.name(id));
  row.named = store::MayBeNamed(row.record, followers[id], options.settings.name_threshold);
  if (!row.named) store::MakeAnonymous(store::PseudonymOf(ids.name(id), hashes[id]), &row.record);
  return row;
}

absl::Status BulkImporter::State::WritePosts(store::Store& db, RunContext& run) {
  std::vector<uint32_t> authors;
  for (const auto& [author, list] : posts) {
    if (named[author]) authors.push_back(author);
    if (!named[author]) report.posts_dropped += list.size();
  }
  std::sort(authors.begin(), authors.end());
  HALQA_ASSIGN_OR_RETURN(auto sst, db.NewSst(Family::kPost));
  for (size_t i = 0; i < authors.size(); ++i) {
    if (i % kRowsPerStep == 0)
      HALQA_RETURN_IF_ERROR(
          run.Checkpoint(static_cast<double>(i), static_cast<double>(authors.size())));
    std::map<std::string, std::string> rows;  // the same post twice is one row
    for (const PostRecord& post : posts[authors[i]]) {
      const store::KeyedHash hash = store::HashExternalId(db.id_key(), post.external_id);
      rows[store::PostKey(AccountId{authors[i]}, post.time, {hash.data(), 8})] =
          store::EncodePost(post);
    }
    report.posts += rows.size();
    for (const auto& [key, value] : rows) HALQA_RETURN_IF_ERROR(sst->Put(key, value));
  }
  posts = {};
  return Bring(db, *sst);
}

absl::Status BulkImporter::State::WriteState(store::Store& db) {
  store::Batch batch;
  batch.Put(Family::kMeta, store::meta::kNextAccount, store::AccountKey(AccountId{ids.size()}));
  batch.Put(Family::kMeta, store::meta::kSettings, store::EncodeSettings(options.settings));
  batch.Put(Family::kMeta, store::meta::kIndexStatistics, statistics.Encode());
  batch.Put(Family::kMeta, store::meta::kIndexedBy, index::IndexRules(text::Taxonomy::Default()));
  store::SourceRow source{options.producer, options.provenance, std::time(nullptr)};
  source.follows = report.follow_rows;
  source.interactions = report.interaction_rows;
  source.profiles = report.profiles;
  source.posts = report.posts + report.posts_dropped;
  source.founding = true;
  batch.Put(Family::kSource, store::NumberKey(kFoundingSource), store::EncodeSource(source));
  if (!options.producer.empty())
    RememberCursor(options.producer, ~uint64_t{0}, 0, std::time(nullptr), &batch);
  return db.Write(batch, store::Durability::kSync);
}

absl::Status BulkImporter::State::WriteSnapshot(store::Store& db, RunContext& run) {
  return WriteSnapshotOf(db, LogTail{}, std::move(active), followers, run);
}

}  // namespace halqa::ingest
