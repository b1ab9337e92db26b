#include "engine/graph/overlay.h"

#include <algorithm>
#include <utility>

namespace halqa {

void Overlay::ForEach(Direction direction, AccountId account, Lsn upto, Visitor fn,
                      std::optional<AccountId> after) const {
  std::vector<std::pair<AccountId, uint32_t>> found;
  auto add = [&](AccountId other, uint32_t word, Lsn) { found.emplace_back(other, word); };
  size_t sorted_layers = 0;
  auto layer_done = [&, before = size_t{0}]() mutable {
    sorted_layers += found.size() > before ? 1 : 0;
    before = found.size();
  };
  for (const auto& run : runs) {
    direction == Direction::kOut ? run->ForEachOut(account, add, after)
                                 : run->ForEachIn(account, add, after);
    layer_done();
  }
  for (const auto& delta : deltas) {
    direction == Direction::kOut ? delta->ForEachOut(account, upto, add, after)
                                 : delta->ForEachIn(account, upto, add, after);
    layer_done();
  }
  if (sorted_layers > 1) std::sort(found.begin(), found.end());
  for (size_t i = 0; i < found.size(); ++i) {
    // Of one account the largest word stands last.
    if (i + 1 == found.size() || found[i + 1].first != found[i].first)
      fn(found[i].first, found[i].second);
  }
}

std::optional<uint32_t> Overlay::WordOf(AccountId src, AccountId dst, Lsn upto) const {
  std::optional<uint32_t> best;
  const auto after =
      Raw(dst) == 0 ? std::nullopt : std::optional<AccountId>(AccountId{Raw(dst) - 1});
  ForEach(
      Direction::kOut, src, upto,
      [&](AccountId other, uint32_t word) {
        if (other == dst) best = word;
      },
      after);
  return best;
}

uint64_t Overlay::edges() const {
  uint64_t edges = 0;
  for (const auto& run : runs) edges += run->edges();
  for (const auto& delta : deltas) edges += delta->edges();
  return edges;
}

uint64_t Overlay::bytes() const {
  uint64_t bytes = 0;
  for (const auto& run : runs) bytes += run->bytes();
  for (const auto& delta : deltas) bytes += delta->bytes();
  return bytes;
}

Overlay Overlay::After(Lsn lsn) const {
  Overlay rest;
  for (const auto& run : runs) {
    if (run->last_lsn() > lsn) rest.runs.push_back(run);
  }
  for (const auto& delta : deltas) {
    // The last one takes writes and may be empty still.
    if (delta->last_lsn() > lsn || delta == deltas.back()) rest.deltas.push_back(delta);
  }
  return rest;
}

}  // namespace halqa
