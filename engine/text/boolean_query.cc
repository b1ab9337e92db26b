#include "engine/text/boolean_query.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::text {
namespace {

constexpr int kDepthMax = 64;

struct Lexeme {
  enum class Kind { kAnd, kOr, kNot, kOpen, kClose, kPhrase, kWord, kEnd };
  Kind kind = Kind::kEnd;
  absl::string_view text;
  size_t at = 0;
};

absl::Status SyntaxError(size_t at, absl::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "QUERY_SYNTAX",
                   absl::StrCat("query: at byte ", at, ": ", what),
                   {{"field", "query"}, {"byte", absl::StrCat(at)}});
}

absl::StatusOr<std::vector<Lexeme>> Lex(absl::string_view query) {
  using Kind = Lexeme::Kind;
  std::vector<Lexeme> out;
  for (size_t i = 0; i < query.size();) {
    const char c = query[i];
    if (absl::ascii_isspace(c)) {
      ++i;
    } else if (c == '(' || c == ')') {
      out.push_back({c == '(' ? Kind::kOpen : Kind::kClose, query.substr(i, 1), i});
      ++i;
    } else if (c == '"') {
      const size_t end = query.find('"', i + 1);
      if (end == absl::string_view::npos) return SyntaxError(i, "the quote is not closed");
      out.push_back({Kind::kPhrase, query.substr(i + 1, end - i - 1), i});
      i = end + 1;
    } else if (c == '-' && i + 1 < query.size() && !absl::ascii_isspace(query[i + 1])) {
      out.push_back({Kind::kNot, query.substr(i, 1), i});
      ++i;
    } else {
      size_t end = i;
      while (end < query.size() && !absl::ascii_isspace(query[end]) && query[end] != '(' &&
             query[end] != ')' && query[end] != '"') {
        ++end;
      }
      const absl::string_view word = query.substr(i, end - i);
      const Kind kind = word == "AND"   ? Kind::kAnd
                        : word == "OR"  ? Kind::kOr
                        : word == "NOT" ? Kind::kNot
                                        : Kind::kWord;
      out.push_back({kind, word, i});
      i = end;
    }
  }
  out.push_back({Kind::kEnd, "", query.size()});
  return out;
}

// Whether a token can be searched for.
bool Tells(const AnalyzedToken& token) {
  return token.token.is_hashtag || !IsStopWord(token.token.folded);
}

class Parser {
 public:
  Parser(std::vector<Lexeme> lexemes, const Taxonomy& taxonomy)
      : lexemes_(std::move(lexemes)), taxonomy_(taxonomy) {}

  absl::StatusOr<QueryNode> Run() {
    HALQA_ASSIGN_OR_RETURN(QueryNode root, Any());
    if (Now().kind != Kind::kEnd) return SyntaxError(Now().at, "nothing opened this parenthesis");
    return root;
  }

 private:
  using Kind = Lexeme::Kind;
  const Lexeme& Now() const { return lexemes_[at_]; }
  bool Take(Kind kind) {
    if (Now().kind != kind) return false;
    ++at_;
    return true;
  }

  absl::StatusOr<QueryNode> Any() {
    QueryNode any;
    any.kind = QueryNode::Kind::kAny;
    do {
      const size_t from = Now().at;
      HALQA_ASSIGN_OR_RETURN(QueryNode all, All());
      if (all.kind == QueryNode::Kind::kNot) return OnlyExcludes(from);
      any.children.push_back(std::move(all));
    } while (Take(Kind::kOr));
    return Unwrapped(std::move(any));
  }

  absl::StatusOr<QueryNode> All() {
    QueryNode all;
    const size_t from = Now().at;
    do {
      HALQA_RETURN_IF_ERROR(Part(&all.children));
    } while (Take(Kind::kAnd) || StartsPart());
    const bool wanted =
        std::any_of(all.children.begin(), all.children.end(),
                    [](const QueryNode& n) { return n.kind != QueryNode::Kind::kNot; });
    if (!wanted) return OnlyExcludes(from);
    return Unwrapped(std::move(all));
  }

