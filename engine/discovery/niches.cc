#include "engine/discovery/niches.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::discovery {
namespace {

// Members of each community, in vertex order.
struct Members {
  std::vector<uint32_t> offsets;
  std::vector<VertexIndex> vertices;
  absl::Span<const VertexIndex> Of(uint32_t c) const {
    return absl::MakeConstSpan(vertices).subspan(offsets[c], offsets[c + 1] - offsets[c]);
  }
};

Members GroupByCommunity(absl::Span<const uint32_t> community) {
  Members members;
  members.offsets.assign(community.size() + 1, 0);
  for (uint32_t c : community) {
    if (c != kNoVertex) ++members.offsets[c + 1];
  }
  for (size_t c = 0; c < community.size(); ++c) members.offsets[c + 1] += members.offsets[c];
  members.vertices.resize(members.offsets.back());
  std::vector<uint32_t> next(members.offsets.begin(), members.offsets.end() - 1);
  for (VertexIndex v = 0; v < community.size(); ++v) {
    if (community[v] != kNoVertex) members.vertices[next[community[v]]++] = v;
  }
  return members;
}

class CardMaker {
 public:
  CardMaker(const CsrView& graph, absl::Span<const uint32_t> community,
            absl::Span<const double> authority, const VertexTerms& terms,
            const NicheOptions& options)
      : graph_(graph),
        community_(community),
        authority_(authority),
        terms_(terms),
        options_(options),
        members_(GroupByCommunity(community)),
        overall_(terms.names.size(), 0),
        inside_(terms.names.size(), 0) {
    for (uint32_t id : terms_.ids) ++overall_[id];
  }

  absl::StatusOr<std::vector<NicheCard>> Run(RunContext& run) {
    std::vector<NicheCard> cards;
    uint64_t done = 0;
    for (uint32_t c = 0; c < community_.size(); ++c) {
      const auto members = members_.Of(c);
      if (members.empty()) continue;
      if ((done += members.size()) >= 10000 || c == 0) {
        HALQA_RETURN_IF_ERROR(run.Checkpoint(c, static_cast<double>(community_.size())));
        done = 0;
      }
      if (members.size() >= options_.size_min) cards.push_back(MakeCard(c, members));
    }
    std::stable_sort(cards.begin(), cards.end(),
                     [](const NicheCard& a, const NicheCard& b) { return a.size > b.size; });
    HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
    return cards;
  }

 private:
  NicheCard MakeCard(uint32_t c, absl::Span<const VertexIndex> members) {
    NicheCard card;
    card.community = c;
    card.size = static_cast<uint32_t>(members.size());
    uint64_t arcs = 0, inside = 0;
    for (VertexIndex v : members) {
      arcs += graph_.OutDegree(v);
      for (VertexIndex w : graph_.Out(v)) inside += community_[w] == c ? 1 : 0;
    }
    card.insularity = arcs == 0 ? 0 : static_cast<double>(inside) / static_cast<double>(arcs);
    card.labels = Labels(members);
    card.top = Top(c, members);
    return card;
  }

  std::vector<NicheMember> Top(uint32_t c, absl::Span<const VertexIndex> members) const {
    std::vector<VertexIndex> order(members.begin(), members.end());
    const size_t count = std::min<size_t>(options_.top_max, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<int64_t>(count), order.end(),
                      [this](VertexIndex a, VertexIndex b) {
                        return authority_[a] != authority_[b] ? authority_[a] > authority_[b]
                                                              : a < b;
                      });
    std::vector<NicheMember> top;
    for (size_t i = 0; i < count; ++i) {
      NicheMember& member = top.emplace_back();
      member.vertex = order[i];
      member.authority = authority_[order[i]];
      uint64_t inside = 0;
      for (VertexIndex u : graph_.In(order[i])) inside += community_[u] == c ? 1 : 0;
      const uint64_t audience = graph_.InDegree(order[i]);
      if (audience > 0) member.purity = static_cast<double>(inside) / static_cast<double>(audience);
      member.penetration = static_cast<double>(inside) / static_cast<double>(members.size());
    }
    return top;
  }

