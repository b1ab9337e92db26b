#include "engine/discovery/expression.h"

#include <algorithm>
#include <iterator>

#include "engine/base/status_macros.h"

namespace halqa::discovery {
namespace {

using Accounts = std::vector<AccountId>;
using Kind = text::QueryNode::Kind;

Accounts Union(const Accounts& a, const Accounts& b) {
  Accounts out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Accounts Both(const Accounts& a, const Accounts& b) {
  Accounts out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Accounts Without(const Accounts& a, const Accounts& b) {
  Accounts out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

absl::StatusOr<Accounts> Leaf(const text::QueryNode& node, const SearchSources& sources) {
  Accounts accounts;
  if (sources.text != nullptr) {
    HALQA_ASSIGN_OR_RETURN(accounts, sources.text->Matches(node));
  }
  const TopicList* list = node.kind == Kind::kTopic && sources.topics != nullptr
                              ? sources.topics->List(node.topic.id)
                              : nullptr;
  if (list == nullptr) return accounts;
  Accounts ranked;
  ranked.reserve(list->entries.size());
  for (const TopicEntry& entry : list->entries) ranked.push_back(entry.account);
  return Union(accounts, ranked);
}

// First what is wanted, then what is taken away.
absl::StatusOr<Accounts> All(const text::QueryNode& node, const SearchSources& sources) {
  Accounts accounts;
  bool first = true;
  for (const text::QueryNode& child : node.children) {
    if (child.kind == Kind::kNot) continue;
    HALQA_ASSIGN_OR_RETURN(Accounts found, AllowedAccounts(child, sources));
    accounts = first ? std::move(found) : Both(accounts, found);
    first = false;
  }
  for (const text::QueryNode& child : node.children) {
    if (child.kind != Kind::kNot) continue;
    HALQA_ASSIGN_OR_RETURN(const Accounts found, AllowedAccounts(child.children[0], sources));
    accounts = Without(accounts, found);
  }
  return accounts;
}

}  // namespace

absl::StatusOr<std::vector<AccountId>> AllowedAccounts(const text::QueryNode& node,
                                                       const SearchSources& sources) {
  if (node.kind == Kind::kAll) return All(node, sources);
  if (node.kind != Kind::kAny) return Leaf(node, sources);
  Accounts accounts;
  for (const text::QueryNode& child : node.children) {
    HALQA_ASSIGN_OR_RETURN(const Accounts found, AllowedAccounts(child, sources));
    accounts = Union(accounts, found);
  }
  return accounts;
}

}  // namespace halqa::discovery
