#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/ranking.h"

namespace halqa::runtime {
namespace {

// One row per parameter: name, range, meaning, and the option it sets.
struct Parameter {
  std::string name;
  double low, high;
  std::string doc;
  std::function<double(const RankingOptions&)> get;
  std::function<void(RankingOptions&, double)> set;
};

template <typename T>
Parameter Field(std::string name, double low, double high, std::string doc,
                T RankingOptions::*member) {
  return {std::move(name),
          low,
          high,
          std::move(doc),
          [member](const RankingOptions& o) { return static_cast<double>(o.*member); },
          [member](RankingOptions& o, double v) { o.*member = static_cast<T>(v); }};
}

template <typename T>
Parameter ProjectionField(std::string name, double low, double high, std::string doc,
                          T projection::ProjectionOptions::*member) {
  return {std::move(name),
          low,
          high,
          std::move(doc),
          [member](const RankingOptions& o) { return static_cast<double>(o.projection.*member); },
          [member](RankingOptions& o, double v) { o.projection.*member = static_cast<T>(v); }};
}

Parameter KindWeight(InteractionKind kind) {
  const size_t place = static_cast<size_t>(kind) - 1;
  return {absl::StrCat(InteractionKindName(kind), "_weight"),
          0,
          1e6,
          absl::StrCat("weight of one ", InteractionKindName(kind)),
          [place](const RankingOptions& o) { return o.projection.kind_weights[place]; },
          [place](RankingOptions& o, double v) { o.projection.kind_weights[place] = v; }};
}

std::vector<Parameter> MakeParameters() {
  using P = projection::ProjectionOptions;
  using R = RankingOptions;
  std::vector<Parameter> all = {
      Field("damping", 0, 0.99, "probability of following an edge", &R::damping),
      Field("tolerance", 0, 1, "PageRank stops at this L1 change", &R::tolerance),
      Field("topic_tolerance", 0, 1, "topic vectors stop at this L1 change", &R::topic_tolerance),
      Field("resolution", 1e-3, 1e3, "larger gives smaller niches", &R::resolution),
      Field("seed", 0, 1e15, "order in which Leiden visits vertices", &R::seed),
      Field("topic_entries", 10, 1e7, "accounts kept per topic", &R::topic_entries),
      Field("leaders", 1, 1000, "leading accounts per topic", &R::leaders),
      Field("evidence_min", 1, 1e6, "accounts that must name a topic", &R::evidence_min),
      Field("keep_generations", 1, 8, "generations kept", &R::keep_generations),
      Field("shrink_max", 0, 1, "refuse when the graph lost more than this share; 1 = never",
            &R::shrink_max),
      ProjectionField("follow_weight", 0, 1e6, "weight of a follow", &P::follow_weight),
      ProjectionField("half_life_days", 0.01, 36500, "age at which an interaction counts half",
                      &P::half_life_days),
      ProjectionField("interaction_cap", 0, 1e9, "most weight one source's interactions add",
                      &P::interaction_cap),
      ProjectionField("engaged_window_days", 0.01, 36500, "window of engaged followers",
                      &P::engaged_window_days),
      ProjectionField("as_of", 0, 4102444800.0, "Unix seconds that ages count to; 0 = newest event",
                      &P::as_of)};
  for (int k = 1; k <= kInteractionKinds; ++k)
    all.push_back(KindWeight(static_cast<InteractionKind>(k)));
  return all;
}

// All digits, so that a value read back is the same.
std::string Number(double value) { return absl::StrFormat("%.15g", value); }

const std::vector<Parameter>& Parameters() {
  static const auto& all = *new std::vector<Parameter>(MakeParameters());
  return all;
}

absl::Status SetParameter(const std::string& name, const std::string& text,
                          RankingOptions* options) {
  std::vector<std::string> names;
  for (const Parameter& p : Parameters()) {
    names.push_back(p.name);
    if (p.name != name) continue;
    double value = 0;
    if (!absl::SimpleAtod(text, &value)) {
      return FieldError("PARAMETER_NOT_A_NUMBER", name,
                        absl::StrCat("\"", text, "\" is no number"));
    }
    if (!(value >= p.low && value <= p.high)) {
      return FieldError("PARAMETER_OUT_OF_RANGE", name,
                        absl::StrCat(text, " is not in [", p.low, ", ", p.high, "]"));
    }
    p.set(*options, value);
    return absl::OkStatus();
  }
  return FieldError(
      "UNKNOWN_PARAMETER", name,
      absl::StrCat("is no parameter of a ranking; known are ", absl::StrJoin(names, ", ")));
}

}  // namespace

std::vector<RankingParameter> RankingParameters() {
  std::vector<RankingParameter> out;
  const RankingOptions defaults;
  for (const Parameter& p : Parameters()) {
    out.push_back(
        {p.name, Number(p.get(defaults)), absl::StrCat("[", p.low, ", ", p.high, "]"), p.doc});
  }
  return out;
}

absl::StatusOr<RankingOptions> ParseRankingOptions(
    const std::map<std::string, std::string>& values) {
  RankingOptions options;
  for (const auto& [name, text] : values) {
    HALQA_RETURN_IF_ERROR(SetParameter(name, text, &options));
  }
  HALQA_RETURN_IF_ERROR(options.Validate());
  return options;
}

std::map<std::string, std::string> DescribeOptions(const RankingOptions& options) {
  std::map<std::string, std::string> out;
  for (const Parameter& p : Parameters()) out[p.name] = Number(p.get(options));
  return out;
}

absl::Status RankingOptions::Validate() const {
  for (const Parameter& p : Parameters()) {
    const double value = p.get(*this);
    if (!(value >= p.low && value <= p.high)) {
      return FieldError("PARAMETER_OUT_OF_RANGE", p.name,
                        absl::StrCat(value, " is not in [", p.low, ", ", p.high, "]"));
    }
  }
  return projection.Validate();
}

}  // namespace halqa::runtime
