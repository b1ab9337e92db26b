#include "engine/text/stem.h"

#include <libstemmer.h>

#include <array>
#include <memory>

#include "engine/base/check.h"
#include "engine/text/fold.h"

namespace halqa::text {
namespace {

constexpr std::array<absl::string_view, kLanguages> kCodes = {"fr", "en", "ar"};
constexpr std::array<const char*, kLanguages> kAlgorithms = {"french", "english", "arabic"};

struct StemmerDelete {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using StemmerPtr = std::unique_ptr<sb_stemmer, StemmerDelete>;

sb_stemmer* StemmerOf(Language language) {
  static thread_local std::array<StemmerPtr, kLanguages> stemmers;
  StemmerPtr& stemmer = stemmers.at(static_cast<size_t>(language));
  if (stemmer == nullptr) {
    stemmer.reset(sb_stemmer_new(kAlgorithms.at(static_cast<size_t>(language)), "UTF_8"));
    HALQA_CHECK(stemmer != nullptr);
  }
  return stemmer.get();
}

}  // namespace

absl::string_view LanguageCode(Language language) {
  return kCodes.at(static_cast<size_t>(language));
}

std::string Stem(Language language, absl::string_view accented) {
  sb_stemmer* stemmer = StemmerOf(language);
  const auto* word = reinterpret_cast<const sb_symbol*>(accented.data());
  const sb_symbol* stem = sb_stemmer_stem(stemmer, word, static_cast<int>(accented.size()));
  HALQA_CHECK(stem != nullptr);
  return StripLatinAccents(absl::string_view(reinterpret_cast<const char*>(stem),
                                             static_cast<size_t>(sb_stemmer_length(stemmer))));
}

std::vector<AnalyzedToken> Analyze(std::vector<Token> tokens,
                                   absl::Span<const std::string> declared) {
  const std::vector<SpokenLanguage> languages = DetectLanguages(tokens, declared);
  std::vector<AnalyzedToken> analyzed;
  analyzed.reserve(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    AnalyzedToken& out = analyzed.emplace_back();
    out.token = std::move(tokens[i]);
    out.language = languages[i];
    auto add = [&](Language language) {
      out.stems.push_back({language, Stem(language, out.token.accented)});
    };
    if (out.token.script == Script::kArabic) add(Language::kArabic);
    if (out.token.script != Script::kLatin) continue;
    if (out.language != SpokenLanguage::kEnglish) add(Language::kFrench);
    if (out.language != SpokenLanguage::kFrench) add(Language::kEnglish);
  }
  return analyzed;
}

std::vector<AnalyzedToken> AnalyzeText(absl::string_view utf8,
                                       absl::Span<const std::string> declared) {
  return Analyze(Tokenize(utf8).tokens, declared);
}

}  // namespace halqa::text
