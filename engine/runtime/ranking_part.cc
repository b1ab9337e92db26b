#include "engine/runtime/ranking_part.h"

#include <cstring>

#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/generation_codec.h"

namespace halqa::runtime {
namespace {

constexpr absl::string_view kHead = "halqa ranking part 1\n";

template <typename T>
void PutValues(const std::vector<T>& values, std::string* out) {
  PutLengthPrefixed({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}, out);
}

template <typename T>
bool GetValues(absl::string_view* in, std::vector<T>* values) {
  absl::string_view bytes;
  if (!GetLengthPrefixed(in, &bytes) || bytes.size() % sizeof(T) != 0) return false;
  values->resize(bytes.size() / sizeof(T));
  if (!bytes.empty()) std::memcpy(values->data(), bytes.data(), bytes.size());
  return true;
}

std::string Encode(absl::string_view key, const RankingPart& part) {
  std::string out(kHead);
  PutLengthPrefixed(key, &out);
  PutVarint64(part.stages_done, &out);
  PutLengthPrefixed(store::EncodeGeneration(part.generation.info), &out);
  (void)ForEachColumn(part.generation.columns, [&](absl::string_view, const auto& values) {
    PutValues(values, &out);
    return absl::OkStatus();
  });
  PutVarint64(part.generation.topics.size(), &out);
  for (const TopicScores& topic : part.generation.topics) {
    PutLengthPrefixed(topic.topic, &out);
    PutLengthPrefixed(EncodeTopic(topic), &out);
  }
  PutVarint64(part.generation.niches.size(), &out);
  for (const store::NicheRow& niche : part.generation.niches) {
    PutLengthPrefixed(store::EncodeNiche(niche), &out);
  }
  PutValues(part.communities, &out);
  PutFixed64BE(Checksum64(out), &out);
  return out;
}

bool DecodeLists(absl::string_view* in, Generation* g) {
  uint64_t count = 0;
  absl::string_view name, bytes;
  if (!GetVarint64(in, &count)) return false;
  for (uint64_t i = 0; i < count; ++i) {
    if (!GetLengthPrefixed(in, &name) || !GetLengthPrefixed(in, &bytes)) return false;
    auto topic = DecodeTopic(name, bytes);
    if (!topic.ok()) return false;
    g->topics.push_back(*std::move(topic));
  }
  if (!GetVarint64(in, &count)) return false;
  for (uint64_t i = 0; i < count; ++i) {
    if (!GetLengthPrefixed(in, &bytes)) return false;
    auto niche = store::DecodeNiche(bytes);
    if (!niche.ok()) return false;
    g->niches.push_back(*std::move(niche));
  }
  return true;
}

bool Decode(absl::string_view in, absl::string_view key, RankingPart* part) {
  absl::string_view bytes;
  uint64_t done = 0;
  if (!GetLengthPrefixed(&in, &bytes) || bytes != key || !GetVarint64(&in, &done)) return false;
  part->stages_done = static_cast<uint32_t>(done);
  if (!GetLengthPrefixed(&in, &bytes)) return false;
  auto info = store::DecodeGeneration(bytes);
  if (!info.ok()) return false;
  part->generation.info = *std::move(info);
  bool good = true;
  (void)ForEachColumn(part->generation.columns, [&](absl::string_view, auto& values) {
    good = good && GetValues(&in, &values);
    return absl::OkStatus();
  });
  return good && DecodeLists(&in, &part->generation) && GetValues(&in, &part->communities) &&
         in.empty();
}

}  // namespace

std::string RankingPartPath(const store::Store& db) { return db.directory() + "/ranking.part"; }

absl::Status SaveRankingPart(const std::string& path, absl::string_view key,
                             const RankingPart& part) {
  return WriteFileDurably(path, Encode(key, part));
}

std::optional<RankingPart> LoadRankingPart(const std::string& path, absl::string_view key) {
  const auto file = ReadFile(path);
  if (!file.ok() || file->size() < kHead.size() + 8) return std::nullopt;
  absl::string_view bytes(*file);
  const absl::string_view body = bytes.substr(0, bytes.size() - 8);
  if (Checksum64(body) != DecodeFixed64BE(bytes.substr(body.size()))) return std::nullopt;
  if (body.substr(0, kHead.size()) != kHead) return std::nullopt;
  RankingPart part;
  if (!Decode(body.substr(kHead.size()), key, &part)) return std::nullopt;
  return part;
}

}  // namespace halqa::runtime
