#include "engine/index/account_document.h"

#include "absl/strings/str_cat.h"

namespace halqa::index {

text::DocumentText AccountTexts(const AccountRecord& profile, absl::Span<const PostRecord> posts) {
  text::DocumentText document;
  document.handle = profile.handle.value_or("");
  document.display_name = profile.display_name.value_or("");
  document.bio = profile.bio.value_or("");
  document.category = profile.category.value_or("");
  document.city = profile.city.value_or("");
  document.hashtags = profile.hashtags;
  document.lists = profile.lists;
  document.languages = profile.languages;
  for (const PostRecord& post : posts) {
    std::string text = post.text;
    for (const std::string& tag : post.hashtags) absl::StrAppend(&text, " #", tag);
    document.posts.push_back(std::move(text));
  }
  return document;
}

text::DocumentTerms AnalyzeAccount(const AccountRecord& profile, absl::Span<const PostRecord> posts,
                                   const text::Taxonomy& taxonomy) {
  return text::AnalyzeDocument(AccountTexts(profile, posts), taxonomy);
}

}  // namespace halqa::index
