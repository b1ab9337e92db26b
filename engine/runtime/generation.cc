#include "engine/runtime/generation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/generation_codec.h"

namespace halqa::runtime {
namespace {

using store::Family;

// Keys inside a generation's family, in this order: "c/" columns, "i" info, "n/" niches, "t/"
// topics.
constexpr size_t kBlockValues = 1 << 16;

std::string BlockKey(absl::string_view column, uint32_t block) {
  std::string key = absl::StrCat("c/", column, "/");
  PutFixed32BE(block, &key);
  return key;
}

// A block is its values (little-endian) and their checksum.
template <typename T>
absl::Status PutColumn(absl::string_view name, const std::vector<T>& values,
                       store::SstBuilder* sst) {
  for (size_t from = 0, block = 0; from < values.size(); from += kBlockValues, ++block) {
    const size_t count = std::min(kBlockValues, values.size() - from);
    std::string bytes(reinterpret_cast<const char*>(values.data() + from), count * sizeof(T));
    PutFixed64BE(Checksum64(bytes), &bytes);
    HALQA_RETURN_IF_ERROR(sst->Put(BlockKey(name, static_cast<uint32_t>(block)), bytes));
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status GetColumn(const store::Store& db, Family family, absl::string_view name, size_t count,
                       std::vector<T>* values) {
  values->reserve(count);
  absl::Status status;
  auto row = [&](absl::string_view, absl::string_view value) {
    if (value.size() < 8 || (value.size() - 8) % sizeof(T) != 0)
      return status = GenerationCorrupt(name), false;
    const absl::string_view bytes = value.substr(0, value.size() - 8);
    if (Checksum64(bytes) != DecodeFixed64BE(value.substr(bytes.size()))) {
      return status = GenerationCorrupt(absl::StrCat(name, " has a wrong checksum")), false;
    }
    const size_t before = values->size();
    values->resize(before + bytes.size() / sizeof(T));
    std::memcpy(values->data() + before, bytes.data(), bytes.size());
    return true;
  };
  HALQA_RETURN_IF_ERROR(db.Scan(family, BlockKey(name, 0), BlockKey(name, 0xffffffffu), row));
  HALQA_RETURN_IF_ERROR(status);
  return values->size() == count ? absl::OkStatus()
                                 : GenerationCorrupt(absl::StrCat(name, " is not whole"));
}

std::string NicheKey(uint32_t id) {
  std::string key = "n/";
  PutFixed32BE(id, &key);
  return key;
}

absl::Status WriteGeneration(store::Store& db, const Generation& g) {
  const uint32_t number = g.info.generation;
  HALQA_RETURN_IF_ERROR(db.CreateGeneration(number));
  HALQA_ASSIGN_OR_RETURN(auto sst, db.NewSst(store::GenerationFamily(number)));
  HALQA_RETURN_IF_ERROR(ForEachColumn(g.columns, [&](absl::string_view name, const auto& values) {
    return PutColumn(name, values, sst.get());
  }));
  HALQA_RETURN_IF_ERROR(sst->Put("i", store::EncodeGeneration(g.info)));
  for (const store::NicheRow& niche : g.niches) {
    HALQA_RETURN_IF_ERROR(sst->Put(NicheKey(niche.id), store::EncodeNiche(niche)));
  }
  for (const TopicScores& topic : g.topics) {
    HALQA_RETURN_IF_ERROR(sst->Put(absl::StrCat("t/", topic.topic), EncodeTopic(topic)));
  }
  HALQA_RETURN_IF_ERROR(sst->Finish());
  return db.Ingest({sst.get()});
}

absl::StatusOr<uint32_t> ReadNumber(const store::Store& db, absl::string_view key) {
  HALQA_ASSIGN_OR_RETURN(auto value, db.Get(Family::kMeta, key));
  if (!value) return 0;
  if (value->size() != 4) return GenerationCorrupt(key);
  return DecodeFixed32BE(*value);
}

std::string Number(uint32_t value) {
  std::string out;
  PutFixed32BE(value, &out);
  return out;
}

template <typename T>
absl::Status LoadRows(
    const store::Store& db, Family family, absl::string_view from, absl::string_view to,
    const std::function<absl::StatusOr<T>(absl::string_view, absl::string_view)>& decode,
    std::vector<T>* out) {
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    auto decoded = decode(key, value);
    status = decoded.status();
    if (status.ok()) out->push_back(*std::move(decoded));
    return status.ok();
  };
  HALQA_RETURN_IF_ERROR(db.Scan(family, from, to, row));
  return status;
}

}  // namespace

const TopicScores* Generation::FindTopic(absl::string_view topic) const {
  auto it =
      std::lower_bound(topics.begin(), topics.end(), topic,
                       [](const TopicScores& t, absl::string_view id) { return t.topic < id; });
  return it != topics.end() && it->topic == topic ? &*it : nullptr;
}

const store::NicheRow* Generation::FindNiche(uint32_t id) const {
  auto it =
      std::lower_bound(niches.begin(), niches.end(), id,
                       [](const store::NicheRow& n, uint32_t wanted) { return n.id < wanted; });
  return it != niches.end() && it->id == id ? &*it : nullptr;
}

int Generation::EngagedWindowDays() const {
  auto it = info.parameters.find("engaged_window_days");
  double days = 0;
  if (it == info.parameters.end() || !absl::SimpleAtod(it->second, &days)) return 0;
  return static_cast<int>(days);
}

std::vector<bool> GenerationColumns::Connected() const {
  absl::flat_hash_map<uint32_t, uint32_t> members;
  for (uint32_t component : weak_component) ++members[component];
  std::vector<bool> connected(weak_component.size());
  for (size_t i = 0; i < connected.size(); ++i) connected[i] = members[weak_component[i]] > 1;
  return connected;
}

std::string FigureText(double value) {
  constexpr double kExact = 9007199254740992;  // 2^53
  const bool whole = std::abs(value) < kExact && std::trunc(value) == value;
  return whole ? absl::StrCat(static_cast<int64_t>(value)) : absl::StrFormat("%.6g", value);
}

absl::Status PublishGeneration(store::Store& db, Generation* generation, int keep) {
  HALQA_ASSIGN_OR_RETURN(const uint32_t next, ReadNumber(db, store::meta::kNextGeneration));
  generation->info.generation = std::max(next, 1u);
  generation->info.created_at = std::time(nullptr);
  HALQA_RETURN_IF_ERROR(DropOrphanGenerations(db));  // of an earlier try that failed
  HALQA_RETURN_IF_ERROR(WriteGeneration(db, *generation));
  store::Batch flip;
  flip.Put(Family::kMeta, store::meta::kCurrentGeneration, Number(generation->info.generation));
  flip.Put(Family::kMeta, store::meta::kNextGeneration, Number(generation->info.generation + 1));
  HALQA_RETURN_IF_ERROR(db.Write(flip, store::Durability::kSync));
  std::vector<uint32_t> kept = db.Generations();
  while (kept.size() > static_cast<size_t>(std::max(keep, 1))) {
    if (!db.DropGeneration(kept.front()).ok()) break;  // the next publication tries again
    kept.erase(kept.begin());
  }
  return absl::OkStatus();
}

absl::Status DropOrphanGenerations(store::Store& db) {
  HALQA_ASSIGN_OR_RETURN(const uint32_t current, ReadNumber(db, store::meta::kCurrentGeneration));
  for (uint32_t generation : db.Generations()) {
    if (generation > current) HALQA_RETURN_IF_ERROR(db.DropGeneration(generation));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<store::GenerationInfo>> LoadCurrentInfo(const store::Store& db) {
  HALQA_ASSIGN_OR_RETURN(const uint32_t current, ReadNumber(db, store::meta::kCurrentGeneration));
  if (current == 0) return std::optional<store::GenerationInfo>();
  HALQA_ASSIGN_OR_RETURN(const auto info, db.Get(store::GenerationFamily(current), "i"));
  if (!info) return GenerationCorrupt("its description is missing");
  HALQA_ASSIGN_OR_RETURN(auto decoded, store::DecodeGeneration(*info));
  return std::optional<store::GenerationInfo>(std::move(decoded));
}

absl::StatusOr<std::shared_ptr<const Generation>> LoadCurrentGeneration(const store::Store& db) {
  HALQA_ASSIGN_OR_RETURN(auto info, LoadCurrentInfo(db));
  if (!info.has_value()) return std::shared_ptr<const Generation>();
  auto g = std::make_shared<Generation>();
  g->info = *std::move(info);
  const Family family = store::GenerationFamily(g->info.generation);
  HALQA_RETURN_IF_ERROR(ForEachColumn(g->columns, [&](absl::string_view name, auto& values) {
    return GetColumn(db, family, name, g->info.accounts, &values);
  }));
  HALQA_RETURN_IF_ERROR(LoadRows<store::NicheRow>(
      db, family, "n/", "n0",
      [](absl::string_view, absl::string_view v) { return store::DecodeNiche(v); }, &g->niches));
  HALQA_RETURN_IF_ERROR(LoadRows<TopicScores>(
      db, family, "t/", "t0",
      [](absl::string_view k, absl::string_view v) { return DecodeTopic(k.substr(2), v); },
      &g->topics));
  return std::shared_ptr<const Generation>(std::move(g));
}

}  // namespace halqa::runtime
