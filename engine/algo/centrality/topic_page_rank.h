#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kTopicPageRankVersion = 1;
inline constexpr int kTopicsPerSweep = 16;

struct TopicPageRankOptions {
  double damping = 0.85;    // [0, 0.9999]
  double tolerance = 1e-9;  // [0, 1]: every topic's L1 change of a round; 0 = never stop early
  int iterations = 200;     // [1, 1000000]
  bool weighted = true;
  // One jump distribution per topic, weights >= 0 with a sum > 0 (repeated vertices add up). Any
  // number of topics; kTopicsPerSweep of them share a sweep.
  std::vector<std::vector<TeleportEntry>> topics;

  absl::Status Validate(const CsrView& view) const;
};

struct TopicPageRankResult {
  // vectors[t][v], not normalised: see below.
  std::vector<std::vector<double>> vectors;
  std::vector<double> residuals;        // per topic: L1 change of its last round
  std::vector<double> l1_error_bounds;  // per topic, of the vector that is not normalised
  int rounds = 0;                       // most of any sweep
  bool converged = false;               // every residual <= tolerance
};

// For every topic t with jump distribution v_t (sum 1) the vector x_t = (1 - d) v_t + d M x_t,
// where M moves the score of a vertex to its out-neighbours by weight and *loses* that of a vertex
// without out-arcs. So its sum is at most 1, and x_t divided by its sum is the personalised
// PageRank with dangling mass sent to v_t. The vectors are given before that division because only
// those are linear in v_t: to mix topics, mix these and normalise once (MixTopics); mixing
// normalised vectors is wrong wherever mass is lost (0.078 in L1 with a third of the vertices
// dangling). The same bits for any number of threads. Errors and rounding as PageRank. Cost:
// O(topics · arcs) per round; the arcs are read once for 16 topics. Paper: Haveliwala, WWW 2002.
absl::StatusOr<TopicPageRankResult> TopicPageRank(const CsrView& view,
                                                  const TopicPageRankOptions& options,
                                                  RunContext& run);

// Peak bytes of TopicPageRank, its result included.
uint64_t EstimateTopicPageRank(const CsrView& view, const TopicPageRankOptions& options);

// A proven bound on the L1 distance of vector `topic` to the truth: one push pass. Errors:
// InvalidArgument.
absl::StatusOr<double> VerifyTopicPageRank(const CsrView& view, const TopicPageRankOptions& options,
                                           uint64_t topic, absl::Span<const double> vector);

// The personalised PageRank (sum 1) of the mixture Σ weights[t] · v_t, exactly. Errors:
// InvalidArgument (LENGTH_MISMATCH, BAD_WEIGHT: negative, not finite, or all 0).
absl::StatusOr<std::vector<double>> MixTopics(const TopicPageRankResult& topics,
                                              absl::Span<const double> weights);

// Scores for ranking inside a topic: personal · (personal / global)^gamma, 0 where global is 0.
// With gamma 0 celebrities win every topic; with a large one, nobodies do. Both vectors have sum 1.
// Errors: InvalidArgument (LENGTH_MISMATCH, OPTION_OUT_OF_RANGE: gamma outside [0, 4]); those of
// Checkpoint. Cost: a power per vertex.
absl::StatusOr<std::vector<double>> TopicAuthority(absl::Span<const double> personal,
                                                   absl::Span<const double> global, double gamma,
                                                   RunContext& run);

}  // namespace halqa
