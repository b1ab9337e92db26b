#pragma once
// BM25 over documents of weighted fields, as pure functions.
// Paper: Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", CIKM
// 2004: counts and lengths are summed over fields with their weights, then saturated once. The idf
// is Lucene's ln(1 + (N - n + 0.5)/(n + 0.5)), which is never negative.

#include <array>
#include <cmath>
#include <cstdint>

namespace halqa::text {

// Rises whenever a score can change for the same counts.
inline constexpr int kBm25fVersion = 1;

// The parts of an account's document. The order is that of the counts in a posting.
enum class Field : uint8_t { kName, kBio, kHashtags, kLists, kPosts };
inline constexpr int kFields = 5;
using FieldCounts = std::array<uint8_t, kFields>;

// What others say (lists, category) weighs most, own posts least: they are many. Whole numbers, so
// that weighted lengths are too.
inline constexpr std::array<int, kFields> kFieldWeights = {3, 3, 3, 4, 1};
inline constexpr double kBm25K1 = 1.2;
inline constexpr double kBm25B = 0.75;

// Σ weight × count.
inline double WeightedCount(const FieldCounts& counts) {
  int sum = 0;
#pragma GCC unroll 5
  for (int f = 0; f < kFields; ++f) sum += kFieldWeights[f] * counts[f];
  return sum;
}

// k1·(1 - b + b·length/average): what the count of a term competes with in SaturatedCount.
inline double LengthNorm(double length, double average_length) {
  const double relative = average_length > 0 ? length / average_length : 1;
  return kBm25K1 * (1 - kBm25B + kBm25B * relative);
}

// How rare a term is that stands in `with_term` of `documents` documents. 0 <= with_term is clamped
// to documents.
inline double Idf(uint64_t documents, uint64_t with_term) {
  const auto all = static_cast<double>(documents);
  const double with = with_term > documents ? all : static_cast<double>(with_term);
  return std::log1p((all - with + 0.5) / (with + 0.5));
}

// The saturated count in [0, 1): t / (t + LengthNorm). BM25's factor k1 + 1 is left out: it is the
// same for every term.
inline double SaturatedCount(double weighted_count, double length, double average_length) {
  if (weighted_count <= 0) return 0;
  return weighted_count / (weighted_count + LengthNorm(length, average_length));
}

}  // namespace halqa::text