  std::vector<NicheLabel> Labels(absl::Span<const VertexIndex> members) {
    if (terms_.offsets.empty()) return {};
    std::vector<uint32_t> used;
    double total = 0;
    uint32_t writers = 0;
    for (VertexIndex v : members) {
      writers += terms_.offsets[v] < terms_.offsets[v + 1] ? 1 : 0;
      for (uint64_t i = terms_.offsets[v]; i < terms_.offsets[v + 1]; ++i) {
        if (inside_[terms_.ids[i]]++ == 0) used.push_back(terms_.ids[i]);
        ++total;
      }
    }
    const uint32_t support = std::min(options_.support_min, std::max(2u, writers / 10));
    std::vector<NicheLabel> labels;
    for (uint32_t id : used) {
      const double z = LogOdds(inside_[id], total, overall_[id]);
      if (inside_[id] >= support && z > 0) labels.push_back({terms_.names[id], z, inside_[id]});
    }
    for (uint32_t id : used) inside_[id] = 0;
    std::sort(labels.begin(), labels.end(), [](const NicheLabel& a, const NicheLabel& b) {
      if (a.z != b.z) return a.z > b.z;
      return a.accounts != b.accounts ? a.accounts > b.accounts : a.term < b.term;
    });
    if (labels.size() > options_.labels_max) labels.resize(options_.labels_max);
    return labels;
  }

  // z-score of the term's log-odds, inside against outside.
  double LogOdds(double inside, double inside_total, double overall) const {
    const auto all = static_cast<double>(terms_.ids.size());
    const double alpha = options_.prior_terms * overall / all;
    const double outside = overall - inside, outside_total = all - inside_total;
    const double prior = options_.prior_terms;
    const double in_odds = (inside + alpha) / (inside_total + prior - inside - alpha);
    const double out_odds = (outside + alpha) / (outside_total + prior - outside - alpha);
    const double variance = 1 / (inside + alpha) + 1 / (outside + alpha);
    const double z = (std::log(in_odds) - std::log(out_odds)) / std::sqrt(variance);
    return std::isfinite(z) ? z : 0;
  }

  const CsrView& graph_;
  absl::Span<const uint32_t> community_;
  absl::Span<const double> authority_;
  const VertexTerms& terms_;
  const NicheOptions& options_;
  Members members_;
  std::vector<uint32_t> overall_;  // accounts that use a term
  std::vector<uint32_t> inside_;   // scratch, all 0 between cards
};

absl::Status CheckInput(const CsrView& graph, absl::Span<const uint32_t> community,
                        absl::Span<const double> authority, const VertexTerms& terms) {
  auto mismatch = [&graph](absl::string_view what, size_t size) {
    return FieldError("LENGTH_MISMATCH", what,
                      absl::StrCat("has ", size, " entries for ", graph.vertices, " vertices"));
  };
  if (community.size() != graph.vertices) return mismatch("community", community.size());
  if (authority.size() != graph.vertices) return mismatch("authority", authority.size());
  if (!terms.offsets.empty() && terms.offsets.size() != size_t{graph.vertices} + 1) {
    return mismatch("terms", terms.offsets.size());
  }
  if (!graph.has_in() && graph.vertices > 0) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "MISSING_IN_EDGES",
                     "niche cards need the in-edges of the graph");
  }
  for (uint32_t c : community) {
    if (c != kNoVertex && c >= graph.vertices) {
      return FieldError("LENGTH_MISMATCH", "community",
                        absl::StrCat("id ", c, " is not below the number of vertices"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status NicheOptions::Validate() const {
  if (!(prior_terms > 0) || std::isinf(prior_terms)) {
    return FieldError("INVALID_OPTION", "prior_terms", "expected a finite number > 0");
  }
  if (size_min == 0) return FieldError("INVALID_OPTION", "size_min", "expected at least 1");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<NicheCard>> MakeNicheCards(
    const CsrView& graph, absl::Span<const uint32_t> community, absl::Span<const double> authority,
    const VertexTerms& terms, const NicheOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(CheckInput(graph, community, authority, terms));
  return CardMaker(graph, community, authority, terms, options).Run(run);
}

std::optional<double> TopicFit(uint64_t with_topic, uint64_t accounts, double overall_share,
                               double kappa) {
  if (!(overall_share > 0)) return std::nullopt;
  const double n = static_cast<double>(accounts) + kappa;
  const double mean = (static_cast<double>(with_topic) + kappa * overall_share) / n;
  const double deviation = std::sqrt(std::max(0.0, mean * (1 - mean)) / (n + 1));
  return std::max(0.0, mean - 1.6448536269514722 * deviation) / overall_share;
}

}  // namespace halqa::discovery
