#include "engine/discovery/search_plan.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/records.h"
#include "engine/base/status_macros.h"
#include "engine/text/fold.h"
#include "engine/text/tokens.h"

namespace halqa::discovery {
namespace {

// Fields of the filter before the signals, in schema order.
enum FilterField : int {
  kPlatform,
  kTier,
  kFollowers,
  kKnownFollowers,
  kVerified,
  kCountry,
  kCity,
  kCategory,
  kHandle,
  kDisplayName,
  kLanguages,
  kNiche,
  kFirstSignal,
};

absl::Status CheckQueryText(const std::string& query, const SearchLimits& limits) {
  if (query.size() > limits.query_bytes_max) {
    return FieldError("QUERY_TOO_LONG", "query",
                      absl::StrCat("has ", query.size(), " bytes; at most ", limits.query_bytes_max,
                                   " are allowed"));
  }
  if (!IsValidUtf8(query)) return FieldError("QUERY_NOT_UTF8", "query", "is not UTF-8");
  return absl::OkStatus();
}

absl::Status SensitiveError(absl::string_view topic) {
  return MakeError(absl::StatusCode::kPermissionDenied, "TOPIC_SENSITIVE",
                   absl::StrCat("topic \"", topic, "\" is sensitive; searching it needs a grant"),
                   {{"topic", std::string(topic)}});
}

void AddOnce(const std::string& id, std::vector<std::string>* ids) {
  if (std::find(ids->begin(), ids->end(), id) == ids->end()) ids->push_back(id);
}

// Topics of the query, then those named by id; sensitive ones only with the grant.
absl::Status ResolveTopics(const SearchRequest& request, const text::Taxonomy& taxonomy,
                           SearchPlan* plan) {
  for (const text::ResolvedTopic& topic : plan->query.topics) {
    const bool withheld = topic.sensitive && !request.allow_sensitive;
    AddOnce(topic.id, withheld ? &plan->withheld_topics : &plan->topics);
  }
  for (const std::string& id : request.topics) {
    const int index = taxonomy.Find(id);
    if (index < 0) {
      const std::string known = absl::StrJoin(
          taxonomy.topics(), ", ",
          [](std::string* out, const text::Topic& topic) { absl::StrAppend(out, topic.id); });
      return FieldError("UNKNOWN_TOPIC", "topics",
                        absl::StrCat("unknown topic \"", id, "\"; the topics are ", known));
    }
    if (taxonomy.topics()[index].sensitive && !request.allow_sensitive) return SensitiveError(id);
    AddOnce(id, &plan->topics);
  }
  auto& resolved = plan->query.topics;
  resolved.erase(std::remove_if(resolved.begin(), resolved.end(),
                                [&request](const text::ResolvedTopic& topic) {
                                  return topic.sensitive && !request.allow_sensitive;
                                }),
                 resolved.end());
  if (!plan->topics.empty() || !plan->query.free_terms.empty()) return absl::OkStatus();
  if (!plan->withheld_topics.empty()) return SensitiveError(plan->withheld_topics.front());
  return FieldError("QUERY_NOT_UNDERSTOOD", "query",
                    absl::StrCat("no word of \"", request.query, "\" can be searched for"));
}

// Topics given by id are searched in documents as if the query had named them.
void AddTopicsToQuery(const text::Taxonomy& taxonomy, SearchPlan* plan) {
  for (const std::string& id : plan->topics) {
    const bool known = std::any_of(plan->query.topics.begin(), plan->query.topics.end(),
                                   [&id](const text::ResolvedTopic& t) { return t.id == id; });
    if (known) continue;
    const int index = taxonomy.Find(id);
    plan->query.topics.push_back({index, id, taxonomy.topics()[index].sensitive, id, {}});
  }
}

uint64_t HashOf(const SearchRequest& request, const SearchPlan& plan) {
  std::string bytes;
  PutVarint64(kSearchVersion, &bytes);
  // Folding would make AND of and.
  PutLengthPrefixed(plan.expression ? request.query : text::Fold(request.query), &bytes);
  PutVarint64(plan.topics.size(), &bytes);
  for (const std::string& topic : plan.topics) PutLengthPrefixed(topic, &bytes);
  PutLengthPrefixed(plan.filter.ToString(), &bytes);
  for (double weight : plan.weights) {
    uint64_t bits = 0;
    std::memcpy(&bits, &weight, sizeof(bits));
    PutFixed64BE(bits, &bytes);
  }
  return Checksum64(bytes);
}

absl::Status CheckCursor(const SearchCursor& cursor, const SearchPlan& plan,
                         const SearchSources& sources) {
  if (cursor.query_hash != plan.query_hash) {
    return FieldError("PAGE_TOKEN_MISMATCH", "page_token",
                      "belongs to a request with another query, filter or weights");
  }
  if (cursor.generation != sources.generation || cursor.snapshot != sources.snapshot) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED",
                     "the results this page token belongs to are gone; start over",
                     {{"generation", absl::StrCat(cursor.generation)},
                      {"snapshot", absl::StrCat(cursor.snapshot)}});
  }
  return absl::OkStatus();
}

