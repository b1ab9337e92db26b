#include "engine/discovery/suggest.h"

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "engine/text/fold.h"

namespace halqa::discovery {
namespace {

using Kind = text::QueryNode::Kind;

// The expression without each of its parts in turn, as far as something wanted is left.
void WithoutOnePart(const text::QueryNode& root, const std::string& filter,
                    std::vector<Suggestion>* out) {
  if (root.kind != Kind::kAll) return;
  for (size_t drop = 0; drop < root.children.size(); ++drop) {
    text::QueryNode rest = root;
    rest.children.erase(rest.children.begin() + static_cast<ptrdiff_t>(drop));
    const bool wanted = std::any_of(rest.children.begin(), rest.children.end(),
                                    [](const auto& child) { return child.kind != Kind::kNot; });
    if (wanted) out->push_back({rest.Write(), filter, 0});
  }
}

void WithTopicWords(const SearchRequest& request, const SearchPlan& plan,
                    const text::Taxonomy& taxonomy, std::vector<Suggestion>* out) {
  for (const text::AnalyzedToken& term : plan.query.free_terms) {
    for (const std::string& phrase : taxonomy.SoundingLike(term.token.folded)) {
      const std::string query =
          absl::StrReplaceAll(text::Fold(request.query), {{term.token.folded, phrase}});
      out->push_back({query, request.filter, 0});
    }
  }
}

}  // namespace

std::vector<Suggestion> Relaxations(const SearchRequest& request, const SearchPlan& plan,
                                    const text::Taxonomy& taxonomy) {
  std::vector<Suggestion> out;
  if (!plan.filter.empty()) out.push_back({request.query, "", 0});
  if (plan.expression) {
    WithoutOnePart(*plan.expression, request.filter, &out);
  } else {
    WithTopicWords(request, plan, taxonomy, &out);
  }
  if (out.size() > kSuggestionsMax) out.resize(kSuggestionsMax);
  return out;
}

}  // namespace halqa::discovery
