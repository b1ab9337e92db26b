#pragma once
// A search request, checked and resolved; and the row a filter sees.

#include <optional>
#include <string>
#include <vector>

#include "engine/discovery/search.h"
#include "engine/filter/filter.h"

namespace halqa::discovery {

struct SearchPlan {
  bool everybody = false;  // neither words nor topics: all listed accounts are compared
  text::ResolvedQuery query;
  std::optional<text::QueryNode> expression;  // where the query has AND, OR, NOT or phrases
  std::vector<std::string> topics, withheld_topics;
  filter::Filter filter;
  SignalWeights weights = {};
  int page_size = 0;
  uint64_t query_hash = 0;  // of everything but page_size and after
};

// Errors: as SearchInfluencers.
absl::StatusOr<SearchPlan> PlanSearch(const SearchRequest& request, const SearchSources& sources);

// Answers a filter about one account.
class AccountRow : public filter::Row {
 public:
  AccountRow(const SearchSources& sources, AccountId account, const SignalValues& values);
  filter::Value Get(int field) const override;
  filter::Tri MatchesText(absl::string_view word, bool prefix) const override;

 private:
  filter::Value NicheValue() const;

  const SearchSources& sources_;
  AccountId account_;
  const SignalValues& values_;
  AccountFacts facts_;
};

}  // namespace halqa::discovery
