#include "tools/gen/wording.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/gen/relations.h"
#include "tools/gen/words.h"

namespace halqa::gen {
namespace {

constexpr absl::string_view kSource = "halqa gen (invented data)";

absl::string_view Any(absl::Span<const absl::string_view> words, CounterRng& rng) {
  return words[rng.Below(words.size())];
}

Tongue DrawTongue(CounterRng& rng) {
  constexpr double kShares[] = {.30, .18, .18, .22, .12};
  return static_cast<Tongue>(DrawShare(kShares, rng));
}

// A word of the topic; now and then spelled as in no list.
absl::string_view TopicWord(uint32_t topic, Tongue tongue, CounterRng& rng) {
  const TopicWords& words = Topics()[topic];
  if (tongue == kDarijaLatin && rng.Uniform() < 0.15) return Any(words.unlisted, rng);
  return Any(words.words[tongue], rng);
}

std::string Fill(absl::string_view pattern, absl::string_view word, absl::string_view city) {
  return absl::StrReplaceAll(pattern, {{"$w", word}, {"$c", city}});
}

std::string Hashtag(absl::string_view word) {
  std::string tag(word);
  tag.erase(std::remove(tag.begin(), tag.end(), ' '), tag.end());
  return tag;
}

// How each role shows its topic.
struct Manner {
  double bio, hashtags, posts;  // probability that the topic appears there
};
Manner MannerOf(Role role) {
  switch (role) {
    case Role::kExpert:
      return {.70, .65, .85};
    case Role::kPopular:
      return {.80, .75, .70};
    case Role::kStar:
      return {.60, .80, 1};
    case Role::kEngaged:
      return {.75, .55, 0};
    case Role::kCasual:
      return {.05, .04, 0};
    case Role::kBot:
      break;
  }
  return {0, 0, 0};
}

// The topics a person shows: the own one, for stars a handful of all.
std::vector<uint32_t> ShownTopics(const World& world, const Soul& soul) {
  CounterRng rng(world.options().seed, (uint64_t{32} << 40) | soul.person);
  std::vector<uint32_t> topics;
  if (soul.role == Role::kStar) {
    const uint64_t most = world.topics() < 5 ? 1 : 3;
    for (uint64_t k = most + rng.Below(most); k > 0; --k) {
      topics.push_back(static_cast<uint32_t>(rng.Below(world.topics())));
    }
    std::sort(topics.begin(), topics.end());
    topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
    return topics;
  }
  topics.push_back(soul.topic);
  if (soul.second_expertise > 0) topics.push_back(soul.second_topic);
  return topics;
}

std::string MakeHandle(const std::string& id, uint64_t person, const World& world) {
  CounterRng rng(world.options().seed, (uint64_t{30} << 40) | person);
  const absl::string_view first = Any(FirstNames(), rng), noun = Any(Nouns(), rng);
  constexpr absl::string_view kJoints[] = {".", "_", ""};
  // The last digits of the id keep handles apart.
  return absl::StrCat(first, Any(kJoints, rng), noun, absl::string_view(id).substr(id.size() - 5));
}

std::string DisplayName(uint64_t person, const World& world) {
  CounterRng rng(world.options().seed, (uint64_t{30} << 40) | person);
  std::string first(Any(FirstNames(), rng)), noun(Any(Nouns(), rng));
  first[0] = absl::ascii_toupper(static_cast<unsigned char>(first[0]));
  noun[0] = absl::ascii_toupper(static_cast<unsigned char>(noun[0]));
  return absl::StrCat(first, " ", noun);
}

void AddPrices(uint64_t followers, CounterRng& rng, AccountRecord* record) {
  if (rng.Uniform() > 0.7) return;
  const double base = 40 * std::pow(static_cast<double>(followers) + 100, 0.55);
  const std::pair<absl::string_view, double> formats[] = {
      {"story", .5}, {"post", 1}, {"video", 1.8}};
  for (const auto& [format, factor] : formats) {
    const double dirhams = base * factor * (0.7 + 0.6 * rng.Uniform());
    const auto rounded = static_cast<int64_t>(dirhams / 50) * 50 + 50;
    record->prices.push_back({std::string(format), "MAD", rounded * 1'000'000});
  }
}

// The link of several accounts to one person, where there is evidence for it.
void AddCreator(const World& world, const Soul& soul, AccountRecord* record) {
  CounterRng rng(world.options().seed, (uint64_t{31} << 40) | soul.person);
  if (rng.Uniform() > 0.7) return;
  constexpr absl::string_view kEvidence[] = {"same link in the bio", "same name and picture",
                                             "named by the other account"};
  const absl::string_view evidence = Any(kEvidence, rng);
  record->creator_id = absl::StrCat("creator:", rng() % 900'000'000 + 100'000'000);
  record->creator_probability = std::round((0.6 + 0.4 * rng.Uniform()) * 100) / 100;
  record->creator_evidence = std::string(evidence);
}

void AddPublicSide(const World& world, const Soul& soul, uint32_t in_degree, CounterRng& rng,
                   AccountRecord* record) {
  const double scaled = in_degree * world.scale() * (0.97 + 0.06 * rng.Uniform());
  record->declared_followers = std::max<uint64_t>(static_cast<uint64_t>(scaled), in_degree);
  record->declared_following = 80 + rng.Below(1200);
  record->is_public = true;
  record->verified = rng.Uniform() < (soul.role == Role::kStar ? 0.9 : 0.15);
  const uint32_t shown =
      rng.Uniform() < 0.1 ? static_cast<uint32_t>(rng.Below(world.topics())) : soul.topic;
  if (rng.Uniform() < 0.8) {
    record->category = soul.role == Role::kStar ? "entertainment" : std::string(Topics()[shown].id);
  }
  if (rng.Uniform() < 0.4) record->url = absl::StrCat("https://example.invalid/", *record->handle);
  AddPrices(*record->declared_followers, rng, record);
  AddCreator(world, soul, record);
}

void AddTopicText(const World& world, const Soul& soul, Tongue tongue, CounterRng& rng,
                  AccountRecord* record) {
  const Manner manner = MannerOf(soul.role);
  const absl::string_view city = Cities()[soul.city].name;
  const std::vector<uint32_t> topics = ShownTopics(world, soul);
  if (rng.Uniform() < manner.bio) {
    std::string words;
    for (uint32_t topic : topics) {
      absl::StrAppend(&words, words.empty() ? "" : ", ", TopicWord(topic, tongue, rng));
    }
    record->bio = Fill(Any(BioPatterns(tongue), rng), words, city);
  } else if (soul.role != Role::kBot && rng.Uniform() < 0.6) {
    record->bio = std::string(Any(SmallTalk(tongue), rng));
  }
  if (rng.Uniform() >= manner.hashtags) return;
  for (uint32_t topic : topics) {
    for (uint64_t k = 1 + rng.Below(2); k > 0; --k) {
      record->hashtags.push_back(Hashtag(TopicWord(topic, DrawTongue(rng), rng)));
    }
  }
  std::vector<std::string>& tags = record->hashtags;
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
}

}  // namespace

void MakeAccount(const World& world, uint32_t account, uint32_t in_degree, AccountRecord* record) {
  *record = AccountRecord();
  const Soul soul = world.Of(account);
  CounterRng rng = world.Rng(account, 4);
  world.AppendId(account, &record->external_id);
  const Tongue tongue = DrawTongue(rng);
  record->handle = MakeHandle(record->external_id, soul.person, world);
  if (soul.role != Role::kBot) {
    record->display_name = DisplayName(soul.person, world);
    record->country = "MA";
    record->city = std::string(Cities()[soul.city].name);
    record->languages.emplace_back(LanguageTag(tongue));
  }
  record->is_public = false;
  AddTopicText(world, soul, tongue, rng, record);
  if (world.IsInfluencer(account)) AddPublicSide(world, soul, in_degree, rng, record);
  record->provenance.source = std::string(kSource);
  record->provenance.collected_at = kNow;
}

void MakePosts(const World& world, uint32_t account, uint32_t in_degree,
               std::vector<PostRecord>* posts) {
  posts->clear();
  if (!world.IsInfluencer(account)) return;
  const Soul soul = world.Of(account);
  CounterRng rng = world.Rng(account, 5);
  std::string author;
  world.AppendId(account, &author);
  // A few who know most never name their topic: only the graph tells.
  const bool silent = soul.role == Role::kExpert && rng.Uniform() < 0.08;
  const std::vector<uint32_t> shown = ShownTopics(world, soul);
  const absl::string_view city = Cities()[soul.city].name;
  for (uint64_t k = 0, count = 3 + rng.Below(4); k < count; ++k) {
    PostRecord post;
    post.external_id = absl::StrCat(author, "-", k + 1);
    post.author = author;
    const Tongue tongue = DrawTongue(rng);
    post.language = std::string(LanguageTag(tongue));
    post.time = kNow - static_cast<UnixSeconds>(rng.Below(120 * 86400));
    const bool star = soul.role == Role::kStar;
    const uint32_t topic = star ? shown[rng.Below(shown.size())] : soul.topic;
    if (!silent && rng.Uniform() < MannerOf(soul.role).posts) {
      post.text = Fill(Any(PostPatterns(tongue), rng), TopicWord(topic, tongue, rng), city);
      post.hashtags.push_back(Hashtag(TopicWord(topic, DrawTongue(rng), rng)));
      absl::StrAppend(&post.text, " #", post.hashtags.back());
    } else {
      post.text = std::string(Any(SmallTalk(tongue), rng));
    }
    constexpr absl::string_view kMedia[] = {"image", "video", "story"};
    post.media_kind = std::string(Any(kMedia, rng));
    post.sponsored = rng.Uniform() < 0.12;
    const double audience = in_degree * world.scale();
    const auto views = static_cast<uint64_t>(audience * (0.05 + 0.5 * rng.Uniform()));
    post.metrics["views"] = views;
    post.metrics["likes"] = static_cast<uint64_t>(views * (0.01 + 0.07 * rng.Uniform()));
    post.metrics["comments"] = static_cast<uint64_t>(views * 0.006 * rng.Uniform());
    post.metrics["shares"] = static_cast<uint64_t>(views * 0.004 * rng.Uniform());
    posts->push_back(std::move(post));
  }
}

}  // namespace halqa::gen
