#include "engine/store/account_codec.h"

#include <algorithm>

#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/store/proto_bytes.h"
#include "halqa/storage/v1/account.pb.h"
#include "halqa/storage/v1/post.pb.h"

namespace halqa::store {
namespace {

using halqa::storage::v1::StoredAccount;
using halqa::storage::v1::StoredPost;

void EncodeTexts(const AccountRecord& r, StoredAccount* p) {
  if (r.handle) p->set_handle(*r.handle);
  if (r.display_name) p->set_display_name(*r.display_name);
  if (r.bio) p->set_bio(*r.bio);
  if (r.url) p->set_url(*r.url);
  if (r.country) p->set_country(*r.country);
  if (r.city) p->set_city(*r.city);
  if (r.category) p->set_category(*r.category);
  for (const auto& v : r.languages) p->add_languages(v);
  for (const auto& v : r.hashtags) p->add_hashtags(v);
  for (const auto& v : r.lists) p->add_lists(v);
  for (const auto& [key, value] : r.attributes) (*p->mutable_attributes())[key] = value;
}

void EncodeFacts(const AccountRecord& r, StoredAccount* p) {
  if (r.verified) p->set_verified(*r.verified);
  if (r.is_public) p->set_is_public(*r.is_public);
  if (r.opted_in) p->set_opted_in(*r.opted_in);
  if (r.declared_followers) p->set_declared_followers(*r.declared_followers);
  if (r.declared_following) p->set_declared_following(*r.declared_following);
  for (const Price& price : r.prices) {
    auto* out = p->add_prices();
    out->set_format(price.format);
    out->set_currency(price.currency);
    out->set_amount_micros(price.amount_micros);
  }
  if (r.creator_id) {
    p->set_creator_id(*r.creator_id);
    p->set_creator_probability(r.creator_probability);
    p->set_creator_evidence(r.creator_evidence);
  }
  p->set_source(r.provenance.source);
  p->set_legal_basis(r.provenance.legal_basis);
  p->set_collected_at(r.provenance.collected_at);
  p->set_expires_at(r.provenance.expires_at);
}

void DecodeTexts(const StoredAccount& p, AccountRecord* r) {
  if (p.has_handle()) r->handle = p.handle();
  if (p.has_display_name()) r->display_name = p.display_name();
  if (p.has_bio()) r->bio = p.bio();
  if (p.has_url()) r->url = p.url();
  if (p.has_country()) r->country = p.country();
  if (p.has_city()) r->city = p.city();
  if (p.has_category()) r->category = p.category();
  r->languages.assign(p.languages().begin(), p.languages().end());
  r->hashtags.assign(p.hashtags().begin(), p.hashtags().end());
  r->lists.assign(p.lists().begin(), p.lists().end());
  r->attributes.insert(p.attributes().begin(), p.attributes().end());
}

void DecodeFacts(const StoredAccount& p, AccountRecord* r) {
  if (p.has_verified()) r->verified = p.verified();
  if (p.has_is_public()) r->is_public = p.is_public();
  if (p.has_opted_in()) r->opted_in = p.opted_in();
  if (p.has_declared_followers()) r->declared_followers = p.declared_followers();
  if (p.has_declared_following()) r->declared_following = p.declared_following();
  for (const auto& price : p.prices()) {
    r->prices.push_back({price.format(), price.currency(), price.amount_micros()});
  }
  if (p.has_creator_id()) {
    r->creator_id = p.creator_id();
    r->creator_probability = p.creator_probability();
    r->creator_evidence = p.creator_evidence();
  }
  r->provenance = {p.source(), p.legal_basis(), p.collected_at(), p.expires_at()};
}

}  // namespace

std::string EncodeAccount(const AccountRow& row) {
  StoredAccount p;
  p.set_external_id(row.record.external_id);
  EncodeTexts(row.record, &p);
  EncodeFacts(row.record, &p);
  p.set_named(row.named);
  p.set_document_version(row.document_version);
  return DeterministicBytes(p);
}

std::string EncodePlaceholder(absl::string_view pseudonym) {
  // The id is field 1 and stands first; everything behind it is the same for all.
  static const std::string rest = EncodeAccount({});
  std::string out;
  out.reserve(2 + pseudonym.size() + rest.size() + 2);
  out.push_back('\x0a');
  PutVarint64(pseudonym.size(), &out);
  out.append(pseudonym.data(), pseudonym.size());
  out.append(rest);
  return out;
}

absl::StatusOr<AccountRow> DecodeAccount(absl::string_view bytes) {
  StoredAccount p;
  if (!p.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return MakeError(absl::StatusCode::kDataLoss, "ACCOUNT_ROW_CORRUPT", "account row is damaged");
  }
  AccountRow row;
  row.record.external_id = p.external_id();
  DecodeTexts(p, &row.record);
  DecodeFacts(p, &row.record);
  row.named = p.named();
  row.document_version = p.document_version();
  return row;
}

bool MayBeNamed(const AccountRecord& record, uint64_t known_followers, uint64_t threshold) {
  if (record.opted_in.value_or(false)) return true;
  if (!record.is_public.value_or(false)) return false;
  return std::max(record.declared_followers.value_or(0), known_followers) >= threshold;
}

void MakeAnonymous(absl::string_view pseudonym, AccountRecord* record) {
  record->external_id = std::string(pseudonym);
  record->handle.reset();
  record->display_name.reset();
  record->bio.reset();
  record->url.reset();
  record->creator_id.reset();
  record->creator_evidence.clear();
  record->attributes.clear();
}

std::string EncodePost(const PostRecord& post) {
  StoredPost p;
  p.set_external_id(post.external_id);
  p.set_time(post.time);
  p.set_text(post.text);
  for (const auto& tag : post.hashtags) p.add_hashtags(tag);
  p.set_language(post.language);
  p.set_media_kind(post.media_kind);
  if (post.sponsored) p.set_sponsored(*post.sponsored);
  for (const auto& [key, value] : post.metrics) (*p.mutable_metrics())[key] = value;
  return DeterministicBytes(p);
}

absl::StatusOr<PostRecord> DecodePost(absl::string_view bytes) {
  StoredPost p;
  if (!p.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return MakeError(absl::StatusCode::kDataLoss, "POST_ROW_CORRUPT", "post row is damaged");
  }
  PostRecord post;
  post.external_id = p.external_id();
  post.time = p.time();
  post.text = p.text();
  post.hashtags.assign(p.hashtags().begin(), p.hashtags().end());
  post.language = p.language();
  post.media_kind = p.media_kind();
  if (p.has_sponsored()) post.sponsored = p.sponsored();
  post.metrics.insert(p.metrics().begin(), p.metrics().end());
  return post;
}

}  // namespace halqa::store
