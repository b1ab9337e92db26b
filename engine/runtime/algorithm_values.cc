// The parameters of one run, checked against their descriptors.

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

using Vertices = std::vector<TeleportEntry>;

absl::Status BadParameter(const ParameterDescriptor& p, absl::string_view value) {
  std::string wanted(ParameterTypeName(p.type));
  if (p.type == ParameterType::kDouble || p.type == ParameterType::kInteger) {
    absl::StrAppend(&wanted, " in [", p.low, ", ", p.high, "]");
  } else if (p.type == ParameterType::kChoice) {
    wanted = absl::StrCat("one of ", absl::StrJoin(p.choices, ", "));
  }
  return FieldError("BAD_PARAMETER", p.name,
                    absl::StrCat("parameter ", p.name, " is '", value, "', must be ", wanted));
}

absl::StatusOr<Vertices> ParseVertices(const ParameterDescriptor& p, absl::string_view value) {
  Vertices vertices;
  for (const absl::string_view item : absl::StrSplit(value, ',', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(item, absl::MaxSplits('=', 1));
    TeleportEntry entry{0, 1};
    const bool weighted = item.find('=') != absl::string_view::npos;
    if (!absl::SimpleAtoi(parts.first, &entry.vertex) ||
        (weighted && !absl::SimpleAtod(parts.second, &entry.weight))) {
      return BadParameter(p, value);
    }
    vertices.push_back(entry);
  }
  if (vertices.empty()) return BadParameter(p, value);
  return vertices;
}

// Checks one value against its descriptor.
absl::Status CheckValue(const ParameterDescriptor& p, absl::string_view value) {
  double number = 0;
  int64_t whole = 0;
  bool flag = false;
  switch (p.type) {
    case ParameterType::kDouble:
      if (absl::SimpleAtod(value, &number) && number >= p.low && number <= p.high) {
        return absl::OkStatus();
      }
      return BadParameter(p, value);
    case ParameterType::kInteger:
      if (absl::SimpleAtoi(value, &whole) && static_cast<double>(whole) >= p.low &&
          static_cast<double>(whole) <= p.high) {
        return absl::OkStatus();
      }
      return BadParameter(p, value);
    case ParameterType::kBool:
      return absl::SimpleAtob(value, &flag) ? absl::OkStatus() : BadParameter(p, value);
    case ParameterType::kChoice:
      return std::find(p.choices.begin(), p.choices.end(), value) != p.choices.end()
                 ? absl::OkStatus()
                 : BadParameter(p, value);
    case ParameterType::kVertices:
      return ParseVertices(p, value).status();
  }
  return BadParameter(p, value);
}

}  // namespace

double Values::Double(absl::string_view name) const {
  double value = 0;
  HALQA_CHECK(absl::SimpleAtod(Text(name), &value));
  return value;
}

int64_t Values::Integer(absl::string_view name) const {
  int64_t value = 0;
  HALQA_CHECK(absl::SimpleAtoi(Text(name), &value));
  return value;
}

bool Values::Bool(absl::string_view name) const {
  bool value = false;
  HALQA_CHECK(absl::SimpleAtob(Text(name), &value));
  return value;
}

const std::string& Values::Text(absl::string_view name) const {
  const auto it = values_.find(std::string(name));
  HALQA_CHECK(it != values_.end());
  return it->second;
}

std::vector<TeleportEntry> Values::VerticesOf(absl::string_view name) const {
  if (Text(name).empty()) return {};
  return *ParseVertices({}, Text(name));
}

absl::StatusOr<Values> Values::Make(const AlgorithmDescriptor& algorithm,
                                    const ParameterValues& given) {
  Values values;
  std::vector<std::string> known;
  for (const ParameterDescriptor& p : algorithm.parameters) {
    known.push_back(p.name);
    const auto it = given.find(p.name);
    if (it == given.end() && p.default_value.empty()) {
      return FieldError("MISSING_PARAMETER", p.name,
                        absl::StrCat(algorithm.name, " needs the parameter ", p.name));
    }
    const std::string& value = it == given.end() ? p.default_value : it->second;
    HALQA_RETURN_IF_ERROR(CheckValue(p, value));
    values.values_[p.name] = value;
  }
  for (const auto& [name, value] : given) {
    if (values.values_.count(name) > 0) continue;
    return FieldError("UNKNOWN_PARAMETER", name,
                      absl::StrCat(algorithm.name, " has no parameter '", name, "'; it has ",
                                   known.empty() ? "none" : absl::StrJoin(known, ", ")));
  }
  return values;
}

ParameterDescriptor NumberParameter(std::string name, double low, double high, std::string standard,
                                    std::string doc) {
  return {std::move(name), ParameterType::kDouble, low, high, std::move(standard), {},
          std::move(doc)};
}

ParameterDescriptor IntegerParameter(std::string name, double low, double high,
                                     std::string standard, std::string doc) {
  return {std::move(name), ParameterType::kInteger, low, high, std::move(standard), {},
          std::move(doc)};
}

ParameterDescriptor BoolParameter(std::string name, std::string standard, std::string doc) {
  return {std::move(name), ParameterType::kBool, 0, 0, std::move(standard), {}, std::move(doc)};
}

ParameterDescriptor ChoiceParameter(std::string name, std::string standard,
                                    std::vector<std::string> choices, std::string doc) {
  return {std::move(name),    ParameterType::kChoice, 0, 0, std::move(standard),
          std::move(choices), std::move(doc)};
}

ParameterDescriptor VerticesParameter(std::string name, std::string standard, std::string doc) {
  return {std::move(name), ParameterType::kVertices, 0, 0, std::move(standard), {}, std::move(doc)};
}

}  // namespace halqa