filter::Value TextValue(absl::string_view text) {
  return text.empty() ? filter::Value::Unknown() : filter::Value::Text(text);
}

}  // namespace

filter::Schema SearchSchema(const SearchSources& sources) {
  using filter::FieldType;
  const auto platforms = sources.accounts->platforms();
  filter::Schema schema{{
      {"platform", FieldType::kEnum, {platforms.begin(), platforms.end()}, false},
      {"tier", FieldType::kEnum, sources.reach->bands().names, true},
      {"followers", FieldType::kNumber, {}, false},
      {"known_followers", FieldType::kNumber, {}, false},
      {"verified", FieldType::kBool, {}, false},
      {"country", FieldType::kString, {}, false},
      {"city", FieldType::kString, {}, false},
      {"category", FieldType::kString, {}, false},
      {"handle", FieldType::kString, {}, false},
      {"display_name", FieldType::kString, {}, false},
      {"languages", FieldType::kStringList, {}, false},
      {"niche", FieldType::kNumber, {}, false},
  }};
  for (int s = 0; s < kSignals; ++s) {
    schema.fields.push_back(
        {std::string(SignalName(static_cast<Signal>(s))), FieldType::kNumber, {}, false});
  }
  return schema;
}

// What the words of the query want. A sensitive topic in an expression cannot just be left out.
absl::Status ResolveWords(const SearchRequest& request, const text::Taxonomy& taxonomy,
                          SearchPlan* plan) {
  if (!text::IsBoolean(request.query)) {
    plan->query = taxonomy.ResolveQuery(request.query);
    return absl::OkStatus();
  }
  HALQA_ASSIGN_OR_RETURN(text::BooleanQuery parsed, text::ParseBoolean(request.query, taxonomy));
  std::vector<std::string> named = parsed.excluded_topics;
  for (const text::ResolvedTopic& topic : parsed.wanted.topics) named.push_back(topic.id);
  for (const std::string& id : named) {
    const bool sensitive = taxonomy.topics()[taxonomy.Find(id)].sensitive;
    if (sensitive && !request.allow_sensitive) return SensitiveError(id);
  }
  plan->query = std::move(parsed.wanted);
  plan->expression = std::move(parsed.root);
  return absl::OkStatus();
}

