#include "engine/filter/filter.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/filter/lexer.h"

namespace halqa::filter {
namespace {

absl::string_view TypeName(FieldType type) {
  constexpr absl::string_view kNames[] = {"a number", "a boolean", "a string", "an enum",
                                          "a list of strings"};
  return kNames[static_cast<size_t>(type)];
}

bool IsOrder(Comparator c) { return c >= Comparator::kLt && c <= Comparator::kGe; }

// "field:*": is the field known?
bool IsPresence(const Node& node) {
  return node.comparator == Comparator::kHas && node.value.empty() && node.wildcard_end &&
         !node.wildcard_begin;
}

class Checker {
 public:
  explicit Checker(const Schema& schema) : schema_(schema) {}

  absl::Status Check(Node* node) const {
    for (const auto& child : node->children) HALQA_RETURN_IF_ERROR(Check(child.get()));
    if (node->kind == Node::Kind::kLiteral) return CheckLiteral(node);
    if (node->kind == Node::Kind::kCompare) return CheckCompare(node);
    return absl::OkStatus();
  }

 private:
  static absl::Status CheckLiteral(Node* node) {
    if (node->wildcard_begin) {
      return FilterError("FILTER_BAD_VALUE", node->value_position,
                         "a bare word may end, but not begin, with '*'");
    }
    if (node->value.empty()) {
      return FilterError("FILTER_BAD_VALUE", node->value_position, "an empty word");
    }
    node->lower = absl::AsciiStrToLower(node->value);
    return absl::OkStatus();
  }

  absl::Status UnknownField(const Node& node) const {
    const std::string known = absl::StrJoin(
        schema_.fields, ", ",
        [](std::string* out, const Field& field) { absl::StrAppend(out, field.name); });
    absl::Status error = FilterError(
        "FILTER_UNKNOWN_FIELD", node.position,
        absl::StrCat("unknown field \"", node.name, "\"; the known fields are ", known));
    return WithDetail(WithDetail(error, "name", node.name), "known_fields", known);
  }

  absl::Status CheckCompare(Node* node) const {
    for (size_t i = 0; i < schema_.fields.size(); ++i) {
      if (schema_.fields[i].name == node->name) node->field = static_cast<int>(i);
    }
    if (node->field < 0) return UnknownField(*node);
    if (IsPresence(*node)) return absl::OkStatus();
    const Field& field = schema_.fields[node->field];
    HALQA_RETURN_IF_ERROR(CheckComparator(*node, field));
    const bool text = field.type == FieldType::kString || field.type == FieldType::kStringList;
    if (!text && (node->wildcard_begin || node->wildcard_end)) {
      return FilterError(
          "FILTER_BAD_VALUE", node->value_position,
          absl::StrCat("'*' works on strings; ", field.name, " is ", TypeName(field.type)));
    }
    node->lower = absl::AsciiStrToLower(node->value);
    return SetNumber(node, field);
  }

  static absl::Status CheckComparator(const Node& node, const Field& field) {
    const bool ordered = field.type == FieldType::kNumber || field.ordered;
    const bool has = field.type == FieldType::kString || field.type == FieldType::kStringList;
    if ((IsOrder(node.comparator) && !ordered) || (node.comparator == Comparator::kHas && !has)) {
      return FilterError("FILTER_BAD_COMPARISON", node.position,
                         absl::StrCat(field.name, " is ", TypeName(field.type),
                                      field.type == FieldType::kEnum ? " without order" : "",
                                      " and cannot be compared like this"));
    }
    return absl::OkStatus();
  }

  static absl::Status SetNumber(Node* node, const Field& field) {
    auto bad = [&](absl::string_view expected) {
      return FilterError("FILTER_BAD_VALUE", node->value_position,
                         absl::StrCat("\"", node->value, "\" is no value of ", field.name,
                                      "; expected ", expected));
    };
    if (field.type == FieldType::kNumber) {
      const bool ok = absl::SimpleAtod(node->value, &node->number);
      return ok && std::isfinite(node->number) ? absl::OkStatus() : bad("a number");
    }
    if (field.type == FieldType::kBool) {
      if (node->lower != "true" && node->lower != "false") return bad("true or false");
      node->number = node->lower == "true" ? 1 : 0;
    }
    if (field.type == FieldType::kEnum) {
      const auto it = std::find(field.values.begin(), field.values.end(), node->lower);
      if (it == field.values.end()) {
        return bad(absl::StrCat("one of ", absl::StrJoin(field.values, ", ")));
      }
      node->number = static_cast<double>(it - field.values.begin());
    }
    return absl::OkStatus();
  }

