#include "services/graph/graph_convert.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "services/common/account_convert.h"
#include "services/common/names.h"

namespace halqa::services {
namespace {

constexpr size_t kRequestIdMax = 128;

// Gives each external id one place in the batch's table.
class IdPlaces {
 public:
  explicit IdPlaces(std::vector<std::string>* ids) : ids_(ids) {}
  uint32_t Of(const std::string& id) {
    auto [it, added] = places_.try_emplace(id, static_cast<uint32_t>(ids_->size()));
    if (added) ids_->push_back(id);
    return it->second;
  }

 private:
  std::vector<std::string>* ids_;
  absl::flat_hash_map<std::string, uint32_t> places_;
};

absl::Status CheckTable(const v1::FollowTable& t) {
  auto wrong = [](absl::string_view column, int has, int wants) {
    return FieldError("LENGTH_MISMATCH", absl::StrCat("follow_table.", column),
                      absl::StrCat("has ", has, " rows, followers has ", wants));
  };
  const int rows = t.followers_size();
  if (t.followees_size() != rows) return wrong("followees", t.followees_size(), rows);
  if (t.times_size() != 0 && t.times_size() != rows) return wrong("times", t.times_size(), rows);
  for (uint32_t row : t.removed_rows()) {
    if (row >= static_cast<uint32_t>(rows)) {
      return FieldError("INDEX_OUT_OF_RANGE", "follow_table.removed_rows",
                        absl::StrCat(row, " is no row"));
    }
  }
  return absl::OkStatus();
}

absl::Status AddTable(v1::FollowTable* table, UnixSeconds now, ingest::WriteRequest* out) {
  v1::FollowTable& t = *table;
  HALQA_RETURN_IF_ERROR(CheckTable(t));
  const auto base = static_cast<uint32_t>(out->ids.size());
  out->ids.reserve(out->ids.size() + static_cast<size_t>(t.ids_size()));
  for (std::string& id : *t.mutable_ids()) out->ids.push_back(std::move(id));
  out->follows.reserve(out->follows.size() + static_cast<size_t>(t.followers_size()));
  const size_t first = out->follows.size();
  const auto ids = static_cast<uint32_t>(t.ids_size());
  for (int i = 0; i < t.followers_size(); ++i) {
    if (t.followers(i) >= ids || t.followees(i) >= ids) {
      return FieldError("INDEX_OUT_OF_RANGE", absl::StrCat("follow_table.followers[", i, "]"),
                        absl::StrCat("row points past the ", ids, " ids of the table"));
    }
    const int64_t time = t.times_size() == 0 ? now : t.times(i);
    out->follows.push_back({base + t.followers(i), base + t.followees(i), time, false});
  }
  for (uint32_t row : t.removed_rows()) out->follows[first + row].removed = true;
  return absl::OkStatus();
}

absl::Status AddInteractions(const v1::WriteBatchRequest& in, UnixSeconds now, IdPlaces* places,
                             ingest::WriteRequest* out) {
  for (int i = 0; i < in.interactions_size(); ++i) {
    const v1::Interaction& x = in.interactions(i);
    if (x.kind() < 1 || x.kind() > kInteractionKinds) {
      return FieldError("UNKNOWN_INTERACTION_KIND", absl::StrCat("interactions[", i, "].kind"),
                        absl::StrCat(static_cast<int>(x.kind()), " is no kind"));
    }
    ingest::InteractionRow row;
    row.actor = places->Of(x.actor());
    row.target = places->Of(x.target());
    row.kind = static_cast<InteractionKind>(x.kind());
    row.count = x.count() == 0 ? 1 : x.count();
    row.time = x.has_time() ? x.time() : now;
    if (x.has_value_micros()) row.value_micros = x.value_micros();
    if (x.has_sign()) row.sign = x.sign();
    out->interactions.push_back(row);
  }
  return absl::OkStatus();
}

PostRecord PostFrom(const v1::Post& in, UnixSeconds now) {
  PostRecord post;
  post.external_id = in.external_id();
  post.author = in.author();
  post.time = in.has_time() ? in.time() : now;
  post.text = in.text();
  post.hashtags.assign(in.hashtags().begin(), in.hashtags().end());
  post.language = in.language();
  post.media_kind = in.media_kind();
  if (in.has_sponsored()) post.sponsored = in.sponsored();
  post.metrics.insert(in.metrics().begin(), in.metrics().end());
  return post;
}

absl::StatusOr<ingest::WriteRequest> Convert(v1::WriteBatchRequest* in, UnixSeconds now) {
  ingest::WriteRequest out;
  if (in->request_id().size() > kRequestIdMax) {
    return FieldError("VALUE_TOO_LONG", "request_id",
                      absl::StrCat("is longer than ", kRequestIdMax));
  }
  out.request_id = in->request_id();
  out.relaxed = in->durability() == v1::DURABILITY_RELAXED;
  out.provenance = FromProto(in->provenance());
  IdPlaces places(&out.ids);
  for (const v1::Follow& f : in->follows()) {
    const uint32_t follower = places.Of(f.follower());
    out.follows.push_back(
        {follower, places.Of(f.followee()), f.has_time() ? f.time() : now, f.removed()});
  }
  HALQA_RETURN_IF_ERROR(AddInteractions(*in, now, &places, &out));
  if (in->has_follow_table())
    HALQA_RETURN_IF_ERROR(AddTable(in->mutable_follow_table(), now, &out));
  for (const v1::Account& account : in->accounts()) out.accounts.push_back(FromProto(account));
  for (const v1::Post& post : in->posts()) out.posts.push_back(PostFrom(post, now));
  return out;
}

}  // namespace

absl::StatusOr<ingest::WriteRequest> TakeBatch(v1::WriteBatchRequest* in, UnixSeconds now,
                                               std::vector<ingest::Reject>* rejects) {
  HALQA_ASSIGN_OR_RETURN(ingest::WriteRequest request, Convert(in, now));
  if (!in->lenient()) return request;
  HALQA_ASSIGN_OR_RETURN(*rejects, ingest::RemoveBadRows(&request, now));
  request.checked = true;
  return request;
}

Provenance FromProto(const v1::Provenance& in) {
  return {in.source(), in.legal_basis(), in.collected_at(), in.expires_at()};
}

void ToProto(const ingest::Reject& reject, absl::string_view before, v1::RejectedRow* out) {
  out->set_field(absl::StrCat(before, reject.field));
  out->set_reason(reject.reason);
  out->set_message(reject.message);
}

void ToProto(uint32_t number, const store::SourceRow& row, v1::Import* out) {
  out->set_name(NameOf("imports", absl::StrCat(number)));
  out->set_number(number);
  out->set_producer(row.name);
  out->mutable_provenance()->set_source(row.provenance.source);
  out->mutable_provenance()->set_legal_basis(row.provenance.legal_basis);
  out->mutable_provenance()->set_collected_at(row.provenance.collected_at);
  out->mutable_provenance()->set_expires_at(row.provenance.expires_at);
  out->set_created_at(row.created_at);
  out->set_follows(row.follows);
  out->set_interactions(row.interactions);
  out->set_profiles(row.profiles);
  out->set_posts(row.posts);
  out->set_undone(row.undone);
  out->set_undone_at(row.undone_at);
  out->set_founding(row.founding);
}

void ToProto(const PostRecord& post, v1::Post* out) {
  out->set_external_id(post.external_id);
  out->set_author(post.author);
  out->set_time(post.time);
  out->set_text(post.text);
  for (const std::string& tag : post.hashtags) out->add_hashtags(tag);
  out->set_language(post.language);
  out->set_media_kind(post.media_kind);
  if (post.sponsored) out->set_sponsored(*post.sponsored);
  out->mutable_metrics()->insert(post.metrics.begin(), post.metrics.end());
}

v1::ErasureReceipt ReceiptOf(absl::string_view name, const store::ErasureRow& erasure,
                             absl::string_view secret) {
  v1::ErasureReceipt receipt;
  receipt.set_name(std::string(name));
  receipt.set_lsn(erasure.lsn);
  receipt.set_erased_at(erasure.time);
  receipt.set_found(erasure.account != Raw(kNoAccount));
  receipt.set_following(erasure.following);
  receipt.set_followers(erasure.followers);
  receipt.set_posts(erasure.posts);
  receipt.set_had_profile(erasure.had_profile);
  receipt.set_signature(store::SignText(
      secret, absl::StrCat("erasure\n", name, "\n", erasure.lsn, "\n", erasure.time, "\n",
                           receipt.found(), "\n", erasure.following, "\n", erasure.followers, "\n",
                           erasure.posts, "\n", erasure.had_profile)));
  return receipt;
}

}  // namespace halqa::services
