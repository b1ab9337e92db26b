#include "engine/runtime/subject.h"

#include <algorithm>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/find_account.h"
#include "engine/ingest/source_table.h"
#include "engine/projection/scan.h"

namespace halqa::runtime {
namespace {

using store::Family;

// The edges of the subject that one block of sources holds.
struct Found {
  std::vector<HeldFollow> follows;
  std::vector<HeldInteractions> interactions;
};

void TakeFollows(uint32_t src, const std::vector<store::FollowEntry>& entries, uint32_t subject,
                 std::vector<HeldFollow>* out) {
  for (const store::FollowEntry& e : entries) {
    if (src != subject && e.dst != subject) continue;
    const bool outgoing = src == subject;
    const AccountId other{outgoing ? e.dst : src};
    if (out->empty() || out->back().other != other || out->back().outgoing != outgoing)
      out->push_back({other, outgoing, {}});
    out->back().events.push_back(e);
  }
}

absl::Status ScanBlock(const projection::ScanScope& scope, uint32_t from, uint32_t to,
                       uint32_t subject, Found* found) {
  HALQA_RETURN_IF_ERROR(projection::ScanFollowEvents(
      scope, from, to, [&](uint32_t src, const std::vector<store::FollowEntry>& entries) {
        TakeFollows(src, entries, subject, &found->follows);
      }));
  return projection::ScanInteractions(
      scope, from, to, [&](uint32_t src, const std::vector<store::InteractionEntry>& entries) {
        for (const store::InteractionEntry& e : entries) {
          if (src == subject || e.dst == subject)
            found->interactions.push_back(
                {AccountId{src == subject ? e.dst : src}, src == subject, e});
        }
      });
}

absl::Status FindEdges(const Graph& graph, AccountId subject, RunContext& run, SubjectExport* out) {
  const store::Store& db = graph.live().db();
  const auto view = db.NewView();
  HALQA_ASSIGN_OR_RETURN(const auto mask, store::LoadMask(db, view.get()));
  const projection::ScanScope scope{&db, view.get(), mask.get()};
  const uint32_t accounts = graph.live().epoch()->accounts;
  std::vector<Found> blocks(projection::BlockCount(accounts));
  HALQA_RETURN_IF_ERROR(
      projection::ForEachBlock(accounts, run, 1, [&](uint32_t block, uint32_t from, uint32_t to) {
        return ScanBlock(scope, from, to, Raw(subject), &blocks[block]);
      }));
  for (Found& block : blocks) {
    out->follows.insert(out->follows.end(), block.follows.begin(), block.follows.end());
    out->interactions.insert(out->interactions.end(), block.interactions.begin(),
                             block.interactions.end());
  }
  return absl::OkStatus();
}

absl::Status FindPosts(const store::Store& db, AccountId author, SubjectExport* out) {
  absl::Status status;
  auto row = [&](absl::string_view, absl::string_view value) {
    auto post = store::DecodePost(value);
    status = post.status();
    if (status.ok()) out->posts.push_back(*std::move(post));
    return status.ok();
  };
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kPost, store::AccountKey(author),
                                store::AccountKey(AccountId{Raw(author) + 1}), row));
  return status;
}

absl::Status NameSources(const store::Store& db, SubjectExport* out) {
  HALQA_ASSIGN_OR_RETURN(const auto table, ingest::SourceTable::Load(db));
  auto name = [&](uint32_t source) {
    if (auto it = table.rows.find(source); it != table.rows.end()) out->sources.insert(*it);
  };
  for (const HeldFollow& f : out->follows) {
    for (const store::FollowEntry& e : f.events) name(e.source);
  }
  for (const HeldInteractions& x : out->interactions) name(x.entry.source);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ShownName(const store::Store& db, AccountId id) {
  HALQA_ASSIGN_OR_RETURN(const auto bytes, db.Get(Family::kAccount, store::AccountKey(id)));
  if (!bytes) return std::string();
  HALQA_ASSIGN_OR_RETURN(const auto row, store::DecodeAccount(*bytes));
  return row.record.external_id;
}

absl::StatusOr<SubjectExport> ExportSubject(Graph& graph, absl::string_view external_id,
                                            RunContext& run) {
  HALQA_RETURN_IF_ERROR(ValidateExternalId(external_id));
  RunContext fold = run.Part(0, 0.3);
  HALQA_RETURN_IF_ERROR(graph.live().FoldOnly(fold));
  const store::Store& db = graph.live().db();
  SubjectExport out;
  HALQA_ASSIGN_OR_RETURN(const auto found, ingest::FindHash(db, external_id));
  HALQA_ASSIGN_OR_RETURN(const auto erased, db.Get(Family::kSuppress, store::AsBytes(found.hash)));
  if (erased) {
    HALQA_ASSIGN_OR_RETURN(out.erasure, store::DecodeErasure(*erased));
    return out;
  }
  if (!found.account) {
    return MakeError(absl::StatusCode::kNotFound, "ACCOUNT_NOT_FOUND",
                     absl::StrCat("nothing is held about ", external_id),
                     {{"account", std::string(external_id)}});
  }
  HALQA_ASSIGN_OR_RETURN(out.account, graph.GetAccount(*graph.live().epoch(), *found.account));
  HALQA_RETURN_IF_ERROR(FindPosts(db, *found.account, &out));
  RunContext scan = run.Part(0.3, 1);
  HALQA_RETURN_IF_ERROR(FindEdges(graph, *found.account, scan, &out));
  HALQA_RETURN_IF_ERROR(NameSources(db, &out));
  return out;
}

}  // namespace halqa::runtime
