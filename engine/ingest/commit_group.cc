#include "engine/ingest/commit_group.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/find_account.h"

namespace halqa::ingest {

using store::Family;

bool ConcernsOneRequest(const absl::Status& s) {
  return s.code() == absl::StatusCode::kAlreadyExists || s.code() == absl::StatusCode::kAborted ||
         s.code() == absl::StatusCode::kFailedPrecondition ||
         s.code() == absl::StatusCode::kInvalidArgument || s.code() == absl::StatusCode::kNotFound;
}

CommitGroup::CommitGroup(const GroupContext& context, LogTail tail, uint32_t next_account)
    : context_(context),
      tail_(tail),
      first_created_(next_account),
      next_account_(next_account),
      next_source_(context.sources->next),
      statistics_(context.statistics) {}

absl::StatusOr<WriteAck> CommitGroup::Add(const Change& change) {
  source_ = 0;
  return std::visit([this](const auto& request) { return AddChange(request); }, change);
}

// Everything that can refuse the request comes before the first change to the group.
absl::StatusOr<WriteAck> CommitGroup::AddChange(const WriteRequest& request) {
  const uint64_t hash = request.request_id.empty() ? 0 : PayloadHash(request);
  HALQA_ASSIGN_OR_RETURN(auto earlier, FindEarlier(request, hash));
  if (earlier) return *earlier;
  bool duplicate = false;
  HALQA_RETURN_IF_ERROR(CheckCursor(request, &duplicate));
  if (duplicate) return WriteAck{tail_.lsn, true};
  HALQA_RETURN_IF_ERROR(CheckHorizon(request));
  HALQA_ASSIGN_OR_RETURN(source_, SourceOf(request));
  const uint32_t created_before = next_account_;
  WriteAck ack;
  for (const AccountRecord& account : request.accounts)
    HALQA_RETURN_IF_ERROR(ApplyProfile(account, request.provenance, &ack));
  HALQA_RETURN_IF_ERROR(ApplyPosts(request.posts, &ack));
  HALQA_RETURN_IF_ERROR(AppendBatch(request, &ack));
  Remember(request, hash);
  profile_changes_ += request.accounts.size() + request.posts.size();
  ack.lsn = tail_.lsn;
  ack.new_accounts = next_account_ - created_before;
  return ack;
}

absl::StatusOr<WriteAck> CommitGroup::AddChange(const HorizonRequest& request) {
  if (request.horizon < context_.horizon) {
    return FieldError("HORIZON_BEFORE_LAST", "horizon",
                      absl::StrCat("history before ", context_.horizon, " is gone already"));
  }
  context_.horizon = request.horizon;
  std::string value;
  PutFixed64BE(static_cast<uint64_t>(request.horizon), &value);
  batch_.Put(Family::kMeta, store::meta::kHorizon, value);
  AppendRecord({});
  return WriteAck{tail_.lsn};
}

// An event from before the horizon could bring back a follow whose removal was forgotten.
absl::Status CommitGroup::CheckHorizon(const WriteRequest& request) const {
  if (context_.horizon == 0) return absl::OkStatus();
  auto check = [&](UnixSeconds time, absl::string_view list, size_t row) {
    if (time == 0 || time >= context_.horizon) return absl::OkStatus();
    return FieldError("EVENT_TOO_OLD", absl::StrCat(list, "[", row, "].time"),
                      absl::StrCat(time, " is before ", context_.horizon,
                                   ", from where on this graph keeps its history"));
  };
  for (size_t i = 0; i < request.follows.size(); ++i)
    HALQA_RETURN_IF_ERROR(check(request.follows[i].time, "follows", i));
  for (size_t i = 0; i < request.interactions.size(); ++i)
    HALQA_RETURN_IF_ERROR(check(request.interactions[i].time, "interactions", i));
  return absl::OkStatus();
}

absl::StatusOr<AccountId> CommitGroup::Resolve(const std::string& external_id) {
  return Resolve(store::HashExternalId(context_.db->id_key(), external_id), external_id);
}

absl::StatusOr<AccountId> CommitGroup::Resolve(const store::KeyedHash& hash,
                                               const std::string& external_id) {
  if (!new_ids_.empty()) {
    if (auto it = new_ids_.find(hash); it != new_ids_.end()) return it->second;
  }
  if (const auto known = context_.ids->Find(hash)) return *known;
  if (context_.suppressed->contains(hash) || new_suppressed_.contains(hash)) return kNoAccount;
  if (!context_.ids->complete() || IsPseudonym(external_id)) {
    HALQA_ASSIGN_OR_RETURN(const auto stored, FindAccount(*context_.db, external_id));
    if (stored && !removed_.contains(Raw(*stored))) {
      new_ids_[hash] = *stored;
      return *stored;
    }
  }
  return Create(hash, external_id);
}

AccountId CommitGroup::Create(const store::KeyedHash& hash, const std::string& external_id) {
  const AccountId id{next_account_++};
  new_ids_[hash] = id;
  batch_.Put(Family::kExternalToId, store::AsBytes(hash), store::AccountKey(id));
  std::string pseudonym = store::PseudonymOf(external_id, hash);
  batch_.Put(Family::kAccount, store::AccountKey(id), store::EncodePlaceholder(pseudonym));
  created_pseudonyms_.push_back(std::move(pseudonym));
  return id;
}

absl::StatusOr<std::vector<AccountId>> CommitGroup::ResolveTable(const WriteRequest& request) {
  HALQA_CHECK(request.hashes.size() == request.ids.size());
  std::vector<AccountId> ids(request.ids.size(), kNoAccount);
  for (size_t i = 0; i < ids.size(); ++i) {
    constexpr size_t kAhead = 16;
    if (i + kAhead < ids.size()) context_.ids->Prefetch(request.hashes[i + kAhead]);
    if (request.ids[i].empty()) continue;  // no row names it (RemoveBadRows)
    HALQA_ASSIGN_OR_RETURN(ids[i], Resolve(request.hashes[i], request.ids[i]));
  }
  return ids;
}

absl::Status CommitGroup::AppendBatch(const WriteRequest& request, WriteAck* ack) {
  HALQA_ASSIGN_OR_RETURN(const std::vector<AccountId> ids, ResolveTable(request));
  store::ChangeRecord record;
  record.source = source_;
  AddFollows(request, ids, &record, ack);
  AddInteractions(request, ids, &record, ack);
  AppendRecord(std::move(record));
  return absl::OkStatus();
}

void CommitGroup::AddFollows(const WriteRequest& request, const std::vector<AccountId>& ids,
                             store::ChangeRecord* out, WriteAck* ack) const {
  store::ChangeRecord& record = *out;
  record.follows.reserve(request.follows.size() + request.derived.size());
  for (const FollowRow& f : request.follows) {
    const AccountId src = ids[f.follower], dst = ids[f.followee];
    if (src == kNoAccount || dst == kNoAccount || src == dst) {
      ++ack->suppressed_rows;
      continue;
    }
    const auto state = f.removed ? store::FollowState::kRemoved : store::FollowState::kActive;
    record.follows.push_back({Raw(src), Raw(dst), store::MakeStateWord(f.time, state)});
  }
  for (const store::FollowChange& f : request.derived) {
    const uint32_t src = context_.mask->Canonical(f.src), dst = context_.mask->Canonical(f.dst);
    const bool gone = context_.mask->Hidden(src) || context_.mask->Hidden(dst) ||
                      removed_.contains(src) || removed_.contains(dst);
    if (gone || src == dst) {
      ++ack->suppressed_rows;
    } else {
      record.follows.push_back({src, dst, f.word});
    }
  }
}

void CommitGroup::AddInteractions(const WriteRequest& request, const std::vector<AccountId>& ids,
                                  store::ChangeRecord* out, WriteAck* ack) const {
  for (const InteractionRow& x : request.interactions) {
    const AccountId src = ids[x.actor], dst = ids[x.target];
    if (src == kNoAccount || dst == kNoAccount || src == dst) {
      ++ack->suppressed_rows;
      continue;
    }
    store::InteractionEntry entry{Raw(dst), static_cast<uint8_t>(x.kind), store::HourBucket(x.time),
                                  x.count};
    entry.source = source_;
    entry.value_micros = x.value_micros.value_or(0);
    if (x.sign) {
      entry.sign_milli_sum = std::lround(*x.sign * 1000);
      entry.sign_count = 1;
    }
    out->interactions.push_back({Raw(src), entry});
  }
}

void CommitGroup::AppendRecord(store::ChangeRecord record) {
  record.lsn = tail_.lsn + 1;
  record.commit_time = context_.now;
  record.previous_chain = tail_.chain;
  batch_.Put(Family::kChange, store::LsnKey(record.lsn),
             store::EncodeChangeRecord(record, &tail_.chain));
  tail_.lsn = record.lsn;
  records_.push_back(std::move(record));
}

const store::Batch& CommitGroup::Seal() {
  for (const auto& [number, row] : changed_sources_) {
    batch_.Put(Family::kSource, store::NumberKey(number), store::EncodeSource(row));
  }
  batch_.Put(Family::kMeta, store::meta::kTail, EncodeTail(tail_));
  batch_.Put(Family::kMeta, store::meta::kNextAccount, store::AccountKey(AccountId{next_account_}));
  batch_.Put(Family::kMeta, store::meta::kIndexStatistics, statistics_.Encode());
  return batch_;
}

}  // namespace halqa::ingest
