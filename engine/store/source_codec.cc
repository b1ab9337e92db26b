#include "engine/store/source_codec.h"

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/store/proto_bytes.h"
#include "halqa/storage/v1/state.pb.h"

namespace halqa::store {
namespace {

namespace pb = halqa::storage::v1;

template <typename Proto>
absl::StatusOr<Proto> Parse(absl::string_view bytes, absl::string_view what) {
  Proto p;
  if (p.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return p;
  return MakeError(absl::StatusCode::kDataLoss, "STATE_ROW_CORRUPT",
                   absl::StrCat(what, " row is damaged"));
}

}  // namespace

std::string EncodeSource(const SourceRow& row) {
  pb::StoredSource p;
  p.set_name(row.name);
  p.set_source(row.provenance.source);
  p.set_legal_basis(row.provenance.legal_basis);
  p.set_collected_at(row.provenance.collected_at);
  p.set_expires_at(row.provenance.expires_at);
  p.set_created_at(row.created_at);
  p.set_follows(row.follows);
  p.set_interactions(row.interactions);
  p.set_profiles(row.profiles);
  p.set_posts(row.posts);
  p.set_undone(row.undone);
  p.set_undone_at(row.undone_at);
  p.set_founding(row.founding);
  return DeterministicBytes(p);
}

absl::StatusOr<SourceRow> DecodeSource(absl::string_view bytes) {
  auto p = Parse<pb::StoredSource>(bytes, "source");
  if (!p.ok()) return p.status();
  SourceRow row;
  row.name = p->name();
  row.provenance = {p->source(), p->legal_basis(), p->collected_at(), p->expires_at()};
  row.created_at = p->created_at();
  row.follows = p->follows();
  row.interactions = p->interactions();
  row.profiles = p->profiles();
  row.posts = p->posts();
  row.undone = p->undone();
  row.undone_at = p->undone_at();
  row.founding = p->founding();
  return row;
}

std::string EncodeErasure(const ErasureRow& row) {
  pb::StoredErasure p;
  p.set_account(row.account);
  p.set_lsn(row.lsn);
  p.set_time(row.time);
  p.set_following(row.following);
  p.set_followers(row.followers);
  p.set_posts(row.posts);
  p.set_had_profile(row.had_profile);
  return DeterministicBytes(p);
}

absl::StatusOr<ErasureRow> DecodeErasure(absl::string_view bytes) {
  auto p = Parse<pb::StoredErasure>(bytes, "erasure");
  if (!p.ok()) return p.status();
  return ErasureRow{p->account(),   p->lsn(),   p->time(),       p->following(),
                    p->followers(), p->posts(), p->had_profile()};
}

}  // namespace halqa::store
