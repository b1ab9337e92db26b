#include "engine/ingest/profile.h"

#include <algorithm>

namespace halqa::ingest {
namespace {

template <typename T>
void Fill(const std::optional<T>& from, std::optional<T>* into) {
  if (!into->has_value()) *into = from;
}

template <typename T>
void Fill(const std::vector<T>& from, std::vector<T>* into) {
  if (into->empty()) *into = from;
}

}  // namespace

AccountRecord MergeProfiles(const AccountRecord& first, const AccountRecord& second) {
  const auto &earlier = first.provenance, &later = second.provenance;
  const bool second_wins =
      later.collected_at == 0 || later.collected_at >= earlier.collected_at;  // 0 = unknown
  AccountRecord out = second_wins ? second : first;
  const AccountRecord& other = second_wins ? first : second;
  Fill(other.handle, &out.handle);
  Fill(other.display_name, &out.display_name);
  Fill(other.bio, &out.bio);
  Fill(other.url, &out.url);
  Fill(other.country, &out.country);
  Fill(other.city, &out.city);
  Fill(other.category, &out.category);
  Fill(other.verified, &out.verified);
  Fill(other.is_public, &out.is_public);
  Fill(other.opted_in, &out.opted_in);
  Fill(other.declared_followers, &out.declared_followers);
  Fill(other.declared_following, &out.declared_following);
  Fill(other.languages, &out.languages);
  Fill(other.hashtags, &out.hashtags);
  Fill(other.lists, &out.lists);
  Fill(other.prices, &out.prices);
  if (!out.creator_id && other.creator_id) {
    out.creator_id = other.creator_id;
    out.creator_probability = other.creator_probability;
    out.creator_evidence = other.creator_evidence;
  }
  for (const auto& [key, value] : other.attributes) out.attributes.try_emplace(key, value);
  if (first.provenance.expires_at != 0) out.provenance.expires_at = first.provenance.expires_at;
  out.provenance.collected_at = std::max(earlier.collected_at, later.collected_at);
  return out;
}

}  // namespace halqa::ingest