absl::StatusOr<SearchPlan> PlanSearch(const SearchRequest& request, const SearchSources& sources) {
  SearchPlan plan;
  if (request.page_size < 0) {
    return FieldError("NEGATIVE_PAGE_SIZE", "page_size",
                      absl::StrCat("is ", request.page_size, "; expected 0 (default) or more"));
  }
  const SearchLimits& limits = sources.limits;
  plan.page_size = request.page_size == 0 ? limits.page_size_default
                                          : std::min(request.page_size, limits.page_size_max);
  HALQA_RETURN_IF_ERROR(CheckQueryText(request.query, limits));
  plan.everybody = absl::StripAsciiWhitespace(request.query).empty() && request.topics.empty();
  HALQA_RETURN_IF_ERROR(ResolveWords(request, *sources.taxonomy, &plan));
  if (!plan.everybody) HALQA_RETURN_IF_ERROR(ResolveTopics(request, *sources.taxonomy, &plan));
  AddTopicsToQuery(*sources.taxonomy, &plan);
  HALQA_ASSIGN_OR_RETURN(plan.weights, ParseWeights(request.weights));
  HALQA_ASSIGN_OR_RETURN(plan.filter,
                         filter::Filter::Compile(request.filter, SearchSchema(sources)));
  plan.query_hash = HashOf(request, plan);
  if (request.after.has_value()) {
    HALQA_RETURN_IF_ERROR(CheckCursor(*request.after, plan, sources));
  }
  return plan;
}

AccountRow::AccountRow(const SearchSources& sources, AccountId account, const SignalValues& values)
    : sources_(sources),
      account_(account),
      values_(values),
      facts_(sources.accounts->Facts(account)) {}

filter::Value AccountRow::NicheValue() const {
  const uint32_t niche = sources_.niches == nullptr ? kNoNiche : sources_.niches->NicheOf(account_);
  return niche == kNoNiche ? filter::Value::Unknown() : filter::Value::Number(niche);
}

filter::Value AccountRow::Get(int field) const {
  using filter::Value;
  const AccountSource& accounts = *sources_.accounts;
  switch (field) {
    case kPlatform:
      return Value::Enum(facts_.platform);
    case kTier:
      return Value::Enum(sources_.reach->bands().TierOf(FollowersOf(facts_)));
    case kFollowers:
      return facts_.declared_followers.has_value() || facts_.known_followers > 0
                 ? Value::Number(static_cast<double>(FollowersOf(facts_)))
                 : Value::Unknown();
    case kKnownFollowers:
      return facts_.isolated ? Value::Unknown()
                             : Value::Number(static_cast<double>(facts_.known_followers));
    case kVerified:
      return facts_.verified.has_value() ? Value::Bool(*facts_.verified) : Value::Unknown();
    case kCountry:
      return TextValue(accounts.Text(account_, AccountText::kCountry));
    case kCity:
      return TextValue(accounts.Text(account_, AccountText::kCity));
    case kCategory:
      return TextValue(accounts.Text(account_, AccountText::kCategory));
    case kHandle:
      return TextValue(accounts.Text(account_, AccountText::kHandle));
    case kDisplayName:
      return TextValue(accounts.Text(account_, AccountText::kDisplayName));
    case kLanguages: {
      const auto languages = accounts.Languages(account_);
      return languages.empty() ? Value::Unknown() : Value::List(languages);
    }
    case kNiche:
      return NicheValue();
    default:
      break;
  }
  const double value = values_[static_cast<size_t>(field) - kFirstSignal];
  return std::isnan(value) ? Value::Unknown() : Value::Number(value);
}

filter::Tri AccountRow::MatchesText(absl::string_view word, bool prefix) const {
  const std::string folded = text::Fold(word);
  const std::string names =
      absl::StrCat(sources_.accounts->Text(account_, AccountText::kHandle), " ",
                   sources_.accounts->Text(account_, AccountText::kDisplayName));
  if (names == " ") return filter::Tri::kUnknown;
  for (const text::Token& token : text::Tokenize(names).tokens) {
    if (token.folded == folded || (prefix && absl::StartsWith(token.folded, folded))) {
      return filter::Tri::kTrue;
    }
  }
  return filter::Tri::kFalse;
}

}  // namespace halqa::discovery
