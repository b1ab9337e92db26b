#pragma once
// What to ask instead of a request that nothing answers.

#include <vector>

#include "engine/discovery/search.h"
#include "engine/discovery/search_plan.h"

namespace halqa::discovery {

// Requests like `request` that want less: without its filter; without one part of its expression;
// with a word of a topic in place of a word that sounds like it. At most kSuggestionsMax, in this
// order; whether anybody answers them is not known yet.
std::vector<Suggestion> Relaxations(const SearchRequest& request, const SearchPlan& plan,
                                    const text::Taxonomy& taxonomy);
inline constexpr size_t kSuggestionsMax = 8;

}  // namespace halqa::discovery
