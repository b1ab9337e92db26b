#include "services/common/account_convert.h"

#include "absl/strings/str_cat.h"
#include "services/common/names.h"

namespace halqa::services {
namespace {

void ToProtoText(const AccountRecord& r, v1::Account* out) {
  if (r.handle) out->set_handle(*r.handle);
  if (r.display_name) out->set_display_name(*r.display_name);
  if (r.bio) out->set_bio(*r.bio);
  if (r.url) out->set_url(*r.url);
  if (r.country) out->set_country(*r.country);
  if (r.city) out->set_city(*r.city);
  if (r.category) out->set_category(*r.category);
  out->mutable_languages()->Add(r.languages.begin(), r.languages.end());
  out->mutable_hashtags()->Add(r.hashtags.begin(), r.hashtags.end());
  out->mutable_lists()->Add(r.lists.begin(), r.lists.end());
  out->mutable_attributes()->insert(r.attributes.begin(), r.attributes.end());
}

void FromProtoText(const v1::Account& in, AccountRecord* r) {
  if (in.has_handle()) r->handle = in.handle();
  if (in.has_display_name()) r->display_name = in.display_name();
  if (in.has_bio()) r->bio = in.bio();
  if (in.has_url()) r->url = in.url();
  if (in.has_country()) r->country = in.country();
  if (in.has_city()) r->city = in.city();
  if (in.has_category()) r->category = in.category();
  r->languages.assign(in.languages().begin(), in.languages().end());
  r->hashtags.assign(in.hashtags().begin(), in.hashtags().end());
  r->lists.assign(in.lists().begin(), in.lists().end());
  r->attributes.insert(in.attributes().begin(), in.attributes().end());
}

void ToProtoFacts(const AccountRecord& r, v1::Account* out) {
  if (r.verified) out->set_verified(*r.verified);
  if (r.is_public) out->set_is_public(*r.is_public);
  if (r.opted_in) out->set_opted_in(*r.opted_in);
  if (r.declared_followers) out->set_declared_followers(*r.declared_followers);
  if (r.declared_following) out->set_declared_following(*r.declared_following);
  for (const Price& price : r.prices) {
    auto* p = out->add_prices();
    p->set_format(price.format);
    p->set_currency(price.currency);
    p->set_amount_micros(price.amount_micros);
  }
  if (r.creator_id) {
    out->set_creator_id(*r.creator_id);
    out->set_creator_probability(r.creator_probability);
    out->set_creator_evidence(r.creator_evidence);
  }
  out->set_source(r.provenance.source);
  out->set_legal_basis(r.provenance.legal_basis);
  out->set_collected_at(r.provenance.collected_at);
  out->set_expires_at(r.provenance.expires_at);
}

}  // namespace

void IdToProto(const runtime::AccountView& view, v1::Account* out) {
  const std::string& id = view.row.record.external_id;
  out->set_name(NameOf("accounts", id));
  out->set_external_id(id);
  out->set_named(view.row.named);
}

void ToProto(const runtime::AccountView& view, v1::Account* out) {
  const AccountRecord& r = view.row.record;
  IdToProto(view, out);
  ToProtoText(r, out);
  ToProtoFacts(r, out);
  if (view.known_followers) out->set_known_followers(*view.known_followers);
  if (view.known_following) out->set_known_following(*view.known_following);
}

AccountRecord FromProto(const v1::Account& in) {
  AccountRecord r;
  r.external_id = in.external_id();
  FromProtoText(in, &r);
  if (in.has_verified()) r.verified = in.verified();
  if (in.has_is_public()) r.is_public = in.is_public();
  if (in.has_opted_in()) r.opted_in = in.opted_in();
  if (in.has_declared_followers()) r.declared_followers = in.declared_followers();
  if (in.has_declared_following()) r.declared_following = in.declared_following();
  for (const auto& p : in.prices())
    r.prices.push_back({p.format(), p.currency(), p.amount_micros()});
  if (in.has_creator_id()) {
    r.creator_id = in.creator_id();
    r.creator_probability = in.creator_probability();
    r.creator_evidence = in.creator_evidence();
  }
  r.provenance = {in.source(), in.legal_basis(), in.collected_at(), in.expires_at()};
  return r;
}

v1::DataVersion VersionOf(const runtime::Graph& graph, const ingest::Epoch& epoch,
                          const runtime::SearchState* state) {
  v1::DataVersion out;
  const SnapshotIdentity& id = epoch.snapshot->identity();
  out.set_snapshot_id(absl::StrCat(absl::Hex(id.timeline_id), "-", id.lsn));
  out.set_lsn(epoch.tail.lsn);
  out.set_invented(graph.settings().invented);
  if (state != nullptr && state->generation() != nullptr) {
    out.set_generation(state->generation()->info.generation);
    out.set_data_as_of(state->generation()->info.data_as_of);
  }
  return out;
}

}  // namespace halqa::services
