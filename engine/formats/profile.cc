#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"

namespace halqa {
namespace {

struct Host {
  absl::string_view host, platform;
};

constexpr Host kHosts[] = {
    {"instagram.com", "instagram"}, {"instagr.am", "instagram"},   {"x.com", "twitter"},
    {"twitter.com", "twitter"},     {"tiktok.com", "tiktok"},      {"youtube.com", "youtube"},
    {"youtu.be", "youtube"},        {"facebook.com", "facebook"},  {"fb.com", "facebook"},
    {"linkedin.com", "linkedin"},   {"snapchat.com", "snapchat"},  {"twitch.tv", "twitch"},
    {"t.me", "telegram"},           {"telegram.me", "telegram"},   {"wa.me", "whatsapp"},
    {"threads.net", "threads"},     {"pinterest.com", "pinterest"}};

struct Name {
  absl::string_view name, platform;
};

constexpr Name kNames[] = {{"instagram", "instagram"},
                           {"insta", "instagram"},
                           {"ig", "instagram"},
                           {"twitter", "twitter"},
                           {"x", "twitter"},
                           {"x (twitter)", "twitter"},
                           {"tiktok", "tiktok"},
                           {"tik tok", "tiktok"},
                           {"youtube", "youtube"},
                           {"yt", "youtube"},
                           {"facebook", "facebook"},
                           {"fb", "facebook"},
                           {"facebook page", "facebook"},
                           {"page facebook", "facebook"},
                           {"linkedin", "linkedin"},
                           {"snapchat", "snapchat"},
                           {"snap", "snapchat"},
                           {"whatsapp", "whatsapp"},
                           {"twitch", "twitch"},
                           {"telegram", "telegram"},
                           {"threads", "threads"},
                           {"pinterest", "pinterest"},
                           {"blog", "blog"},
                           {"إنستغرام", "instagram"},
                           {"انستغرام", "instagram"},
                           {"فيسبوك", "facebook"},
                           {"يوتيوب", "youtube"},
                           {"تيك توك", "tiktok"},
                           {"تويتر", "twitter"}};

// First path segments that are pages of the platform, not of a person.
constexpr absl::string_view kReserved[] = {
    "p",     "reel",   "reels",   "explore", "stories",  "tv",     "home",    "hashtag",
    "i",     "search", "watch",   "shorts",  "playlist", "groups", "events",  "login",
    "share", "feed",   "results", "status",  "jobs",     "posts",  "settings"};

absl::Status NotAProfile(absl::string_view text, absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, "NOT_A_PROFILE",
                   absl::StrCat("\"", text.substr(0, 120), "\" is not a profile: ", why),
                   {{"value", std::string(text.substr(0, 120))}});
}

absl::Status UnknownPlatform(absl::string_view text, absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, "UNKNOWN_PLATFORM",
                   absl::StrCat("\"", text.substr(0, 120), "\": ", why),
                   {{"value", std::string(text.substr(0, 120))}});
}

// Handles are the same in any case on every platform here; numeric ids have no case.
absl::StatusOr<Profile> FromHandle(absl::string_view platform, absl::string_view handle,
                                   absl::string_view text) {
  absl::ConsumePrefix(&handle, "@");
  if (handle.empty() || handle.size() > 200) return NotAProfile(text, "no handle");
  if (handle.find_first_of(" \t/?#,;<>\"") != absl::string_view::npos) {
    return NotAProfile(text, "a handle holds no blank and none of / ? # , ; < >");
  }
  return Profile{std::string(platform), absl::AsciiStrToLower(handle), std::string(handle)};
}

// The value of `key` in the query of a URL, or "".
absl::string_view QueryValue(absl::string_view query, absl::string_view key) {
  for (absl::string_view pair : absl::StrSplit(query, '&')) {
    if (absl::ConsumePrefix(&pair, key) && absl::ConsumePrefix(&pair, "=")) return pair;
  }
  return "";
}

absl::StatusOr<Profile> FromYouTube(const std::vector<absl::string_view>& path,
                                    absl::string_view text) {
  if (path[0] == "channel" && path.size() > 1) {
    return Profile{"youtube", std::string(path[1]), ""};
  }
  if ((path[0] == "c" || path[0] == "user") && path.size() > 1) {
    return FromHandle("youtube", path[1], text);
  }
  return FromHandle("youtube", path[0], text);
}