  const Schema& schema_;
};

bool CompareNumbers(double a, Comparator comparator, double b) {
  switch (comparator) {
    case Comparator::kNe:
      return a != b;
    case Comparator::kLt:
      return a < b;
    case Comparator::kLe:
      return a <= b;
    case Comparator::kGt:
      return a > b;
    case Comparator::kGe:
      return a >= b;
    default:
      return a == b;
  }
}

// Equality under ASCII case folding, with '*' at either end.
bool EqualsText(const Node& node, absl::string_view text) {
  if (node.wildcard_begin && node.wildcard_end) {
    return absl::StrContains(absl::AsciiStrToLower(text), node.lower);
  }
  if (node.wildcard_begin) return absl::EndsWithIgnoreCase(text, node.lower);
  if (node.wildcard_end) return absl::StartsWithIgnoreCase(text, node.lower);
  return absl::EqualsIgnoreCase(text, node.lower);
}

bool CompareText(const Node& node, const Value& value, FieldType type) {
  if (type == FieldType::kStringList) {
    const bool any = std::any_of(value.list.begin(), value.list.end(),
                                 [&node](const std::string& s) { return EqualsText(node, s); });
    return node.comparator == Comparator::kNe ? !any : any;
  }
  if (node.comparator == Comparator::kHas && !node.wildcard_begin && !node.wildcard_end) {
    return absl::StrContains(absl::AsciiStrToLower(value.text), node.lower);
  }
  return EqualsText(node, value.text) != (node.comparator == Comparator::kNe);
}

Tri EvaluateCompare(const Node& node, const Schema& schema, const Row& row) {
  const Value value = row.Get(node.field);
  if (IsPresence(node)) return FromBool(value.known);
  if (!value.known) return Tri::kUnknown;
  const FieldType type = schema.fields[node.field].type;
  if (type == FieldType::kString || type == FieldType::kStringList) {
    return FromBool(CompareText(node, value, type));
  }
  return FromBool(CompareNumbers(value.number, node.comparator, node.number));
}

Tri EvaluateNode(const Node& node, const Schema& schema, const Row& row) {
  switch (node.kind) {
    case Node::Kind::kLiteral:
      return row.MatchesText(node.lower, node.wildcard_end);
    case Node::Kind::kCompare:
      return EvaluateCompare(node, schema, row);
    case Node::Kind::kNot:
      return Not(EvaluateNode(*node.children.front(), schema, row));
    case Node::Kind::kAnd: {
      Tri result = Tri::kTrue;
      for (const auto& child : node.children) {
        result = And(result, EvaluateNode(*child, schema, row));
        if (result == Tri::kFalse) break;
      }
      return result;
    }
    case Node::Kind::kOr: {
      Tri result = Tri::kFalse;
      for (const auto& child : node.children) {
        result = Or(result, EvaluateNode(*child, schema, row));
        if (result == Tri::kTrue) break;
      }
      return result;
    }
  }
  return Tri::kUnknown;
}

}  // namespace

absl::StatusOr<Filter> Filter::Compile(absl::string_view text, const Schema& schema) {
  HALQA_ASSIGN_OR_RETURN(std::unique_ptr<Node> root, Parse(text));
  Filter filter;
  if (root == nullptr) return filter;
  HALQA_RETURN_IF_ERROR(Checker(schema).Check(root.get()));
  filter.root_ = std::move(root);
  filter.schema_ = std::make_shared<const Schema>(schema);
  return filter;
}

Tri Filter::Evaluate(const Row& row) const {
  return root_ == nullptr ? Tri::kTrue : EvaluateNode(*root_, *schema_, row);
}

}  // namespace halqa::filter
