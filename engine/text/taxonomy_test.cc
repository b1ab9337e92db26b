#include "engine/text/taxonomy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/text/analyze_document.h"
#include "engine/text/bm25f.h"

namespace halqa::text {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

std::vector<std::string> TopicsOf(absl::string_view query) {
  std::vector<std::string> ids;
  for (const auto& topic : Taxonomy::Default().ResolveQuery(query).topics) ids.push_back(topic.id);
  return ids;
}

std::vector<std::string> FreeOf(absl::string_view query) {
  std::vector<std::string> words;
  for (const auto& term : Taxonomy::Default().ResolveQuery(query).free_terms) {
    words.push_back(term.token.folded);
  }
  return words;
}

TEST(Taxonomy, DefaultHoldsTheSeedTopics) {
  const Taxonomy& taxonomy = Taxonomy::Default();
  for (absl::string_view id :
       {"food", "beauty", "fashion", "travel", "sport", "tech", "family", "health", "humour",
        "music", "gaming", "home", "education", "finance", "auto", "politics", "religion"}) {
    ASSERT_GE(taxonomy.Find(id), 0) << id;
    const Topic& topic = taxonomy.topics()[taxonomy.Find(id)];
    EXPECT_EQ(topic.sensitive, id == "health" || id == "politics" || id == "religion") << id;
    std::set<std::string> languages;
    for (const Synonym& s : topic.synonyms) languages.insert(s.language);
    EXPECT_GE(languages.size(), 5u) << id;
    EXPECT_EQ(topic.labels.size(), 3u) << id;
  }
  EXPECT_EQ(taxonomy.Find("nope"), -1);
  EXPECT_NE(taxonomy.fingerprint(), 0u);
}

TEST(Taxonomy, OneTopicInEveryLanguageAndScript) {
  for (absl::string_view query :
       {"cuisine", "Recettes", "recette", "طبخ", "الطبخ", "شهيوات", "chhiwat", "Chhiwate", "tyab",
        "food", "cooking", "#TajineMarocain", "#streetfood", "street food", "#StreetFood"}) {
    EXPECT_THAT(TopicsOf(query), ElementsAre("food")) << query;
  }
}

TEST(Taxonomy, SpellingsThatAreInNoListNameTheTopicBySound) {
  const Taxonomy& taxonomy = Taxonomy::Default();
  for (const auto& [word, topic] :
       std::vector<std::pair<const char*, const char*>>{{"chhiwatt", "food"},
                                                        {"chehiouat", "food"},
                                                        {"shhiwat", "food"},
                                                        {"شهيوت", "food"},
                                                        {"tiyyab", "food"},
                                                        {"tebakh", "food"},
                                                        {"lmakela", "food"},
                                                        {"ماكلة", "food"},
                                                        {"kesksou", "food"},
                                                        {"9ftan", "fashion"},
                                                        {"keftan", "fashion"},
                                                        {"jelaba", "fashion"},
                                                        {"takchiita", "fashion"},
                                                        {"koura", "sport"},
                                                        {"ryada", "sport"},
                                                        {"makyaj", "beauty"},
                                                        {"tssafer", "travel"}}) {
    const ResolvedQuery query = taxonomy.ResolveQuery(word);
    ASSERT_EQ(query.topics.size(), 1u) << word << " " << query.Describe();
    EXPECT_EQ(query.topics[0].id, topic) << word;
  }
}

TEST(Taxonomy, TifinaghIsSearched) {
  const ResolvedQuery query = Taxonomy::Default().ResolveQuery("ⴰⵥⴰⵡⴰⵏ");
  ASSERT_EQ(query.topics.size(), 1u);
  EXPECT_EQ(query.topics[0].id, "music");
}

TEST(Taxonomy, OtherWordsNameNoTopicBySound) {
  const Taxonomy& taxonomy = Taxonomy::Default();
  for (const char* word : {"kra", "kira", "mp3", "covid19", "4g", "hiver", "casablanca", "kitab",
                           "maktaba", "khedma", "lyoum", "البيضاء"}) {
    EXPECT_TRUE(taxonomy.ResolveQuery(word).topics.empty())
        << word << " " << taxonomy.ResolveQuery(word).Describe();
  }
  // Inside a French or English run the same letters are another word.
  EXPECT_TRUE(taxonomy.ResolveQuery("la kourah de la ville et les gens").topics.empty());
}

TEST(Taxonomy, LongestPhraseFirst) {
  EXPECT_THAT(TopicsOf("jeux vidéo"), ElementsAre("gaming"));
  EXPECT_THAT(TopicsOf("cours en ligne"), ElementsAre("education"));
  EXPECT_THAT(TopicsOf("Cours En Lignes"), ElementsAre("education"));
  EXPECT_THAT(TopicsOf("beauté et mode"), ElementsAre("beauty", "fashion"));
}

TEST(Taxonomy, FreeWordsAndIgnoredAreEchoed) {
  const auto query = Taxonomy::Default().ResolveQuery("chhiwat in Casablanca @x casablanca");
  EXPECT_THAT(FreeOf("chhiwat in Casablanca @x casablanca"), ElementsAre("casablanca"));
  EXPECT_THAT(query.ignored, ElementsAre("in", "@x"));
  EXPECT_THAT(query.Describe(), StartsWith("chhiwat = "));
  EXPECT_THAT(query.Describe(), HasSubstr("شهيوات"));
  EXPECT_THAT(query.Describe(), HasSubstr("cuisine"));
  EXPECT_THAT(query.Describe(), HasSubstr("; free: casablanca; ignored: in, @x"));
  EXPECT_EQ(Taxonomy::Default().ResolveQuery("").Describe(), "");
}

std::string ProblemOf(absl::string_view toml) {
  auto taxonomy = Taxonomy::Parse(toml, "t.toml");
  EXPECT_FALSE(taxonomy.ok());
  EXPECT_EQ(ErrorReason(taxonomy.status()), "TAXONOMY_INVALID");
  auto details = ErrorDetails(taxonomy.status());
  EXPECT_EQ(details["file"], "t.toml");
  return details["topic"] + ": " + details["problem"];
}

TEST(Taxonomy, ErrorsNameFileTopicAndProblem) {
  const std::string ok = "synonyms = {fr = ['x1']}\n";
  EXPECT_THAT(ProblemOf("a = = b"), StartsWith("line 1: "));
  EXPECT_EQ(ProblemOf(""), "-: no [[topic]] in the file");
  EXPECT_EQ(ProblemOf("colour = 1"), "-: unknown key \"colour\"");
  EXPECT_EQ(ProblemOf("[[topic]]\n" + ok), "line 1: a topic needs an id (a string)");
  EXPECT_EQ(ProblemOf("[[topic]]\nid = 'a'\n"), "a: a topic needs synonyms");
  EXPECT_EQ(ProblemOf("[[topic]]\nid = 'a'\nsynonyms = {de = ['x']}"),
            "a: unknown language \"de\"");
  EXPECT_EQ(ProblemOf("[[topic]]\nid = 'a'\nsynonyms = {fr = ['']}"),
            "a: synonyms.fr holds an empty string");
  EXPECT_EQ(ProblemOf("[[topic]]\nid = 'a'\nsensitive = 1\n" + ok),
            "a: sensitive must be true or false");
  EXPECT_EQ(ProblemOf("[[topic]]\nid = 'a'\nsynonym = 1\n"), "a: unknown key \"synonym\"");
  EXPECT_EQ(ProblemOf("[[topic]]\nid = 'a'\nparents = ['b']\n" + ok), "a: unknown parent \"b\"");
  EXPECT_EQ(ProblemOf("[[topic]]\nid = 'a'\n" + ok + "[[topic]]\nid = 'a'\n" + ok),
            "a: the id stands twice");
  EXPECT_EQ(ProblemOf("[[topic]]\nid = 'a'\nparents = ['b']\n" + ok +
                      "[[topic]]\nid = 'b'\nparents = ['a']\n" + ok),
            "a: the topic is its own ancestor");
  EXPECT_THAT(ProblemOf("[[topic]]\nid = 'Big Id'\n" + ok), HasSubstr("use a-z"));
}

TEST(AnalyzeDocument, CountsTermsPerField) {
  DocumentText document;
  document.handle = "amina.cooks";
  document.display_name = "Amina";
  document.bio = "Recettes et #TajineMarocain, mes recettes";
  document.category = "Food blogger";
  document.posts = {"شهيوات رمضان", "recettes"};
  const DocumentTerms terms = AnalyzeDocument(document, Taxonomy::Default());
  auto at = [&terms](const std::string& term) {
    auto it = terms.terms.find(term);
    return it == terms.terms.end() ? FieldCounts{} : it->second;
  };
  //                                                   name bio tags lists posts
  EXPECT_EQ(at(ExactTerm("amina")), (FieldCounts{2, 0, 0, 0, 0}));
  EXPECT_EQ(at(ExactTerm("aminacooks")), (FieldCounts{1, 0, 0, 0, 0}));
  EXPECT_EQ(at(ExactTerm("recettes")), (FieldCounts{0, 2, 0, 0, 1}));
  EXPECT_EQ(at("s:fr:recet"), (FieldCounts{0, 2, 0, 0, 1}));
  EXPECT_EQ(at("h:tajinemarocain"), (FieldCounts{0, 0, 1, 0, 0}));
  EXPECT_EQ(at(ExactTerm("tajine")), (FieldCounts{0, 0, 1, 0, 0}));
  EXPECT_EQ(at("t:food"), (FieldCounts{1, 2, 1, 1, 2}));  // "cooks" in the name too
  EXPECT_EQ(at(ExactTerm("et")), FieldCounts{});
  EXPECT_EQ(at(ExactTerm("رمضان")), (FieldCounts{0, 0, 0, 0, 1}));
  EXPECT_EQ(terms.lengths, (std::array<uint32_t, kFields>{4, 4, 2, 2, 3}));
  EXPECT_EQ(terms.WeightedLength(), 3u * 4 + 3 * 4 + 3 * 2 + 4 * 2 + 3);
}

TEST(AnalyzeDocument, TheLengthOfAWordDecidesNotThatOfItsTerm) {
  DocumentText document;
  std::string mixed;
  for (size_t i = 0; i < kWordBytesMax; ++i) mixed += "bdfglmnrst"[i % 10];
  document.bio = mixed + " " + mixed + "b";
  const DocumentTerms terms = AnalyzeDocument(document, Taxonomy::Default());
  EXPECT_GT(ExactTerm(mixed).size(), 2 * kWordBytesMax);
  EXPECT_EQ(terms.terms.count(ExactTerm(mixed)), 1u);
  EXPECT_EQ(terms.terms.count(ExactTerm(mixed + "b")), 0u);
}

TEST(AnalyzeDocument, CapsRepetitionAndCountsBroaderTopics) {
  auto taxonomy = Taxonomy::Parse(
      "[[topic]]\nid='food'\nsynonyms={fr=['cuisine']}\n"
      "[[topic]]\nid='pastry'\nparents=['food']\nsynonyms={fr=['gâteaux']}\n",
      "t.toml");
  ASSERT_TRUE(taxonomy.ok()) << taxonomy.status();
  DocumentText document;
  document.bio = std::string(2000, 'x');  // squeezed to one letter
  for (int i = 0; i < 100; ++i) document.posts.push_back("gateau");
  const DocumentTerms terms = AnalyzeDocument(document, *taxonomy);
  EXPECT_EQ(terms.terms.at("t:pastry")[4], kCountMax);
  EXPECT_EQ(terms.terms.at("t:food")[4], kCountMax);
  EXPECT_EQ(terms.lengths[4], 100u);
}

TEST(Bm25f, HandExample) {
  // 10 documents, the term in 2: ln(1 + 8.5/2.5) = ln 4.4.
  EXPECT_NEAR(Idf(10, 2), 1.4816045409242156, 1e-15);
  EXPECT_GT(Idf(10, 10), 0);
  EXPECT_EQ(Idf(10, 99), Idf(10, 10));
  // Once in the bio, twice in posts: 3·1 + 1·2 = 5. Length 30, average 20:
  // norm = 1.2·(0.25 + 0.75·1.5) = 1.65; 5/6.65.
  EXPECT_EQ(WeightedCount({0, 1, 0, 0, 2}), 5);
  EXPECT_NEAR(SaturatedCount(5, 30, 20), 0.75187969924812026, 1e-15);
  EXPECT_EQ(SaturatedCount(0, 30, 20), 0);
  EXPECT_GT(SaturatedCount(6, 30, 20), SaturatedCount(5, 30, 20));
  EXPECT_GT(SaturatedCount(5, 10, 20), SaturatedCount(5, 30, 20));
}

}  // namespace
}  // namespace halqa::text