  bool StartsPart() const {
    const Kind kind = Now().kind;
    return kind == Kind::kNot || kind == Kind::kOpen || kind == Kind::kPhrase ||
           kind == Kind::kWord;
  }

  // Appends one part: several nodes where words stand in a row.
  absl::Status Part(std::vector<QueryNode>* out) {
    const Lexeme start = Now();
    if (++depth_ > kDepthMax) return SyntaxError(start.at, "too many parts inside each other");
    absl::Status status;
    if (Take(Kind::kNot)) {
      status = Not(out);
    } else if (Take(Kind::kOpen)) {
      status = Group(start.at, out);
    } else if (Take(Kind::kPhrase)) {
      status = Phrase(start, out);
    } else if (start.kind == Kind::kWord) {
      status = Words(out);
    } else {
      status =
          SyntaxError(start.at, start.kind == Kind::kEnd
                                    ? "the query ends where a word is expected"
                                    : absl::StrCat("a word is expected, not \"", start.text, "\""));
    }
    --depth_;
    return status;
  }

  absl::Status Not(std::vector<QueryNode>* out) {
    QueryNode inner;
    if (Now().kind == Kind::kWord) {  // one word only: NOT a b is (NOT a) AND b
      HALQA_RETURN_IF_ERROR(Resolve(lexemes_[at_++], &inner.children));
    } else {
      HALQA_RETURN_IF_ERROR(Part(&inner.children));
    }
    if (inner.children.front().kind == QueryNode::Kind::kNot) {  // NOT NOT a
      for (QueryNode& child : inner.children.front().children) out->push_back(std::move(child));
      return absl::OkStatus();
    }
    QueryNode node;
    node.kind = QueryNode::Kind::kNot;
    node.children.push_back(Unwrapped(std::move(inner)));
    out->push_back(std::move(node));
    return absl::OkStatus();
  }

  absl::Status Group(size_t at, std::vector<QueryNode>* out) {
    HALQA_ASSIGN_OR_RETURN(QueryNode inner, Any());
    if (!Take(Kind::kClose)) return SyntaxError(at, "the parenthesis is not closed");
    out->push_back(std::move(inner));
    return absl::OkStatus();
  }

  absl::Status Phrase(const Lexeme& phrase, std::vector<QueryNode>* out) {
    QueryNode node;
    node.tokens = AnalyzeText(phrase.text, {});
    if (std::none_of(node.tokens.begin(), node.tokens.end(), Tells)) {
      return NotUnderstood(phrase.text);
    }
    node.kind = node.tokens.size() == 1 ? QueryNode::Kind::kWord : QueryNode::Kind::kPhrase;
    out->push_back(std::move(node));
    return absl::OkStatus();
  }

  absl::Status Words(std::vector<QueryNode>* out) {
    Lexeme words = Now();
    while (Now().kind == Kind::kWord) {
      words.text = absl::string_view(words.text.data(),
                                     Now().text.data() + Now().text.size() - words.text.data());
      ++at_;
    }
    return Resolve(words, out);
  }

  absl::Status Resolve(const Lexeme& words, std::vector<QueryNode>* out) {
    ResolvedQuery resolved = taxonomy_.ResolveQuery(words.text);
    if (resolved.topics.empty() && resolved.free_terms.empty()) return NotUnderstood(words.text);
    for (ResolvedTopic& topic : resolved.topics) {
      QueryNode& node = out->emplace_back();
      node.kind = QueryNode::Kind::kTopic;
      node.topic = std::move(topic);
    }
    for (AnalyzedToken& term : resolved.free_terms) {
      QueryNode& node = out->emplace_back();
      node.kind = QueryNode::Kind::kWord;
      node.tokens.push_back(std::move(term));
    }
    return absl::OkStatus();
  }

  static QueryNode Unwrapped(QueryNode node) {
    if (node.children.size() != 1) return node;
    QueryNode child = std::move(node.children.front());
    return child;
  }
  static absl::Status OnlyExcludes(size_t at) {
    return MakeError(absl::StatusCode::kInvalidArgument, "QUERY_ONLY_EXCLUDES",
                     absl::StrCat("query: at byte ", at,
                                  ": this part only excludes; say beside it what is wanted"),
                     {{"field", "query"}, {"byte", absl::StrCat(at)}});
  }
  static absl::Status NotUnderstood(absl::string_view words) {
    return FieldError("QUERY_NOT_UNDERSTOOD", "query",
                      absl::StrCat("no word of \"", words, "\" can be searched for"));
  }

