#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/filter/ast.h"
#include "engine/filter/lexer.h"

namespace halqa::filter {
namespace {

using NodePtr = std::unique_ptr<Node>;

absl::Status TooMuch(absl::string_view reason, size_t position, absl::string_view what,
                     size_t allowed) {
  return WithDetail(
      FilterError(reason, position, absl::StrCat(what, " (at most ", allowed, " are allowed)")),
      "allowed", absl::StrCat(allowed));
}

NodePtr Join(Node::Kind kind, std::vector<NodePtr> children) {
  if (children.size() == 1) return std::move(children.front());
  auto node = std::make_unique<Node>();
  node->kind = kind;
  node->position = children.front()->position;
  node->children = std::move(children);
  return node;
}

Comparator ComparatorOf(absl::string_view sign) {
  if (sign == "=") return Comparator::kEq;
  if (sign == "!=") return Comparator::kNe;
  if (sign == "<") return Comparator::kLt;
  if (sign == "<=") return Comparator::kLe;
  if (sign == ">") return Comparator::kGt;
  if (sign == ">=") return Comparator::kGe;
  return Comparator::kHas;
}

absl::string_view SignOf(Comparator comparator) {
  constexpr absl::string_view kSigns[] = {"=", "!=", "<", "<=", ">", ">=", ":"};
  return kSigns[static_cast<size_t>(comparator)];
}

// expression = factor { [AND] factor }; factor = term { OR term }; term = [NOT|-] simple;
// simple = '(' expression ')' | name comparator value | value.
class Parser {
 public:
  explicit Parser(std::vector<Lexeme> lexemes) : lexemes_(std::move(lexemes)) {}

  absl::StatusOr<NodePtr> Run() {
    if (Peek().kind == LexKind::kEnd) return NodePtr();
    HALQA_ASSIGN_OR_RETURN(NodePtr node, Expression());
    if (Peek().kind != LexKind::kEnd) return Unexpected();
    return node;
  }

 private:
  const Lexeme& Peek() const { return lexemes_[at_]; }
  bool Take(LexKind kind) {
    if (Peek().kind != kind) return false;
    ++at_;
    return true;
  }

  absl::Status Unexpected() const {
    const Lexeme& lexeme = Peek();
    if (lexeme.kind == LexKind::kEnd) {
      return FilterError("FILTER_SYNTAX", lexeme.position, "the filter ends too early");
    }
    return FilterError("FILTER_SYNTAX", lexeme.position,
                       absl::StrCat("unexpected \"", lexeme.text, "\""));
  }

  absl::StatusOr<NodePtr> Expression() {
    std::vector<NodePtr> factors;
    do {
      HALQA_ASSIGN_OR_RETURN(NodePtr factor, Factor());
      factors.push_back(std::move(factor));
    } while (Take(LexKind::kAnd) ||
             (Peek().kind != LexKind::kEnd && Peek().kind != LexKind::kClose));
    return Join(Node::Kind::kAnd, std::move(factors));
  }

  absl::StatusOr<NodePtr> Factor() {
    std::vector<NodePtr> terms;
    do {
      HALQA_ASSIGN_OR_RETURN(NodePtr term, Term());
      terms.push_back(std::move(term));
    } while (Take(LexKind::kOr));
    return Join(Node::Kind::kOr, std::move(terms));
  }

  absl::StatusOr<NodePtr> Term() {
    const size_t position = Peek().position;
    if (!Take(LexKind::kNot) && !Take(LexKind::kMinus)) return Simple();
    HALQA_ASSIGN_OR_RETURN(NodePtr inner, Simple());
    auto node = std::make_unique<Node>();
    node->kind = Node::Kind::kNot;
    node->position = position;
    node->children.push_back(std::move(inner));
    return node;
  }

  absl::StatusOr<NodePtr> Simple() {
    const size_t position = Peek().position;
    if (!Take(LexKind::kOpen)) return Restriction();
    if (++depth_ > kFilterDepthMax) {
      return TooMuch("FILTER_TOO_DEEP", position, "too many nested parentheses", kFilterDepthMax);
    }
    HALQA_ASSIGN_OR_RETURN(NodePtr node, Expression());
    --depth_;
    if (!Take(LexKind::kClose)) {
      return FilterError("FILTER_SYNTAX", position, "this parenthesis is never closed");
    }
    return node;
  }

