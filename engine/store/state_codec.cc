#include "engine/store/state_codec.h"

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/store/proto_bytes.h"
#include "halqa/storage/v1/state.pb.h"

namespace halqa::store {
namespace {

namespace pb = halqa::storage::v1;

template <typename Proto>
absl::StatusOr<Proto> Parse(absl::string_view bytes, absl::string_view what) {
  Proto p;
  if (!p.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return MakeError(absl::StatusCode::kDataLoss, "STATE_ROW_CORRUPT",
                     absl::StrCat(what, " row is damaged"));
  }
  return p;
}

template <typename From, typename To>
void CopyMap(const From& from, To* to) {
  for (const auto& [key, value] : from) (*to)[key] = value;
}

}  // namespace

std::string EncodeSettings(const Settings& settings) {
  pb::StoredSettings p;
  p.set_name_threshold(settings.name_threshold);
  p.set_invented(settings.invented);
  p.set_title(settings.title);
  return DeterministicBytes(p);
}

absl::StatusOr<Settings> DecodeSettings(absl::string_view bytes) {
  auto p = Parse<pb::StoredSettings>(bytes, "settings");
  if (!p.ok()) return p.status();
  return Settings{p->name_threshold(), p->invented(), p->title()};
}

std::string EncodeJob(const JobRow& job) {
  pb::StoredJob p;
  p.set_id(job.id);
  p.set_kind(job.kind);
  CopyMap(job.parameters, p.mutable_parameters());
  p.set_state(job.state);
  p.set_progress(job.progress);
  p.set_stage(job.stage);
  p.set_created_at(job.created_at);
  p.set_started_at(job.started_at);
  p.set_ended_at(job.ended_at);
  p.set_error_code(job.error_code);
  p.set_error_reason(job.error_reason);
  p.set_error_message(job.error_message);
  p.set_estimated_bytes(job.estimated_bytes);
  p.set_generation(job.generation);
  CopyMap(job.result, p.mutable_result());
  return DeterministicBytes(p);
}

absl::StatusOr<JobRow> DecodeJob(absl::string_view bytes) {
  auto p = Parse<pb::StoredJob>(bytes, "job");
  if (!p.ok()) return p.status();
  JobRow job;
  job.id = p->id();
  job.kind = p->kind();
  CopyMap(p->parameters(), &job.parameters);
  job.state = p->state();
  job.progress = p->progress();
  job.stage = p->stage();
  job.created_at = p->created_at();
  job.started_at = p->started_at();
  job.ended_at = p->ended_at();
  job.error_code = p->error_code();
  job.error_reason = p->error_reason();
  job.error_message = p->error_message();
  job.estimated_bytes = p->estimated_bytes();
  job.generation = p->generation();
  CopyMap(p->result(), &job.result);
  return job;
}

std::string EncodeGeneration(const GenerationInfo& info) {
  pb::StoredGeneration p;
  p.set_generation(info.generation);
  p.set_timeline(info.timeline);
  p.set_lsn(info.lsn);
  p.set_chain(info.chain);
  p.set_accounts(info.accounts);
  p.set_follows(info.follows);
  p.set_arcs(info.arcs);
  p.set_created_at(info.created_at);
  p.set_data_as_of(info.data_as_of);
  CopyMap(info.parameters, p.mutable_parameters());
  CopyMap(info.versions, p.mutable_versions());
  for (const auto& topic : info.topics) p.add_topics(topic);
  CopyMap(info.figures, p.mutable_figures());
  return DeterministicBytes(p);
}

absl::StatusOr<GenerationInfo> DecodeGeneration(absl::string_view bytes) {
  auto p = Parse<pb::StoredGeneration>(bytes, "generation");
  if (!p.ok()) return p.status();
  GenerationInfo info;
  info.generation = p->generation();
  info.timeline = p->timeline();
  info.lsn = p->lsn();
  info.chain = p->chain();
  info.accounts = p->accounts();
  info.follows = p->follows();
  info.arcs = p->arcs();
  info.created_at = p->created_at();
  info.data_as_of = p->data_as_of();
  CopyMap(p->parameters(), &info.parameters);
  CopyMap(p->versions(), &info.versions);
  info.topics.assign(p->topics().begin(), p->topics().end());
  CopyMap(p->figures(), &info.figures);
  return info;
}

std::string EncodeNiche(const NicheRow& niche) {
  pb::StoredNiche p;
  p.set_id(niche.id);
  p.set_size(niche.size);
  for (const auto& label : niche.labels) p.add_labels(label);
  p.set_insularity(niche.insularity);
  for (uint32_t id : niche.top_accounts) p.add_top_accounts(id);
  CopyMap(niche.topic_shares, p.mutable_topic_shares());
  return DeterministicBytes(p);
}

absl::StatusOr<NicheRow> DecodeNiche(absl::string_view bytes) {
  auto p = Parse<pb::StoredNiche>(bytes, "niche");
  if (!p.ok()) return p.status();
  NicheRow niche;
  niche.id = p->id();
  niche.size = p->size();
  niche.labels.assign(p->labels().begin(), p->labels().end());
  niche.insularity = p->insularity();
  niche.top_accounts.assign(p->top_accounts().begin(), p->top_accounts().end());
  CopyMap(p->topic_shares(), &niche.topic_shares);
  return niche;
}

}  // namespace halqa::store
