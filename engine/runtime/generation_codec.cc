#include "engine/runtime/generation_codec.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"

namespace halqa::runtime {
namespace {

bool DecodeTopicBody(absl::string_view in, TopicScores* topic) {
  uint64_t bits = 0, count = 0, value = 0;
  if (!GetVarint64(&in, &topic->evidence_accounts) || !GetFixed64BE(&in, &bits)) return false;
  std::memcpy(&topic->mass, &bits, 8);
  if (!GetVarint64(&in, &count)) return false;
  for (uint64_t i = 0; i < count; ++i) {
    if (!GetVarint64(&in, &value)) return false;
    topic->leaders.push_back(AccountId{static_cast<uint32_t>(value)});
  }
  if (!GetVarint64(&in, &count)) return false;
  uint32_t previous = 0;
  for (uint64_t i = 0; i < count; ++i) {
    if (!GetVarint64(&in, &value) || !GetFixed64BE(&in, &bits)) return false;
    previous += static_cast<uint32_t>(value);
    discovery::TopicEntry entry{AccountId{previous}, 0};
    std::memcpy(&entry.value, &bits, 8);
    topic->entries.push_back(entry);
  }
  return in.empty();
}

}  // namespace

absl::Status GenerationCorrupt(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "GENERATION_CORRUPT",
                   absl::StrCat("generation: ", what, "; run the ranking again"));
}

std::string EncodeTopic(const TopicScores& topic) {
  std::string out;
  PutVarint64(topic.evidence_accounts, &out);
  uint64_t mass = 0;
  std::memcpy(&mass, &topic.mass, 8);
  PutFixed64BE(mass, &out);
  PutVarint64(topic.leaders.size(), &out);
  for (AccountId id : topic.leaders) PutVarint64(Raw(id), &out);
  PutVarint64(topic.entries.size(), &out);
  uint32_t previous = 0;
  for (const discovery::TopicEntry& e : topic.entries) {
    PutVarint64(Raw(e.account) - previous, &out);
    previous = Raw(e.account);
    uint64_t bits = 0;
    std::memcpy(&bits, &e.value, 8);
    PutFixed64BE(bits, &out);
  }
  PutFixed64BE(Checksum64(out), &out);
  return out;
}

absl::StatusOr<TopicScores> DecodeTopic(absl::string_view name, absl::string_view bytes) {
  TopicScores topic;
  topic.topic = std::string(name);
  if (bytes.size() < 8) return GenerationCorrupt(absl::StrCat("topic ", name));
  const absl::string_view body = bytes.substr(0, bytes.size() - 8);
  const bool whole = Checksum64(body) == DecodeFixed64BE(bytes.substr(body.size()));
  if (!whole || !DecodeTopicBody(body, &topic))
    return GenerationCorrupt(absl::StrCat("topic ", name));
  return topic;
}

}  // namespace halqa::runtime
