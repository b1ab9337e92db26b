// Which text goes where in a record.

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

}  // namespace halqa
