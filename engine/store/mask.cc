#include "engine/store/mask.h"

#include <algorithm>

#include "engine/base/coding.h"
#include "engine/base/status_macros.h"
#include "engine/store/source_codec.h"
#include "engine/store/store.h"

namespace halqa::store {

void Mask::MarkSpecial(uint32_t account) {
  if (account >= special_.size()) special_.resize(uint64_t{account} + 1);
  special_[account] = true;
  accounts_ = true;
}

void Mask::Erase(uint32_t account) {
  MarkSpecial(account);
  aliases_.erase(account);
}

void Mask::Alias(uint32_t alias, uint32_t canonical) {
  MarkSpecial(alias);
  aliases_[alias] = canonical;
}

template <typename Entry>
bool Mask::ApplyTo(uint32_t src, std::vector<Entry>* entries) const {
  bool renamed = false;
  auto hidden = [&](Entry& e) {
    const uint32_t dst = Canonical(e.dst);
    if (SourceHidden(e.source) || Hidden(dst)) return true;
    renamed |= dst != e.dst;
    e.dst = dst;
    return dst == src;
  };
  const size_t before = entries->size();
  entries->erase(std::remove_if(entries->begin(), entries->end(), hidden), entries->end());
  if (renamed) {
    if constexpr (std::is_same_v<Entry, FollowEntry>) {
      NormaliseFollows(entries);
    } else {
      NormaliseInteractions(entries);
    }
  }
  return renamed || entries->size() != before;
}

bool Mask::Apply(uint32_t src, std::vector<FollowEntry>* entries) const {
  return !empty() && ApplyTo(src, entries);
}
bool Mask::Apply(uint32_t src, std::vector<InteractionEntry>* entries) const {
  return !empty() && ApplyTo(src, entries);
}

absl::StatusOr<std::shared_ptr<const Mask>> LoadMask(const Store& db, const ReadView* view) {
  auto mask = std::make_shared<Mask>();
  absl::Status status;
  HALQA_RETURN_IF_ERROR(db.Scan(
      Family::kAlias, "", "",
      [&](absl::string_view key, absl::string_view value) {
        mask->Alias(DecodeFixed32BE(key), DecodeFixed32BE(value));
        return true;
      },
      view));
  HALQA_RETURN_IF_ERROR(db.Scan(
      Family::kErased, "", "",
      [&](absl::string_view key, absl::string_view) {
        mask->Erase(DecodeFixed32BE(key));
        return true;
      },
      view));
  auto source = [&](absl::string_view key, absl::string_view value) {
    const auto row = DecodeSource(value);
    status = row.status();
    if (!status.ok()) return false;
    if (row->undone) mask->HideSource(DecodeFixed32BE(key));
    return true;
  };
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kSource, "", "", source, view));
  HALQA_RETURN_IF_ERROR(status);
  return std::shared_ptr<const Mask>(std::move(mask));
}

}  // namespace halqa::store
