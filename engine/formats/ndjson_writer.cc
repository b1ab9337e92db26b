#include "engine/formats/ndjson_writer.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/formats/json_text.h"

namespace halqa {
namespace {

// Appends `"name":value` pairs after the record type, leaving out what is not known.
class Fields {
 public:
  Fields(absl::string_view type, std::string* out) : out_(out) {
    absl::StrAppend(out_, "{\"type\":\"", type, "\"");
  }
  void Name(absl::string_view name) { absl::StrAppend(out_, ",\"", name, "\":"); }
  void Text(absl::string_view name, absl::string_view value) {
    if (value.empty()) return;
    Name(name);
    AppendJsonString(value, out_);
  }
  void Text(absl::string_view name, const std::optional<std::string>& value) {
    if (!value.has_value()) return;
    Name(name);
    AppendJsonString(*value, out_);
  }
  void Bool(absl::string_view name, const std::optional<bool>& value) {
    if (!value.has_value()) return;
    Name(name);
    out_->append(*value ? "true" : "false");
  }
  template <typename Integer>
  void Int(absl::string_view name, const std::optional<Integer>& value) {
    if (!value.has_value()) return;
    Name(name);
    absl::StrAppend(out_, *value);
  }
  void Number(absl::string_view name, double value) {
    Name(name);
    AppendJsonNumber(value, out_);
  }
  void Time(absl::string_view name, UnixSeconds value) {
    if (value == 0) return;
    Name(name);
    absl::StrAppend(out_, value);
  }
  void List(absl::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    Name(name);
    char separator = '[';
    for (const std::string& v : values) {
      out_->push_back(separator);
      AppendJsonString(v, out_);
      separator = ',';
    }
    out_->push_back(']');
  }
  void End() { out_->append("}\n"); }

 private:
  std::string* out_;
};

void AppendPrices(const std::vector<Price>& prices, Fields* f, std::string* out) {
  if (prices.empty()) return;
  f->Name("prices");
  char separator = '[';
  for (const Price& p : prices) {
    out->push_back(separator);
    out->append("{\"format\":");
    AppendJsonString(p.format, out);
    out->append(",\"currency\":");
    AppendJsonString(p.currency, out);
    absl::StrAppend(out, ",\"amount_micros\":", p.amount_micros, "}");
    separator = ',';
  }
  out->push_back(']');
}

void AppendProvenance(const Provenance& p, std::string* out) {
  if (p.source.empty() && p.legal_basis.empty() && p.collected_at == 0 && p.expires_at == 0) return;
  out->append(",\"provenance\":{\"source\":");
  AppendJsonString(p.source, out);
  if (!p.legal_basis.empty()) {
    out->append(",\"legal_basis\":");
    AppendJsonString(p.legal_basis, out);
  }
  if (p.collected_at != 0) absl::StrAppend(out, ",\"collected_at\":", p.collected_at);
  if (p.expires_at != 0) absl::StrAppend(out, ",\"expires_at\":", p.expires_at);
  out->push_back('}');
}

}  // namespace

void AppendRecordJson(const AccountRecord& r, std::string* out) {
  Fields f("account", out);
  f.Text("external_id", absl::string_view(r.external_id));
  f.Text("handle", r.handle);
  f.Text("display_name", r.display_name);
  f.Text("bio", r.bio);
  f.Text("url", r.url);
  f.Text("country", r.country);
  f.Text("city", r.city);
  f.Text("category", r.category);
  f.List("languages", r.languages);
  f.List("hashtags", r.hashtags);
  f.List("lists", r.lists);
  f.Bool("verified", r.verified);
  f.Bool("is_public", r.is_public);
  f.Bool("opted_in", r.opted_in);
  f.Int("declared_followers", r.declared_followers);
  f.Int("declared_following", r.declared_following);
  AppendPrices(r.prices, &f, out);
  f.Text("creator_id", r.creator_id);
  if (r.creator_id.has_value()) f.Number("creator_probability", r.creator_probability);
  f.Text("creator_evidence", absl::string_view(r.creator_evidence));
  if (!r.attributes.empty()) {
    f.Name("attributes");
    char separator = '{';
    for (const auto& [name, value] : r.attributes) {
      out->push_back(separator);
      AppendJsonString(name, out);
      out->push_back(':');
      AppendJsonString(value, out);
      separator = ',';
    }
    out->push_back('}');
  }
  AppendProvenance(r.provenance, out);
  f.End();
}

void AppendRecordJson(const FollowRecord& r, std::string* out) {
  Fields f("follow", out);
  f.Text("follower", r.follower);
  f.Text("followee", r.followee);
  f.Time("time", r.time);
  if (r.removed) f.Bool("removed", true);
  f.End();
}

void AppendRecordJson(const InteractionRecord& r, std::string* out) {
  Fields f("interaction", out);
  f.Text("actor", r.actor);
  f.Text("target", r.target);
  f.Text("kind", InteractionKindName(r.kind));
  f.Int("count", std::optional<uint32_t>(r.count));
  f.Time("time", r.time);
  f.Text("post", r.post);
  f.Int("value_micros", r.value_micros);
  if (r.sign.has_value()) f.Number("sign", static_cast<double>(*r.sign));
  if (r.confidence.has_value()) f.Number("confidence", static_cast<double>(*r.confidence));
  f.End();
}

void AppendRecordJson(const PostRecord& r, std::string* out) {
  Fields f("post", out);
  f.Text("external_id", absl::string_view(r.external_id));
  f.Text("author", absl::string_view(r.author));
  f.Time("time", r.time);
  f.Text("text", absl::string_view(r.text));
  f.List("hashtags", r.hashtags);
  f.Text("language", absl::string_view(r.language));
  f.Text("media_kind", absl::string_view(r.media_kind));
  f.Bool("sponsored", r.sponsored);
  if (!r.metrics.empty()) {
    f.Name("metrics");
    char separator = '{';
    for (const auto& [name, value] : r.metrics) {
      out->push_back(separator);
      AppendJsonString(name, out);
      absl::StrAppend(out, ":", value);
      separator = ',';
    }
    out->push_back('}');
  }
  f.End();
}

absl::Status NdjsonWriter::Flush() {
  HALQA_RETURN_IF_ERROR(sink_->Write(buffer_));
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status NdjsonWriter::Close() {
  HALQA_RETURN_IF_ERROR(Flush());
  return sink_->Close();
}

}  // namespace halqa
