#include "tools/halqa/cmd_text.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/text/fold.h"
#include "engine/text/skeleton.h"
#include "engine/text/stem.h"
#include "engine/text/taxonomy.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/table.h"

namespace halqa::cli {
namespace {

struct TextFlags {
  std::string text, taxonomy;
  std::vector<std::string> languages;
  bool json = false;
};

struct Analysis {
  text::TokenizedText pieces;  // tokens moved into `tokens`
  std::vector<text::AnalyzedToken> tokens;
  std::vector<text::TopicHit> hits;
};

absl::string_view ScriptName(text::Script script) {
  switch (script) {
    case text::Script::kLatin:
      return "latin";
    case text::Script::kArabic:
      return "arabic";
    case text::Script::kNumber:
      return "number";
    case text::Script::kOther:
      break;
  }
  return "other";
}

std::vector<std::string> Stems(const text::AnalyzedToken& token) {
  std::vector<std::string> stems;
  for (const text::LanguageStem& stem : token.stems) {
    stems.push_back(absl::StrCat(text::LanguageCode(stem.language), ":", stem.stem));
  }
  return stems;
}

std::string Topics(const text::Taxonomy& taxonomy, const Analysis& a, size_t token) {
  std::vector<std::string> ids;
  for (const text::TopicHit& hit : a.hits) {
    if (hit.begin <= token && token < hit.end) ids.push_back(taxonomy.topics()[hit.topic].id);
  }
  return absl::StrJoin(ids, ", ");
}

std::string AsTable(const text::Taxonomy& taxonomy, const Analysis& a) {
  Table table({{"run", Table::Align::kRight},
               {"word"},
               {"script"},
               {"language"},
               {"stems"},
               {"sounds"},
               {"skeleton"},
               {"topics"}});
  for (size_t i = 0; i < a.tokens.size(); ++i) {
    const text::AnalyzedToken& t = a.tokens[i];
    const bool ignored = !t.token.is_hashtag && text::IsStopWord(t.token.folded);
    const std::string sounds = text::Sounds(t.token.folded);
    table.AddRow({absl::StrCat(t.token.run + 1),
                  absl::StrCat(t.token.is_hashtag     ? "#"
                               : t.token.from_hashtag ? "  "
                                                      : "",
                               t.token.folded, ignored ? " (ignored)" : ""),
                  std::string(ScriptName(t.token.script)),
                  std::string(text::SpokenCode(t.language)), absl::StrJoin(Stems(t), " "), sounds,
                  text::SkeletonKey(sounds), Topics(taxonomy, a, i)});
  }
  std::string out = table.Render();
  auto line = [&out](absl::string_view name, const std::vector<std::string>& items) {
    if (!items.empty()) absl::StrAppend(&out, name, ": ", absl::StrJoin(items, ", "), "\n");
  };
  line("mentions", a.pieces.mentions);
  line("links", a.pieces.urls);
  return out;
}

void WriteStrings(absl::string_view key, const std::vector<std::string>& items, JsonWriter* json) {
  json->Key(key).BeginArray();
  for (const std::string& item : items) json->String(item);
  json->End();
}

void WriteToken(const text::AnalyzedToken& t, JsonWriter* json) {
  const std::string sounds = text::Sounds(t.token.folded);
  json->BeginObject();
  json->Key("folded").String(t.token.folded);
  json->Key("accented").String(t.token.accented);
  json->Key("run").UInt(t.token.run);
  json->Key("script").String(ScriptName(t.token.script));
  json->Key("language").String(text::SpokenCode(t.language));
  json->Key("hashtag").Bool(t.token.is_hashtag);
  json->Key("from_hashtag").Bool(t.token.from_hashtag);
  json->Key("ignored").Bool(!t.token.is_hashtag && text::IsStopWord(t.token.folded));
  WriteStrings("stems", Stems(t), json);
  json->Key("sounds").String(sounds);
  json->Key("skeleton").String(text::SkeletonKey(sounds));
  WriteStrings("looked_up_as", text::SkeletonKeys(sounds), json);
  json->End();
}

std::string AsJson(const text::Taxonomy& taxonomy, const Analysis& a) {
  JsonWriter json;
  json.BeginObject().Key("versions").BeginObject();
  json.Key("fold").Int(text::kFoldVersion);
  json.Key("tokens").Int(text::kTokensVersion);
  json.Key("language").Int(text::kLanguageVersion);
  json.Key("stem").Int(text::kStemVersion);
  json.Key("skeleton").Int(text::kSkeletonVersion);
  json.End().Key("tokens").BeginArray();
  for (const text::AnalyzedToken& token : a.tokens) WriteToken(token, &json);
  json.End().Key("topics").BeginArray();
  for (const text::TopicHit& hit : a.hits) {
    const text::Topic& topic = taxonomy.topics()[hit.topic];
    json.BeginObject().Key("id").String(topic.id);
    json.Key("first_token").UInt(hit.begin).Key("tokens").UInt(hit.end - hit.begin);
    json.Key("synonym").String(hit.synonym < 0 ? topic.id : topic.synonyms[hit.synonym].phrase);
    json.Key("exact").Bool(hit.exact).Key("sensitive").Bool(topic.sensitive).End();
  }
  json.End();
  WriteStrings("mentions", a.pieces.mentions, &json);
  WriteStrings("links", a.pieces.urls, &json);
  json.End();
  return json.text() + "\n";
}

std::string ReadAll(std::FILE* file) {
  std::string text;
  char buffer[4096];
  for (size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
  return text;
}

absl::Status AnalyzeGivenText(const TextFlags& flags) {
  text::Taxonomy own;
  if (!flags.taxonomy.empty()) {
    HALQA_ASSIGN_OR_RETURN(const std::string toml, ReadFile(flags.taxonomy));
    HALQA_ASSIGN_OR_RETURN(own, text::Taxonomy::Parse(toml, flags.taxonomy));
  }
  const text::Taxonomy& taxonomy = flags.taxonomy.empty() ? text::Taxonomy::Default() : own;
  Analysis a;
  a.pieces = text::Tokenize(flags.text == "-" ? ReadAll(stdin) : flags.text);
  a.tokens = text::Analyze(std::move(a.pieces.tokens), flags.languages);
  a.hits = taxonomy.Match(a.tokens);
  std::fputs((flags.json ? AsJson(taxonomy, a) : AsTable(taxonomy, a)).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void RegisterText(Command app) {
  Command text = app.Sub("text", "Look at a text as the engine does");
  text.NeedsSub();
  auto flags = std::make_shared<TextFlags>();
  Command analyze = text.Sub("analyze", "Words, languages, stems, skeletons and topics of a text");
  analyze.Add("text", flags->text, "The text; - reads standard input").Required();
  analyze.Add("--language", flags->languages, "Language declared for the account (fr, en, ary)")
      .Repeated();
  analyze.Add("--taxonomy", flags->taxonomy, "Topics of this file instead of the built-in ones");
  analyze.Switch("--json", flags->json, "Print JSON");
  analyze.Footer(
      "Examples:\n"
      "  halqa text analyze 'chhiwat dyal lmaghrib #TajineMarocain'\n"
      "  halqa text analyze 'وصفات الطبخ' --json\n"
      "A run ends at a sentence mark; its function words decide the language of its words.\n"
      "Sounds are what spelling variants share; the skeleton finds them.");
  analyze.Run([flags] {
    const absl::Status status = AnalyzeGivenText(*flags);
    if (!status.ok()) EndWith(ReportError(status));
  });
}

}  // namespace halqa::cli
