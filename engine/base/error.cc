#include "engine/base/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"

namespace halqa {
namespace {

// Payload: length-prefixed key and value pairs; the pair with the empty key is the reason.
constexpr absl::string_view kPayloadUrl = "type.halqa/ErrorInfo";

std::map<std::string, std::string> Decode(const absl::Status& status) {
  std::map<std::string, std::string> values;
  auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return values;
  std::string bytes(*payload);
  absl::string_view in = bytes;
  absl::string_view key, value;
  while (!in.empty() && GetLengthPrefixed(&in, &key) && GetLengthPrefixed(&in, &value)) {
    values[std::string(key)] = std::string(value);
  }
  return values;
}

void Encode(const std::map<std::string, std::string>& values, absl::Status* status) {
  std::string bytes;
  for (const auto& [key, value] : values) {
    PutLengthPrefixed(key, &bytes);
    PutLengthPrefixed(value, &bytes);
  }
  status->SetPayload(kPayloadUrl, absl::Cord(bytes));
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                       std::initializer_list<ErrorDetail> details) {
  absl::Status status(code, message);
  std::map<std::string, std::string> values;
  values[""] = std::string(reason);
  for (const ErrorDetail& detail : details) values[std::string(detail.key)] = detail.value;
  Encode(values, &status);
  return status;
}

absl::Status FieldError(absl::string_view reason, absl::string_view field,
                        absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(field, ": ", message),
                   {{"field", std::string(field)}});
}

absl::Status WithDetail(absl::Status status, absl::string_view key, absl::string_view value) {
  if (status.ok()) return status;
  auto values = Decode(status);
  values[std::string(key)] = std::string(value);
  Encode(values, &status);
  return status;
}

absl::Status Annotate(const absl::Status& status, absl::string_view where) {
  // A message that names the file already is not given it a second time.
  const absl::string_view file = where.substr(0, where.find(':'));
  if (!file.empty() && absl::StartsWith(status.message(), file)) return status;
  if (status.ok()) return status;
  absl::Status out(status.code(), absl::StrCat(where, ": ", status.message()));
  Encode(Decode(status), &out);
  return out;
}

std::string ErrorReason(const absl::Status& status) {
  auto values = Decode(status);
  auto it = values.find("");
  return it == values.end() ? "" : it->second;
}

std::map<std::string, std::string> ErrorDetails(const absl::Status& status) {
  auto values = Decode(status);
  values.erase("");
  return values;
}

}  // namespace halqa
