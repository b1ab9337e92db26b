#pragma once
// A stable sort by a number, for arrays too large for comparisons.

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace halqa {

// Sorts `items` by key(item), an unsigned number; equal keys keep their order. Cost: one pass to
// count and one per 11 bits in which the keys differ, a copy of the items as scratch; about 3 ns
// per item and pass.
template <typename T, typename KeyFn>
void RadixSort(std::vector<T>* items, KeyFn key) {
  static_assert(std::is_trivially_copyable_v<T>);
  using Key = decltype(key((*items)[0]));
  static_assert(std::is_unsigned_v<Key>);
  constexpr int kBits = 11;
  constexpr size_t kDigits = (8 * sizeof(Key) + kBits - 1) / kBits;
  constexpr size_t kValues = size_t{1} << kBits;
  const size_t n = items->size();
  if (n < 2) return;
  auto digit = [](Key k, size_t d) {
    return static_cast<size_t>(k >> (d * kBits)) & (kValues - 1);
  };
  std::vector<std::array<size_t, kValues>> counts(kDigits);
  for (auto& c : counts) c.fill(0);
  for (const T& item : *items) {
    const Key k = key(item);
    for (size_t d = 0; d < kDigits; ++d) ++counts[d][digit(k, d)];
  }
  std::vector<T> scratch;
  for (size_t d = 0; d < kDigits; ++d) {
    std::array<size_t, kValues>& next = counts[d];
    if (next[digit(key((*items)[0]), d)] == n) continue;  // all the same
    size_t total = 0;
    for (size_t& c : next) {
      const size_t count = c;
      c = total;
      total += count;
    }
    scratch.resize(n);
    for (const T& item : *items) scratch[next[digit(key(item), d)]++] = item;
    items->swap(scratch);
  }
}

}  // namespace halqa
