#pragma once
// Niche cards: what a community of the graph is about, how closed it is and who leads it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa::discovery {

// Rises whenever a card can change for the same input.
inline constexpr int kNichesVersion = 2;

// Distinct terms of each vertex: vertex v has ids [offsets[v], offsets[v+1]), each once.
struct VertexTerms {
  absl::Span<const uint64_t> offsets;  // vertices + 1 entries, or empty: no terms
  absl::Span<const uint32_t> ids;
  absl::Span<const std::string> names;  // by id
};

struct NicheLabel {
  std::string term;
  double z = 0;           // log-odds against the rest of the graph, in standard deviations
  uint32_t accounts = 0;  // members that use it
};

struct NicheMember {
  VertexIndex vertex = kNoVertex;
  double authority = 0;
  double purity = 0;       // share of its audience that is in the niche; 0 without audience
  double penetration = 0;  // share of the niche that is in its audience
};

struct NicheCard {
  uint32_t community = 0;
  uint32_t size = 0;
  double insularity = 0;  // share of the members' out-arcs that end inside; 0 without arcs
  std::vector<NicheLabel> labels;
  std::vector<NicheMember> top;  // by authority, ties by the smaller vertex
};

struct NicheOptions {
  uint32_t size_min = 2;  // smaller communities get no card
  uint32_t labels_max = 5;
  uint32_t top_max = 10;
  uint32_t support_min = 20;  // members that must use a label, or a tenth of those with terms
  double prior_terms = 500;   // total count of the Dirichlet prior

  // Errors: InvalidArgument naming the field (INVALID_OPTION).
  absl::Status Validate() const;
};

// Cards of all communities of size_min or more, the largest first, ties by the smaller community.
// `community` holds one id below the number of vertices per vertex (kNoVertex: none); `authority`
// one value per vertex. Labels: log-odds with an informative Dirichlet prior.
// Paper: Monroe, Colaresi, Quinn, "Fightin' Words", Political Analysis 2008; counts are accounts
// that use a term, the prior is the term's share of the whole graph, the rest of the graph is the
// other corpus. Equal z: more accounts first, then the smaller term.
// Errors: InvalidArgument (INVALID_OPTION, LENGTH_MISMATCH), FailedPrecondition (MISSING_IN_EDGES),
// Cancelled, DeadlineExceeded. Cost: one pass over arcs and terms.
absl::StatusOr<std::vector<NicheCard>> MakeNicheCards(const CsrView& graph,
                                                      absl::Span<const uint32_t> community,
                                                      absl::Span<const double> authority,
                                                      const VertexTerms& terms,
                                                      const NicheOptions& options, RunContext& run);

// How much a niche is about a topic: the lower 5 % bound of the smoothed location quotient
// ((a + κq)/(A + κ))/q, where a of the niche's A accounts and the share q of all accounts name the
// topic. A normal approximation of the Beta posterior, never below 0. Empty when q is 0.
std::optional<double> TopicFit(uint64_t with_topic, uint64_t accounts, double overall_share,
                               double kappa = 50);

}  // namespace halqa::discovery
