#include "engine/text/taxonomy_file.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/base/toml.h"
#include "engine/text/fold.h"

namespace halqa::text {
namespace {

constexpr std::array<absl::string_view, 6> kLanguageKeys = {"fr",       "ar",  "ary-Arab",
                                                            "ary-Latn", "zgh", "en"};

absl::string_view KeyOf(const toml::key& key) { return {key.str().data(), key.str().size()}; }

bool IsLanguage(absl::string_view key) {
  return std::find(kLanguageKeys.begin(), kLanguageKeys.end(), key) != kLanguageKeys.end();
}

bool IsTopicId(absl::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

// Reads one [[topic]] table.
class TopicReader {
 public:
  TopicReader(absl::string_view file, const toml::table& table) : file_(file), table_(table) {}

  absl::StatusOr<Topic> Read() {
    HALQA_RETURN_IF_ERROR(ReadId());
    for (const auto& [key, node] : table_) {
      const absl::string_view name = KeyOf(key);
      if (name == "id") continue;
      if (name == "parents") {
        HALQA_RETURN_IF_ERROR(ReadStrings(node, "parents", &topic_.parents));
      } else if (name == "sensitive") {
        HALQA_RETURN_IF_ERROR(ReadSensitive(node));
      } else if (name == "label") {
        HALQA_RETURN_IF_ERROR(ReadLabels(node));
      } else if (name == "synonyms") {
        HALQA_RETURN_IF_ERROR(ReadSynonyms(node));
      } else {
        return Error(absl::StrCat("unknown key \"", name, "\""));
      }
    }
    if (topic_.synonyms.empty()) return Error("a topic needs synonyms");
    return std::move(topic_);
  }

 private:
  absl::Status Error(absl::string_view what) const {
    const std::string line = absl::StrCat("line ", table_.source().begin.line);
    return TaxonomyError(file_, topic_.id.empty() ? line : topic_.id, what);
  }

  absl::Status ReadId() {
    const auto* id = table_.get_as<std::string>("id");
    if (id == nullptr) return Error("a topic needs an id (a string)");
    if (!IsTopicId(id->get())) {
      return Error(absl::StrCat("id \"", id->get(), "\": use a-z, 0-9 and '_', at most 64"));
    }
    topic_.id = id->get();
    return absl::OkStatus();
  }

  absl::Status ReadStrings(const toml::node& node, absl::string_view name,
                           std::vector<std::string>* out) const {
    const toml::array* array = node.as_array();
    if (array == nullptr) return Error(absl::StrCat(name, " must be a list of strings"));
    for (const toml::node& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr) return Error(absl::StrCat(name, " must be a list of strings"));
      if (Fold(text->get()).empty()) return Error(absl::StrCat(name, " holds an empty string"));
      out->push_back(text->get());
    }
    return absl::OkStatus();
  }

  absl::Status ReadSensitive(const toml::node& node) {
    const auto* value = node.as_boolean();
    if (value == nullptr) return Error("sensitive must be true or false");
    topic_.sensitive = value->get();
    return absl::OkStatus();
  }

  absl::Status ReadLabels(const toml::node& node) {
    const toml::table* labels = node.as_table();
    if (labels == nullptr) return Error("label must be a table of languages");
    for (const auto& [key, value] : *labels) {
      const absl::string_view language = KeyOf(key);
      if (!IsLanguage(language)) return Error(absl::StrCat("unknown language \"", language, "\""));
      if (!value.is_string()) return Error(absl::StrCat("label.", language, " must be a string"));
      topic_.labels[std::string(language)] = value.as_string()->get();
    }
    return absl::OkStatus();
  }

  absl::Status ReadSynonyms(const toml::node& node) {
    const toml::table* synonyms = node.as_table();
    if (synonyms == nullptr) return Error("synonyms must be a table of languages");
    for (const auto& [key, value] : *synonyms) {
      const absl::string_view language = KeyOf(key);
      if (!IsLanguage(language)) return Error(absl::StrCat("unknown language \"", language, "\""));
    }
    for (absl::string_view language : kLanguageKeys) {
      const toml::node* list = synonyms->get(std::string_view(language.data(), language.size()));
      if (list == nullptr) continue;
      std::vector<std::string> phrases;
      HALQA_RETURN_IF_ERROR(ReadStrings(*list, absl::StrCat("synonyms.", language), &phrases));
      for (std::string& phrase : phrases) {
        topic_.synonyms.push_back({std::string(language), std::move(phrase)});
      }
    }
    return absl::OkStatus();
  }

  absl::string_view file_;
  const toml::table& table_;
  Topic topic_;
};

}  // namespace

absl::Status TaxonomyError(absl::string_view file, absl::string_view topic,
                           absl::string_view what) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, "TAXONOMY_INVALID",
      absl::StrCat(file, ": topic ", topic, ": ", what),
      {{"file", std::string(file)}, {"topic", std::string(topic)}, {"problem", std::string(what)}});
}

absl::StatusOr<std::vector<Topic>> ParseTopics(absl::string_view toml, absl::string_view file) {
  const toml::parse_result parsed = toml::parse(std::string_view(toml.data(), toml.size()),
                                                std::string_view(file.data(), file.size()));
  if (!parsed) {
    const auto& error = parsed.error();
    const std::string line = absl::StrCat("line ", error.source().begin.line);
    const std::string_view what = error.description();
    return TaxonomyError(file, line, absl::string_view(what.data(), what.size()));
  }
  const toml::table& root = parsed.table();
  for (const auto& [key, node] : root) {
    if (KeyOf(key) != "topic" && KeyOf(key) != "version") {
      return TaxonomyError(file, "-", absl::StrCat("unknown key \"", KeyOf(key), "\""));
    }
  }
  const toml::array* list = root.get_as<toml::array>("topic");
  if (list == nullptr) return TaxonomyError(file, "-", "no [[topic]] in the file");
  std::vector<Topic> topics;
  for (const toml::node& node : *list) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return TaxonomyError(file, "-", "topic must be a list of tables");
    HALQA_ASSIGN_OR_RETURN(Topic topic, TopicReader(file, *table).Read());
    topics.push_back(std::move(topic));
  }
  return topics;
}

}  // namespace halqa::text
