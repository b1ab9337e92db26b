#include "engine/formats/ndjson_reader.h"

#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"

namespace halqa {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

absl::Status Wrong(absl::string_view reason, absl::string_view field, absl::string_view message) {
  return FieldError(reason, field, message);
}
absl::Status WrongType(absl::string_view field, absl::string_view expected) {
  return Wrong("WRONG_TYPE", field, absl::StrCat("expected ", expected));
}

absl::Status Get(absl::string_view field, const element& e, std::string* out) {
  std::string_view text;
  if (e.get_string().get(text)) return WrongType(field, "a text");
  out->assign(text.data(), text.size());
  return absl::OkStatus();
}
absl::Status Get(absl::string_view field, const element& e, absl::string_view* out) {
  std::string_view text;
  if (e.get_string().get(text)) return WrongType(field, "a text");
  *out = View(text);
  return absl::OkStatus();
}
absl::Status Get(absl::string_view field, const element& e, bool* out) {
  return e.get_bool().get(*out) ? WrongType(field, "true or false") : absl::OkStatus();
}
absl::Status Get(absl::string_view field, const element& e, uint64_t* out) {
  return e.get_uint64().get(*out) ? WrongType(field, "a whole number from 0 up") : absl::OkStatus();
}
absl::Status Get(absl::string_view field, const element& e, int64_t* out) {
  return e.get_int64().get(*out) ? WrongType(field, "a whole number") : absl::OkStatus();
}
absl::Status Get(absl::string_view field, const element& e, double* out) {
  return e.get_double().get(*out) ? WrongType(field, "a number") : absl::OkStatus();
}
absl::Status Get(absl::string_view field, const element& e, float* out) {
  double value = 0;
  HALQA_RETURN_IF_ERROR(Get(field, e, &value));
  *out = static_cast<float>(value);
  return absl::OkStatus();
}
absl::Status Get(absl::string_view field, const element& e, std::vector<std::string>* out) {
  simdjson::dom::array list;
  if (e.get_array().get(list)) return WrongType(field, "a list of texts");
  for (const element item : list) {
    HALQA_RETURN_IF_ERROR(Get(field, item, &out->emplace_back()));
  }
  return absl::OkStatus();
}
template <typename Value>
absl::Status Get(absl::string_view field, const element& e, std::optional<Value>* out) {
  return Get(field, e, &out->emplace());
}
template <typename Value>
absl::Status Get(absl::string_view field, const element& e, std::map<std::string, Value>* out) {
  object members;
  if (e.get_object().get(members)) return WrongType(field, "an object");
  for (const auto member : members) {
    HALQA_RETURN_IF_ERROR(Get(absl::StrCat(field, ".", View(member.key)), member.value,
                              &(*out)[std::string(member.key)]));
  }
  return absl::OkStatus();
}

// A time may be Unix seconds or a text such as ISO 8601.
absl::Status GetTime(absl::string_view field, const element& e, UnixSeconds* out) {
  if (e.is_string()) {
    absl::string_view text;
    HALQA_RETURN_IF_ERROR(Get(field, e, &text));
    auto time = ParseTime(text);
    if (!time.ok()) return WithDetail(Annotate(time.status(), field), "field", field);
    *out = *time;
    return absl::OkStatus();
  }
  return Get(field, e, out);
}

absl::Status Get(absl::string_view field, const element& e, std::vector<Price>* out) {
  simdjson::dom::array list;
  if (e.get_array().get(list)) return WrongType(field, "a list of prices");
  for (const element item : list) {
    object members;
    if (item.get_object().get(members)) return WrongType(field, "a list of prices");
    Price& price = out->emplace_back();
    for (const auto m : members) {
      const std::string name = absl::StrCat(field, ".", View(m.key));
      if (m.key == "format") {
        HALQA_RETURN_IF_ERROR(Get(name, m.value, &price.format));
      } else if (m.key == "currency") {
        HALQA_RETURN_IF_ERROR(Get(name, m.value, &price.currency));
      } else if (m.key == "amount_micros") {
        HALQA_RETURN_IF_ERROR(Get(name, m.value, &price.amount_micros));
      } else {
        return Wrong("UNKNOWN_FIELD", name, "is no field of a price");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Get(absl::string_view field, const element& e, Provenance* out) {
  object members;
  if (e.get_object().get(members)) return WrongType(field, "an object");
  for (const auto m : members) {
    const std::string name = absl::StrCat(field, ".", View(m.key));
    if (m.key == "source") {
      HALQA_RETURN_IF_ERROR(Get(name, m.value, &out->source));
    } else if (m.key == "legal_basis") {
      HALQA_RETURN_IF_ERROR(Get(name, m.value, &out->legal_basis));
    } else if (m.key == "collected_at") {
      HALQA_RETURN_IF_ERROR(GetTime(name, m.value, &out->collected_at));
    } else if (m.key == "expires_at") {
      HALQA_RETURN_IF_ERROR(GetTime(name, m.value, &out->expires_at));
    } else {
      return Wrong("UNKNOWN_FIELD", name, "is no field of a provenance");
    }
  }
  return absl::OkStatus();
}

// One field of a record: its name and how it is read.
template <typename Record>
struct FieldReader {
  absl::string_view name;
  absl::Status (*read)(const element& e, Record* record);
};

#define HALQA_FIELD(Record, member)                                                  \
  {                                                                                  \
#member, [](const element& e, Record* r) { return Get(#member, e, &r->member); } \
  }
#define HALQA_TIME(Record, member)                                                       \
  {                                                                                      \
#member, [](const element& e, Record* r) { return GetTime(#member, e, &r->member); } \
  }

constexpr FieldReader<AccountRecord> kAccountFields[] = {
    HALQA_FIELD(AccountRecord, external_id),
    HALQA_FIELD(AccountRecord, handle),
    HALQA_FIELD(AccountRecord, display_name),
    HALQA_FIELD(AccountRecord, bio),
    HALQA_FIELD(AccountRecord, url),
    HALQA_FIELD(AccountRecord, country),
    HALQA_FIELD(AccountRecord, city),
    HALQA_FIELD(AccountRecord, category),
    HALQA_FIELD(AccountRecord, languages),
    HALQA_FIELD(AccountRecord, hashtags),
    HALQA_FIELD(AccountRecord, lists),
    HALQA_FIELD(AccountRecord, verified),
    HALQA_FIELD(AccountRecord, is_public),
    HALQA_FIELD(AccountRecord, opted_in),
    HALQA_FIELD(AccountRecord, declared_followers),
    HALQA_FIELD(AccountRecord, declared_following),
    HALQA_FIELD(AccountRecord, prices),
    HALQA_FIELD(AccountRecord, creator_id),
    HALQA_FIELD(AccountRecord, creator_probability),
    HALQA_FIELD(AccountRecord, creator_evidence),
    HALQA_FIELD(AccountRecord, attributes),
    HALQA_FIELD(AccountRecord, provenance)};

constexpr FieldReader<FollowRecord> kFollowFields[] = {
    HALQA_FIELD(FollowRecord, follower), HALQA_FIELD(FollowRecord, followee),
    HALQA_TIME(FollowRecord, time), HALQA_FIELD(FollowRecord, removed)};

absl::Status ReadKind(const element& e, InteractionRecord* record) {
  absl::string_view name;
  HALQA_RETURN_IF_ERROR(Get("kind", e, &name));
  auto kind = ParseInteractionKind(name);
  if (!kind.ok()) return WithDetail(kind.status(), "field", "kind");
  record->kind = *kind;
  return absl::OkStatus();
}

absl::Status ReadCount(const element& e, InteractionRecord* record) {
  uint64_t count = 0;
  HALQA_RETURN_IF_ERROR(Get("count", e, &count));
  if (count == 0 || count > 0xffffffffu) {
    return Wrong("OUT_OF_RANGE", "count", "must be from 1 to 4294967295");
  }
  record->count = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

constexpr FieldReader<InteractionRecord> kInteractionFields[] = {
    HALQA_FIELD(InteractionRecord, actor),
    HALQA_FIELD(InteractionRecord, target),
    {"kind", ReadKind},
    {"count", ReadCount},
    HALQA_TIME(InteractionRecord, time),
    HALQA_FIELD(InteractionRecord, post),
    HALQA_FIELD(InteractionRecord, value_micros),
    HALQA_FIELD(InteractionRecord, sign),
    HALQA_FIELD(InteractionRecord, confidence)};

constexpr FieldReader<PostRecord> kPostFields[] = {
    HALQA_FIELD(PostRecord, external_id), HALQA_FIELD(PostRecord, author),
    HALQA_TIME(PostRecord, time),         HALQA_FIELD(PostRecord, text),
    HALQA_FIELD(PostRecord, hashtags),    HALQA_FIELD(PostRecord, language),
    HALQA_FIELD(PostRecord, media_kind),  HALQA_FIELD(PostRecord, sponsored),
    HALQA_FIELD(PostRecord, metrics)};

#undef HALQA_FIELD
#undef HALQA_TIME

template <typename Record, size_t n>
absl::Status ReadFields(const object& members, absl::string_view type,
                        const FieldReader<Record> (&fields)[n], Record* record) {
  for (const auto m : members) {
    const absl::string_view name = View(m.key);
    if (name == "type" || m.value.is_null()) continue;
    const FieldReader<Record>* reader = nullptr;
    for (const auto& f : fields) {
      if (f.name == name) reader = &f;
    }
    if (reader == nullptr) {
      return Wrong("UNKNOWN_FIELD", name, absl::StrCat("is no field of the record \"", type, "\""));
    }
    HALQA_RETURN_IF_ERROR(reader->read(m.value, record));
  }
  return absl::OkStatus();
}

absl::Status Require(absl::string_view field, absl::string_view value) {
  return value.empty() ? Wrong("MISSING_FIELD", field, "is missing") : absl::OkStatus();
}

absl::Status ReadAccount(const object& members, uint64_t line, ReadSession& session) {
  AccountRecord r;
  HALQA_RETURN_IF_ERROR(ReadFields(members, "account", kAccountFields, &r));
  HALQA_RETURN_IF_ERROR(Require("external_id", r.external_id));
  HALQA_RETURN_IF_ERROR(session.FirstOfItsName(r.external_id, line, Duplicates::kRefuse).status());
  return session.Emit(r);
}

absl::Status ReadFollow(const object& members, ReadSession& session) {
  FollowRecord r;
  HALQA_RETURN_IF_ERROR(ReadFields(members, "follow", kFollowFields, &r));
  HALQA_RETURN_IF_ERROR(Require("follower", r.follower));
  HALQA_RETURN_IF_ERROR(Require("followee", r.followee));
  return session.Emit(r, SelfLoops::kRefuse, false);
}

absl::Status ReadInteraction(const object& members, ReadSession& session) {
  InteractionRecord r;
  bool has_kind = false;
  for (const auto m : members) has_kind = has_kind || m.key == "kind";
  HALQA_RETURN_IF_ERROR(ReadFields(members, "interaction", kInteractionFields, &r));
  HALQA_RETURN_IF_ERROR(Require("actor", r.actor));
  HALQA_RETURN_IF_ERROR(Require("target", r.target));
  HALQA_RETURN_IF_ERROR(Require("kind", has_kind ? "yes" : ""));
  return session.Emit(r, SelfLoops::kRefuse);
}

absl::Status ReadPost(const object& members, uint64_t line, ReadSession& session) {
  PostRecord r;
  HALQA_RETURN_IF_ERROR(ReadFields(members, "post", kPostFields, &r));
  HALQA_RETURN_IF_ERROR(Require("external_id", r.external_id));
  HALQA_RETURN_IF_ERROR(Require("author", r.author));
  HALQA_RETURN_IF_ERROR(
      session.FirstOfItsName(absl::StrCat("post ", r.external_id), line, Duplicates::kRefuse)
          .status());
  return session.Emit(r);
}

}  // namespace

struct NdjsonRecords::Parser {
  simdjson::dom::parser json;
};

NdjsonRecords::NdjsonRecords() : parser_(std::make_unique<Parser>()) {}
NdjsonRecords::~NdjsonRecords() = default;

absl::Status NdjsonRecords::Read(absl::string_view line, uint64_t line_number,
                                 ReadSession& session) {
  object members;
  if (auto error = parser_->json.parse(line.data(), line.size(), true).get_object().get(members)) {
    const bool utf8 = error == simdjson::UTF8_ERROR;
    return MakeError(absl::StatusCode::kInvalidArgument, utf8 ? "INVALID_ENCODING" : "INVALID_JSON",
                     absl::StrCat("not a JSON object: ", simdjson::error_message(error)));
  }
  std::string_view type;
  if (members["type"].get_string().get(type)) {
    return Wrong("MISSING_FIELD", "type", "is missing (account, follow, interaction or post)");
  }
  if (type == "account") return ReadAccount(members, line_number, session);
  if (type == "follow") return ReadFollow(members, session);
  if (type == "interaction") return ReadInteraction(members, session);
  if (type == "post") return ReadPost(members, line_number, session);
  return Wrong("UNKNOWN_RECORD_TYPE", "type",
               absl::StrCat("\"", View(type), "\" is not account, follow, interaction or post"));
}

absl::Status ReadNdjsonFile(const std::string& path, ReadSession& session) {
  HALQA_ASSIGN_OR_RETURN(auto source, session.Open(path));
  LineReader lines(std::move(source), LineReaderOptions{.line_bytes_max = 16 << 20});
  NdjsonRecords records;
  absl::string_view line;
  for (;;) {
    HALQA_RETURN_IF_ERROR(session.Tick(lines.source()));
    auto more = lines.Next(&line);
    if (!more.ok()) return WithDetail(more.status(), "file", path);
    if (!*more) break;
    if (line.find_first_not_of(" \t\r") == absl::string_view::npos) continue;
    const absl::Status read = records.Read(line, lines.line_number(), session);
    if (!read.ok()) HALQA_RETURN_IF_ERROR(session.Refuse(read, lines.line_number(), line));
  }
  session.FinishFile(lines.source());
  return absl::OkStatus();
}

}  // namespace halqa