  const std::vector<Lexeme> lexemes_;
  const Taxonomy& taxonomy_;
  size_t at_ = 0;
  int depth_ = 0;
};

void AddWanted(const QueryNode& node, ResolvedQuery* wanted) {
  if (node.kind == QueryNode::Kind::kTopic) {
    const bool known =
        std::any_of(wanted->topics.begin(), wanted->topics.end(),
                    [&](const ResolvedTopic& t) { return t.topic == node.topic.topic; });
    if (!known) wanted->topics.push_back(node.topic);
  }
  for (const AnalyzedToken& token : node.tokens) {
    const bool known =
        std::any_of(wanted->free_terms.begin(), wanted->free_terms.end(),
                    [&](const AnalyzedToken& t) { return t.token.folded == token.token.folded; });
    if (!known && Tells(token)) wanted->free_terms.push_back(token);
  }
}

void Collect(const QueryNode& node, bool below_not, BooleanQuery* query) {
  if (node.kind == QueryNode::Kind::kNot) below_not = true;
  if (!below_not) AddWanted(node, &query->wanted);
  if (below_not && node.kind == QueryNode::Kind::kTopic) {
    query->excluded_topics.push_back(node.topic.id);
  }
  for (const QueryNode& child : node.children) Collect(child, below_not, query);
}

std::string Joined(const QueryNode& node, absl::string_view by,
                   std::string (QueryNode::*write)() const) {
  return absl::StrJoin(node.children, by, [write](std::string* out, const QueryNode& child) {
    const bool group = child.kind == QueryNode::Kind::kAny || child.kind == QueryNode::Kind::kAll;
    absl::StrAppend(out, group ? "(" : "", (child.*write)(), group ? ")" : "");
  });
}

std::string Words(const QueryNode& node) {
  return absl::StrJoin(node.tokens, " ", [](std::string* out, const AnalyzedToken& t) {
    absl::StrAppend(out, t.token.is_hashtag ? "#" : "", t.token.folded);
  });
}

// `topic`: how topics are shown.
std::string Shown(const QueryNode& node, absl::string_view topic,
                  std::string (QueryNode::*write)() const) {
  switch (node.kind) {
    case QueryNode::Kind::kAll:
      return Joined(node, " AND ", write);
    case QueryNode::Kind::kAny:
      return Joined(node, " OR ", write);
    case QueryNode::Kind::kNot:
      return absl::StrCat("NOT ", Joined(node, "", write));
    case QueryNode::Kind::kTopic:
      return std::string(topic);
    case QueryNode::Kind::kWord:
      return Words(node);
    case QueryNode::Kind::kPhrase:
      break;
  }
  return absl::StrCat("\"", Words(node), "\"");
}

}  // namespace

std::string QueryNode::Describe() const {
  return Shown(*this,
               topic.matched == topic.id ? topic.id : absl::StrCat(topic.matched, "=", topic.id),
               &QueryNode::Describe);
}

std::string QueryNode::Write() const { return Shown(*this, topic.matched, &QueryNode::Write); }

bool IsBoolean(absl::string_view query) {
  const auto lexemes = Lex(query);
  if (!lexemes.ok()) return true;  // a quote that is not closed
  return std::any_of(lexemes->begin(), lexemes->end(), [](const Lexeme& lexeme) {
    return lexeme.kind != Lexeme::Kind::kWord && lexeme.kind != Lexeme::Kind::kEnd;
  });
}

absl::StatusOr<BooleanQuery> ParseBoolean(absl::string_view query, const Taxonomy& taxonomy) {
  HALQA_ASSIGN_OR_RETURN(std::vector<Lexeme> lexemes, Lex(query));
  BooleanQuery result;
  HALQA_ASSIGN_OR_RETURN(result.root, Parser(std::move(lexemes), taxonomy).Run());
  Collect(result.root, false, &result);
  return result;
}

}  // namespace halqa::text
