#pragma once
// Settings, jobs and generation descriptions as bytes of the store, and back.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa::store {

struct Settings {
  uint64_t name_threshold = 1000;
  bool invented = false;
  std::string title;
};
std::string EncodeSettings(const Settings& settings);
absl::StatusOr<Settings> DecodeSettings(absl::string_view bytes);

struct JobRow {
  uint64_t id = 0;
  std::string kind;
  std::map<std::string, std::string> parameters;
  std::string state;  // QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED, INTERRUPTED
  double progress = 0;
  std::string stage;
  int64_t created_at = 0, started_at = 0, ended_at = 0;
  int32_t error_code = 0;
  std::string error_reason, error_message;
  uint64_t estimated_bytes = 0;
  uint32_t generation = 0;
  std::map<std::string, std::string> result;
};
std::string EncodeJob(const JobRow& job);
absl::StatusOr<JobRow> DecodeJob(absl::string_view bytes);

struct GenerationInfo {
  uint32_t generation = 0;
  uint64_t timeline = 0, lsn = 0, chain = 0;  // the snapshot it was computed from
  uint32_t accounts = 0;
  uint64_t follows = 0, arcs = 0;
  int64_t created_at = 0, data_as_of = 0;
  std::map<std::string, std::string> parameters;
  std::map<std::string, uint32_t> versions;
  std::vector<std::string> topics;
  std::map<std::string, double> figures;
};
std::string EncodeGeneration(const GenerationInfo& info);
absl::StatusOr<GenerationInfo> DecodeGeneration(absl::string_view bytes);

struct NicheRow {
  uint32_t id = 0;
  uint32_t size = 0;
  std::vector<std::string> labels;
  double insularity = 0;
  std::vector<uint32_t> top_accounts;
  std::map<std::string, double> topic_shares;
};
std::string EncodeNiche(const NicheRow& niche);
absl::StatusOr<NicheRow> DecodeNiche(absl::string_view bytes);

}  // namespace halqa::store
