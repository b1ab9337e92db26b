#pragma once
// A set of numbers that tells the place of each of its members.

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace halqa {

// A bit per number up to the largest, and a count per 64 of them: 12 bytes per 64 numbers, and two
// cache lines a look.
class RankBits {
 public:
  // Adds a number. REQUIRES: larger than every one before.
  void Append(uint32_t number) {
    const size_t word = number / 64;
    if (word >= words_.size()) {
      ranks_.resize(word + 1, size_);
      words_.resize(word + 1, 0);
    }
    words_[word] |= uint64_t{1} << (number % 64);
    ++size_;
  }

  // How many members are smaller than `number`, where it is one; nullopt otherwise.
  std::optional<uint32_t> RankOf(uint32_t number) const {
    const size_t word = number / 64;
    if (word >= words_.size()) return std::nullopt;
    const uint64_t bit = uint64_t{1} << (number % 64);
    if ((words_[word] & bit) == 0) return std::nullopt;
    return ranks_[word] + static_cast<uint32_t>(std::popcount(words_[word] & (bit - 1)));
  }

  uint32_t size() const { return size_; }
  uint64_t bytes() const {
    return words_.capacity() * sizeof(uint64_t) + ranks_.capacity() * sizeof(uint32_t);
  }
  void Shrink() {
    words_.shrink_to_fit();
    ranks_.shrink_to_fit();
  }

 private:
  std::vector<uint64_t> words_;
  std::vector<uint32_t> ranks_;  // members before the word
  uint32_t size_ = 0;
};

}  // namespace halqa
