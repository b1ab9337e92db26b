#pragma once
// Queries with AND, OR, NOT, phrases and parentheses.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/text/taxonomy.h"

namespace halqa::text {

// A node of a query.
struct QueryNode {
  enum class Kind {
    kAll,     // every child
    kAny,     // at least one child
    kNot,     // not its only child; stands below kAll only, beside a child that is no kNot
    kTopic,   // `topic`
    kWord,    // `tokens`, one
    kPhrase,  // `tokens` in this order, nothing between them
  };
  Kind kind = Kind::kAll;
  std::vector<QueryNode> children;
  ResolvedTopic topic;
  std::vector<AnalyzedToken> tokens;

  // "food AND (casablanca OR rabat) AND NOT "street art"".
  std::string Describe() const;
  // A query that ParseBoolean reads as this node.
  std::string Write() const;
};

struct BooleanQuery {
  QueryNode root;
  // What of it is wanted, for ranking: the words and topics that do not stand below a NOT.
  ResolvedQuery wanted;
  std::vector<std::string> excluded_topics;  // ids below a NOT
};

// Whether a query is written in the grammar: it holds AND, OR or NOT in capitals, a quote, a
// parenthesis, or a word behind a minus. Other queries are words, any of which may match.
bool IsBoolean(absl::string_view query);

// The grammar, loosest first:
//   any   = all { OR all }
//   all   = part { [AND] part }            words beside each other are all wanted
//   part  = ( NOT | "-" ) part | "(" any ")" | '"' phrase '"' | word
// Words in a row that name a topic together are that topic; function words are left out. Errors:
// InvalidArgument, field "query": QUERY_SYNTAX (with the byte), QUERY_ONLY_EXCLUDES (a NOT that
// stands beside nothing that is wanted), QUERY_NOT_UNDERSTOOD (a part without any word to search
// for).
absl::StatusOr<BooleanQuery> ParseBoolean(absl::string_view query, const Taxonomy& taxonomy);

}  // namespace halqa::text
