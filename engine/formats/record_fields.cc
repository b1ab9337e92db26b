// Which text goes where in a record.

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/bound_field.h"

namespace halqa {
namespace {

using Text = std::optional<std::string> AccountRecord::*;
using Flag = std::optional<bool> AccountRecord::*;
using Count = std::optional<uint64_t> AccountRecord::*;
using List = std::vector<std::string> AccountRecord::*;

template <typename Member>
struct Named {
  absl::string_view field;
  Member member;
};

constexpr Named<Text> kTexts[] = {
    {"handle", &AccountRecord::handle},     {"display_name", &AccountRecord::display_name},
    {"bio", &AccountRecord::bio},           {"url", &AccountRecord::url},
    {"country", &AccountRecord::country},   {"city", &AccountRecord::city},
    {"category", &AccountRecord::category}, {"creator_id", &AccountRecord::creator_id}};
constexpr Named<Flag> kFlags[] = {{"verified", &AccountRecord::verified},
                                  {"is_public", &AccountRecord::is_public},
                                  {"opted_in", &AccountRecord::opted_in}};
constexpr Named<Count> kCounts[] = {{"declared_followers", &AccountRecord::declared_followers},
                                    {"declared_following", &AccountRecord::declared_following}};
constexpr Named<List> kLists[] = {{"languages", &AccountRecord::languages},
                                  {"hashtags", &AccountRecord::hashtags},
                                  {"lists", &AccountRecord::lists}};

template <typename Member, size_t n>
const Member* Find(const Named<Member> (&table)[n], absl::string_view field) {
  for (const auto& entry : table) {
    if (entry.field == field) return &entry.member;
  }
  return nullptr;
}

absl::Status SetPrice(const BoundField& field, absl::string_view text, const FileSpec& file,
                      AccountRecord* record) {
  HALQA_ASSIGN_OR_RETURN(const Money money, ParseMoney(text, field.spec().currency, file.numbers));
  absl::string_view format = field.spec().field;
  absl::ConsumePrefix(&format, "price.");
  record->prices.push_back({std::string(format), money.currency, money.amount_micros});
  return absl::OkStatus();
}

absl::Status SetRareField(const BoundField& field, absl::string_view text, const FileSpec& file,
                          AccountRecord* record) {
  absl::string_view name = field.spec().field;
  if (absl::ConsumePrefix(&name, "attributes.")) {
    record->attributes[std::string(name)] = std::string(text);
    return absl::OkStatus();
  }
  if (absl::StartsWith(name, "price.")) return SetPrice(field, text, file, record);
  if (name == "creator_evidence") {
    record->creator_evidence = std::string(text);
    return absl::OkStatus();
  }
  if (name == "creator_probability") {
    HALQA_ASSIGN_OR_RETURN(record->creator_probability, ParseNumber(text, file.numbers));
    if (record->creator_probability >= 0 && record->creator_probability <= 1) {
      return absl::OkStatus();
    }
    return FieldError("OUT_OF_RANGE", name, "must be from 0 to 1");
  }
  HALQA_ASSIGN_OR_RETURN(const UnixSeconds time, ParseTime(text, file.dates));
  (name == "expires_at" ? record->provenance.expires_at : record->provenance.collected_at) = time;
  return absl::OkStatus();
}

}  // namespace

absl::Status SetAccountField(const BoundField& field, const Row& row, const FileSpec& file,
                             AccountRecord* record) {
  const absl::string_view name = field.spec().field;
  if (const List* list = Find(kLists, name)) {
    std::vector<std::string> values = field.Texts(row);
    (record->*(*list)) = std::move(values);
    return absl::OkStatus();
  }
  std::string scratch;
  const absl::string_view text = field.Text(row, &scratch);
  if (text.empty()) return absl::OkStatus();  // not given
  if (const Text* member = Find(kTexts, name)) {
    record->*(*member) = std::string(text);
    return absl::OkStatus();
  }
  if (const Flag* member = Find(kFlags, name)) {
    HALQA_ASSIGN_OR_RETURN(record->*(*member), ParseBool(text));
    return absl::OkStatus();
  }
  if (const Count* member = Find(kCounts, name)) {
    HALQA_ASSIGN_OR_RETURN(record->*(*member), FieldCount(field, text, file));
    return absl::OkStatus();
  }
  return SetRareField(field, text, file, record);
}

absl::Status SetPostField(const BoundField& field, const Row& row, const FileSpec& file,
                          PostRecord* record) {
  absl::string_view name = field.spec().field;
  if (name == "hashtags") {
    record->hashtags = field.Texts(row);
    return absl::OkStatus();
  }
  std::string scratch;
  const absl::string_view text = field.Text(row, &scratch);
  if (text.empty()) return absl::OkStatus();
  if (name == "text") {
    record->text = std::string(text);
  } else if (name == "language") {
    record->language = std::string(text);
  } else if (name == "media_kind") {
    record->media_kind = std::string(text);
  } else if (name == "sponsored") {
    HALQA_ASSIGN_OR_RETURN(record->sponsored, ParseBool(text));
  } else if (name == "time") {
    HALQA_ASSIGN_OR_RETURN(record->time, ParseTime(text, file.dates));
  } else if (absl::ConsumePrefix(&name, "metrics.")) {
    HALQA_ASSIGN_OR_RETURN(record->metrics[std::string(name)], FieldCount(field, text, file));
  }
  return absl::OkStatus();
}

absl::Status SetInteractionField(const BoundField& field, absl::string_view text,
                                 const FileSpec& file, InteractionRecord* record) {
  const std::string& name = field.spec().field;
  if (name == "kind") {
    HALQA_ASSIGN_OR_RETURN(record->kind, ParseInteractionKind(text));
  } else if (name == "count") {
    HALQA_ASSIGN_OR_RETURN(const uint64_t count, FieldCount(field, text, file));
    if (count == 0 || count > 0xffffffffu) {
      return FieldError("OUT_OF_RANGE", "count", "must be from 1 to 4294967295");
    }
    record->count = static_cast<uint32_t>(count);
  } else if (name == "time") {
    HALQA_ASSIGN_OR_RETURN(record->time, ParseTime(text, file.dates));
  } else if (name == "value_micros") {
    HALQA_ASSIGN_OR_RETURN(const uint64_t micros, ParseCount(text, file.numbers));
    record->value_micros = static_cast<int64_t>(micros);
  } else if (name == "value") {
    const std::string& currency = field.spec().currency;
    HALQA_ASSIGN_OR_RETURN(const Money money,
                           ParseMoney(text, currency.empty() ? "MAD" : currency, file.numbers));
    record->value_micros = money.amount_micros;
  } else {
    HALQA_ASSIGN_OR_RETURN(const double number, ParseNumber(text, file.numbers));
    if (number < (name == "sign" ? -1 : 0) || number > 1) {
      return FieldError("OUT_OF_RANGE", name, "is out of range");
    }
    (name == "sign" ? record->sign : record->confidence) = static_cast<float>(number);
  }
  return absl::OkStatus();
}

void MergeAccount(const AccountRecord& from, AccountRecord* to) {
  auto fill = [](const auto& source, auto* target) {
    if (!target->has_value()) *target = source;
  };
  fill(from.handle, &to->handle);
  fill(from.display_name, &to->display_name);
  fill(from.bio, &to->bio);
  fill(from.url, &to->url);
  fill(from.country, &to->country);
  fill(from.city, &to->city);
  fill(from.category, &to->category);
  fill(from.verified, &to->verified);
  fill(from.is_public, &to->is_public);
  fill(from.opted_in, &to->opted_in);
  fill(from.declared_followers, &to->declared_followers);
  fill(from.declared_following, &to->declared_following);
  if (!to->creator_id.has_value() && from.creator_id.has_value()) {
    to->creator_id = from.creator_id;
    to->creator_probability = from.creator_probability;
    to->creator_evidence = from.creator_evidence;
  }
  auto append = [](const std::vector<std::string>& source, std::vector<std::string>* target) {
    for (const std::string& value : source) {
      if (std::find(target->begin(), target->end(), value) == target->end()) {
        target->push_back(value);
      }
    }
  };
  append(from.languages, &to->languages);
  append(from.hashtags, &to->hashtags);
  append(from.lists, &to->lists);
  to->prices.insert(to->prices.end(), from.prices.begin(), from.prices.end());
  to->attributes.insert(from.attributes.begin(), from.attributes.end());
}

}  // namespace halqa