  absl::StatusOr<NodePtr> Restriction() {
    const Lexeme first = Peek();
    if (!Take(LexKind::kWord) && !Take(LexKind::kString)) return Unexpected();
    if (++terms_ > kFilterTermsMax) {
      return TooMuch("FILTER_TOO_MANY_TERMS", first.position, "too many terms", kFilterTermsMax);
    }
    auto node = std::make_unique<Node>();
    node->position = first.position;
    if (Peek().kind != LexKind::kCompare) {
      node->kind = Node::Kind::kLiteral;
      HALQA_RETURN_IF_ERROR(SetValue(first, node.get()));
      return node;
    }
    if (first.kind != LexKind::kWord || first.wildcard_begin || first.wildcard_end) {
      return FilterError("FILTER_SYNTAX", first.position,
                         "the left side of a comparison is a field name");
    }
    node->kind = Node::Kind::kCompare;
    node->name = first.text;
    node->comparator = ComparatorOf(Peek().text);
    ++at_;
    const Lexeme value = Peek();
    if (!Take(LexKind::kWord) && !Take(LexKind::kString)) return Unexpected();
    HALQA_RETURN_IF_ERROR(SetValue(value, node.get()));
    return node;
  }

  absl::Status SetValue(const Lexeme& lexeme, Node* node) {
    node->value = lexeme.text;
    node->quoted = lexeme.kind == LexKind::kString;
    node->wildcard_begin = lexeme.wildcard_begin;
    node->wildcard_end = lexeme.wildcard_end;
    node->value_position = lexeme.position;
    if ((lexeme.wildcard_begin || lexeme.wildcard_end) && ++wildcards_ > kFilterWildcardsMax) {
      return TooMuch("FILTER_TOO_MANY_WILDCARDS", lexeme.position, "too many terms with '*'",
                     kFilterWildcardsMax);
    }
    return absl::OkStatus();
  }

  std::vector<Lexeme> lexemes_;
  size_t at_ = 0;
  int depth_ = 0, terms_ = 0, wildcards_ = 0;
};

std::string Quote(const Node& node) {
  std::string out = "\"";
  if (node.wildcard_begin) out += '*';
  for (char c : node.value) {
    if (c == '"' || c == '\\' || c == '*') out += '\\';
    out += c;
  }
  if (node.wildcard_end) out += '*';
  return out + "\"";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> Parse(absl::string_view filter) {
  if (filter.size() > kFilterBytesMax) {
    return TooMuch("FILTER_TOO_LONG", kFilterBytesMax,
                   absl::StrCat("the filter has ", filter.size(), " bytes"), kFilterBytesMax);
  }
  HALQA_ASSIGN_OR_RETURN(std::vector<Lexeme> lexemes, Lex(filter));
  return Parser(std::move(lexemes)).Run();
}

std::string ToString(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kLiteral:
      return Quote(node);
    case Node::Kind::kCompare:
      return absl::StrCat(node.name, SignOf(node.comparator),
                          node.quoted || node.value.empty()
                              ? Quote(node)
                              : absl::StrCat(node.wildcard_begin ? "*" : "", node.value,
                                             node.wildcard_end ? "*" : ""));
    case Node::Kind::kNot: {
      const std::string inner = ToString(*node.children.front());
      const bool twice = node.children.front()->kind == Node::Kind::kNot;
      return twice ? absl::StrCat("NOT (", inner, ")") : absl::StrCat("NOT ", inner);
    }
    default:
      break;
  }
  const absl::string_view word = node.kind == Node::Kind::kAnd ? " AND " : " OR ";
  return absl::StrCat("(",
                      absl::StrJoin(node.children, word,
                                    [](std::string* out, const NodePtr& child) {
                                      absl::StrAppend(out, ToString(*child));
                                    }),
                      ")");
}

}  // namespace halqa::filter