absl::StatusOr<Profile> FromFacebook(const std::vector<absl::string_view>& path,
                                     absl::string_view query, absl::string_view text) {
  if (path[0] == "profile.php") {
    const absl::string_view id = QueryValue(query, "id");
    if (id.empty()) return NotAProfile(text, "profile.php without an id");
    return Profile{"facebook", std::string(id), ""};
  }
  if ((path[0] == "pages" || path[0] == "people") && path.size() > 2) {
    return Profile{"facebook", std::string(path.back()), ""};
  }
  return FromHandle("facebook", path[0], text);
}

absl::StatusOr<Profile> FromPath(absl::string_view platform, absl::string_view path_text,
                                 absl::string_view query, absl::string_view text) {
  const std::vector<absl::string_view> path = absl::StrSplit(path_text, '/', absl::SkipEmpty());
  if (path.empty()) return NotAProfile(text, "the address names no account");
  if (platform == "twitter" && path[0] == "intent") {
    const absl::string_view id = QueryValue(query, "user_id");
    if (id.empty()) return NotAProfile(text, "an intent address without user_id");
    return Profile{"twitter", std::string(id), ""};
  }
  for (absl::string_view word : kReserved) {
    if (path[0] == word) return NotAProfile(text, "the address of a post or page, not an account");
  }
  if (platform == "youtube") return FromYouTube(path, text);
  if (platform == "facebook") return FromFacebook(path, query, text);
  if (platform == "linkedin") {
    if (path.size() < 2) return NotAProfile(text, "expected linkedin.com/in/NAME or /company/NAME");
    if (path[0] == "in") return FromHandle(platform, path[1], text);
    return Profile{"linkedin", absl::AsciiStrToLower(absl::StrCat(path[0], "/", path[1])),
                   std::string(path[1])};
  }
  const bool added = platform == "snapchat" && path[0] == "add" && path.size() > 1;
  return FromHandle(platform, added ? path[1] : path[0], text);
}

// True when `text` looks like an address rather than a handle.
bool LooksLikeUrl(absl::string_view text) {
  return absl::StrContains(text, "://") || absl::StrContains(text, '/') ||
         absl::StartsWithIgnoreCase(text, "www.");
}

}  // namespace

std::string Profile::ExternalId() const { return absl::StrCat(platform, ":", native_id); }

absl::StatusOr<Profile> ParseProfile(absl::string_view text, absl::string_view default_platform) {
  absl::string_view body = TrimBlank(text);
  if (body.empty()) return NotAProfile(text, "empty");
  if (!LooksLikeUrl(body)) {
    if (default_platform.empty())
      return UnknownPlatform(text,
                             "a handle without a platform; name it with --platform or in a column");
    return FromHandle(default_platform, body, text);
  }
  const size_t scheme = body.find("://");
  if (scheme != absl::string_view::npos) body.remove_prefix(scheme + 3);
  const size_t fragment = body.find('#');
  body = body.substr(0, fragment);
  const size_t mark = body.find('?');
  const absl::string_view query = mark == absl::string_view::npos ? "" : body.substr(mark + 1);
  body = body.substr(0, mark);
  const size_t slash = body.find('/');
  const std::string host = absl::AsciiStrToLower(body.substr(0, slash));
  const absl::string_view path = slash == absl::string_view::npos ? "" : body.substr(slash);
  for (const Host& known : kHosts) {
    if (host == known.host || absl::EndsWith(host, absl::StrCat(".", known.host))) {
      return FromPath(known.platform, path, query, text);
    }
  }
  return UnknownPlatform(text, absl::StrCat("no known platform has the host ", host));
}

absl::StatusOr<std::string> ParsePlatform(absl::string_view text) {
  const std::string word = absl::AsciiStrToLower(TrimBlank(text));
  for (const Name& known : kNames) {
    if (word == known.name) return std::string(known.platform);
  }
  return UnknownPlatform(text, "no known platform has this name");
}

}  // namespace halqa
