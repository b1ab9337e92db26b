#pragma once
// How well a score agrees with a truth. Pure functions over columns of one length.

#include <cstdint>

#include "absl/types/span.h"

namespace halqa {

// Spearman's rank correlation, ties by mean rank (Spearman 1904). NaN when either column is
// constant or there are fewer than two values. REQUIRES: equal lengths. Cost: O(n log n).
double Spearman(absl::Span<const double> score, absl::Span<const double> truth);

// Kendall's tau-b with ties (Kendall 1945; Knight's O(n log n) count, JASA 1966). NaN as above.
double KendallTauB(absl::Span<const double> score, absl::Span<const double> truth);

// Normalised discounted cumulative gain of the k best by `score`, gain log2(1 + truth), discount
// log2(1 + rank) (Järvelin, Kekäläinen, TOIS 2002; the log gain keeps one star from deciding).
// Tied scores share the mean gain of their places, so the order of the input decides nothing. 0
// when no truth is positive; negative truth counts as 0. REQUIRES: k > 0.
double NdcgAtK(absl::Span<const double> score, absl::Span<const double> truth, size_t k);

// Share of positives among the k best by `score`; ties at the edge count in part.
// REQUIRES: 0 < k.
double PrecisionAtK(absl::Span<const double> score, absl::Span<const bool> positive, size_t k);

// Probability that a positive scores above a negative, ties half (Mann, Whitney 1947). NaN without
// both kinds.
double Auc(absl::Span<const double> score, absl::Span<const bool> positive);

}  // namespace halqa
