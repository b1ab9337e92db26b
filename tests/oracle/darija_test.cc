// Spellings of Darija: the words of the Darija Open Dataset, split by a hash. The rules were made
// on one half; what is asserted here is measured on the other.

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <map>
#include <numeric>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/text/fold.h"
#include "engine/text/skeleton.h"
#include "tests/support/shared_data.h"

namespace halqa::text {
namespace {

using halqa::testing::DataFolder;
using halqa::testing::Lines;

struct Spelled {
  std::string spelling, sounds;
  std::set<int> words;  // one spelling may be that of several words
};

// Rows of both files; rows that share a spelling and a meaning are one word.
class Darija : public halqa::testing::SharedDataTest {
 protected:
  void SetUp() override {
    SharedDataTest::SetUp();
    if (IsSkipped()) return;
    for (const char* file : {"semantic_categories.csv", "word_lists.csv"}) {
      const auto lines = Lines(absl::StrCat(DataFolder(), "/darija_doda/", file));
      for (size_t i = 1; i < lines.size(); ++i) AddRow(lines[i]);
    }
    for (size_t i = 0; i < spelled_.size(); ++i) {
      const std::string key = SkeletonKey(spelled_[i].sounds);
      if (!key.empty()) by_key_[key].push_back(i);
    }
  }

  void AddRow(const std::string& line) {
    const std::vector<std::string> cells = absl::StrSplit(line, absl::MaxSplits(',', 2));
    if (cells.size() < 3) return;
    const auto [it, fresh] = meanings_.try_emplace(absl::AsciiStrToLower(cells[2]), words_);
    std::vector<size_t> row;
    for (absl::string_view variant : absl::StrSplit(cells[1], '|', absl::SkipWhitespace())) {
      variant = absl::StripAsciiWhitespace(variant);
      if (absl::StrContains(variant, ' ')) continue;
      const std::string spelling = Fold(variant);
      const auto [at, unseen] = index_.try_emplace(spelling, spelled_.size());
      if (unseen) spelled_.push_back({spelling, Sounds(spelling), {}});
      spelled_[at->second].words.insert(it->second);
      row.push_back(at->second);
    }
    words_ += fresh ? 1 : 0;
    if (row.size() > 1) rows_.push_back(row);
  }
  // By the last decimal digit of the MD5 of the first spelling: the rules were made with 0 to 4.
  bool HeldOut(const std::vector<size_t>& row) const {
    const std::string& first = spelled_[row[0]].spelling;
    std::array<unsigned char, 16> digest;
    unsigned size = 0;
    EVP_Digest(first.data(), first.size(), digest.data(), &size, EVP_md5(), nullptr);
    const int remainder = std::accumulate(digest.begin(), digest.end(), 0,
                                          [](int r, int byte) { return (r * 256 + byte) % 10; });
    return remainder >= 5;
  }
  bool Finds(size_t query, size_t other) const {
    const auto keys = SkeletonKeys(spelled_[query].sounds);
    const std::string key = SkeletonKey(spelled_[other].sounds);
    return std::find(keys.begin(), keys.end(), key) != keys.end() &&
           SoundDistance(spelled_[query].sounds, spelled_[other].sounds) <= kSameWordMax;
  }
  // The spellings nearest to a query, itself left out.
  std::vector<size_t> Nearest(size_t query) const {
    double least = kSameWordMax;
    std::vector<size_t> nearest;
    for (const std::string& key : SkeletonKeys(spelled_[query].sounds)) {
      const auto found = by_key_.find(key);
      if (found == by_key_.end()) continue;
      for (const size_t other : found->second) {
        if (other == query) continue;
        const double d = SoundDistance(spelled_[query].sounds, spelled_[other].sounds);
        if (d > least) continue;
        if (d < least) nearest.clear();
        least = d;
        nearest.push_back(other);
      }
    }
    return nearest;
  }
  // Whether two spellings are of one word: they stand in one row, or mean the same.
  bool SameWord(size_t a, size_t b) const {
    for (const int word : spelled_[a].words) {
      if (spelled_[b].words.count(word) > 0) return true;
    }
    return false;
  }

  int words_ = 0;
  std::map<std::string, int> meanings_;
  absl::flat_hash_map<std::string, size_t> index_;
  std::vector<Spelled> spelled_;
  std::vector<std::vector<size_t>> rows_;
  absl::flat_hash_map<std::string, std::vector<size_t>> by_key_;
};

TEST_F(Darija, RecallAndAmbiguityOfHeldOutSpellings) {
  int pairs = 0, found = 0, queries = 0, right = 0, several = 0, nothing = 0;
  for (const std::vector<size_t>& row : rows_) {
    if (!HeldOut(row)) continue;
    for (const size_t a : row) {
      for (const size_t b : row) {
        if (a == b) continue;
        ++pairs;
        found += Finds(a, b) ? 1 : 0;
      }
      ++queries;
      const std::vector<size_t> nearest = Nearest(a);
      const auto same = std::count_if(nearest.begin(), nearest.end(),
                                      [&](size_t other) { return SameWord(a, other); });
      nothing += nearest.empty() ? 1 : 0;
      right += same > 0 ? 1 : 0;
      several += same > 0 && same < static_cast<int>(nearest.size()) ? 1 : 0;
    }
  }
  size_t shared = 0;
  for (const auto& [key, spellings] : by_key_) {
    std::set<int> words;
    for (const size_t s : spellings) {
      words.insert(spelled_[s].words.begin(), spelled_[s].words.end());
    }
    shared += words.size() > 1 ? 1 : 0;
  }
  const double recall = static_cast<double>(found) / pairs;
  const double ambiguous = static_cast<double>(several) / queries;
  std::printf(
      "held out: %d pairs of spellings, recall %.4f; %d queries, the nearest is right %.4f, "
      "ambiguous %.4f, none %.4f; %zu keys, %.4f of several words before ordering\n",
      pairs, recall, queries, static_cast<double>(right) / queries, ambiguous,
      static_cast<double>(nothing) / queries, by_key_.size(),
      static_cast<double>(shared) / static_cast<double>(by_key_.size()));
  EXPECT_GT(pairs, 4000);
  EXPECT_GE(recall, 0.93);
  EXPECT_LE(ambiguous, 0.05);
}

}  // namespace
}  // namespace halqa::text
