#include "engine/store/purge_filter.h"

#include <string>
#include <vector>

#include "engine/base/coding.h"

namespace halqa::store {
namespace {

using Decision = rocksdb::CompactionFilter::Decision;

template <typename Entry>
struct Lists;
template <>
struct Lists<FollowEntry> {
  static absl::Status Decode(absl::string_view b, std::vector<FollowEntry>* e) {
    return DecodeFollows(b, e);
  }
  static std::string Encode(const std::vector<FollowEntry>& e) { return EncodeFollows(e); }
  static void DropBefore(UnixSeconds h, std::vector<FollowEntry>* e) { DropFollowsBefore(h, e); }
};
template <>
struct Lists<InteractionEntry> {
  static absl::Status Decode(absl::string_view b, std::vector<InteractionEntry>* e) {
    return DecodeInteractions(b, e);
  }
  static std::string Encode(const std::vector<InteractionEntry>& e) {
    return EncodeInteractions(e);
  }
  static void DropBefore(UnixSeconds h, std::vector<InteractionEntry>* e) {
    DropInteractionsBefore(h, e);
  }
};

template <typename Entry>
class PurgeFilter : public rocksdb::CompactionFilter {
 public:
  explicit PurgeFilter(PurgeRules::Rules rules) : rules_(std::move(rules)) {}
  const char* Name() const override { return "halqa.purge.1"; }

  Decision FilterV2(int, const rocksdb::Slice& key, ValueType type, const rocksdb::Slice& value,
                    std::string* changed, std::string*) const override {
    if (type != ValueType::kValue || key.size() < 4) return Decision::kKeep;
    const uint32_t src = DecodeFixed32BE({key.data(), key.size()});
    if (rules_.mask != nullptr && rules_.mask->Hidden(src)) return Decision::kRemove;
    std::vector<Entry> entries;
    // A damaged value is kept as it is: the reader reports it.
    if (!Lists<Entry>::Decode({value.data(), value.size()}, &entries).ok()) return Decision::kKeep;
    const size_t before = entries.size();
    const bool masked = rules_.mask != nullptr && rules_.mask->Apply(src, &entries);
    if (rules_.horizon > 0) Lists<Entry>::DropBefore(rules_.horizon, &entries);
    if (entries.empty()) return Decision::kRemove;
    if (!masked && entries.size() == before) return Decision::kKeep;
    *changed = Lists<Entry>::Encode(entries);
    return Decision::kChangeValue;
  }

 private:
  const PurgeRules::Rules rules_;
};

template <typename Entry>
class PurgeFactory : public rocksdb::CompactionFilterFactory {
 public:
  explicit PurgeFactory(std::shared_ptr<const PurgeRules> rules) : rules_(std::move(rules)) {}
  const char* Name() const override { return "halqa.purge_factory.1"; }

  // No filter at all while there is nothing to remove: it would decode every value for nothing.
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    PurgeRules::Rules rules = rules_->Get();
    const bool idle = (rules.mask == nullptr || rules.mask->empty()) && rules.horizon == 0;
    if (idle) return nullptr;
    return std::make_unique<PurgeFilter<Entry>>(std::move(rules));
  }

 private:
  const std::shared_ptr<const PurgeRules> rules_;
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> PurgeFilterFactory(
    Family family, std::shared_ptr<const PurgeRules> rules) {
  if (family == Family::kFollowOut)
    return std::make_shared<PurgeFactory<FollowEntry>>(std::move(rules));
  if (family == Family::kInteractOut)
    return std::make_shared<PurgeFactory<InteractionEntry>>(std::move(rules));
  return nullptr;
}

}  // namespace halqa::store
