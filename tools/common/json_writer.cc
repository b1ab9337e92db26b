#include "tools/common/json_writer.h"

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/formats/json_text.h"

namespace halqa {

void JsonWriter::Separate() {
  if (!first_ && !after_key_) text_.push_back(',');
  first_ = false;
  after_key_ = false;
}

JsonWriter& JsonWriter::Begin(char open, char close) {
  Separate();
  text_.push_back(open);
  closers_.push_back(close);
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::End() {
  HALQA_CHECK(!closers_.empty() && !after_key_);
  text_.push_back(closers_.back());
  closers_.pop_back();
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::Key(absl::string_view name) {
  HALQA_CHECK(!closers_.empty() && closers_.back() == '}' && !after_key_);
  Separate();
  AppendJsonString(name, &text_);
  text_.push_back(':');
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(absl::string_view value) {
  Separate();
  AppendJsonString(value, &text_);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) { return Raw(absl::StrCat(value)); }
JsonWriter& JsonWriter::UInt(uint64_t value) { return Raw(absl::StrCat(value)); }
JsonWriter& JsonWriter::Bool(bool value) { return Raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::Null() { return Raw("null"); }

JsonWriter& JsonWriter::Number(double value) {
  Separate();
  AppendJsonNumber(value, &text_);
  return *this;
}

JsonWriter& JsonWriter::Raw(absl::string_view json) {
  Separate();
  text_.append(json.data(), json.size());
  return *this;
}

}  // namespace halqa
