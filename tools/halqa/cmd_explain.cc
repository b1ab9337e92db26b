#include "tools/halqa/cmd_explain.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/discovery_service.grpc.pb.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/facts.h"
#include "tools/halqa/search_table.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

using Align = Table::Align;

struct ExplainFlags {
  BackendOptions backend;
  std::string account, topic;
  std::vector<std::string> without;
  uint32_t without_niche = 0;
  int depth = 1, top = 20;
  bool json = false;
};

std::string Shown(double value) { return absl::StrFormat("%.6g", value); }

std::string SignedText(double value) { return absl::StrFormat("%+.3g", value); }

std::string ShareOf(double value, double whole) {
  return whole > 0 ? absl::StrFormat("%.1f%%", 100 * value / whole) : "";
}

std::string NameOrGone(const v1::Account& account) {
  return account.external_id().empty() ? "(erased since)" : ShownName(account);
}

std::string RankText(uint32_t rank) { return rank == 0 ? "none" : WithThousands(rank); }

std::string PartName(const v1::ScorePart& part) {
  if (part.kind() == "account") return NameOrGone(part.account());
  if (part.kind() == "others") return absl::StrCat(WithThousands(part.accounts()), " others");
  if (part.kind() == "dangling") return "dangling (jumps of those who follow nobody)";
  if (part.kind() == "restart") return "restart (jumps)";
  return "residual (left by the solver)";
}

void AddParts(const google::protobuf::RepeatedPtrField<v1::ScorePart>& parts, double whole,
              absl::string_view indent, Table* table) {
  for (const v1::ScorePart& part : parts) {
    const bool account = part.kind() == "account";
    table->AddRow({absl::StrCat(indent, PartName(part)), Shown(part.value()),
                   part.kind() == "residual" ? "" : ShareOf(part.value(), whole),
                   account ? absl::StrFormat("%.1f%%", 100 * part.arc_share()) : "",
                   part.niche() == 0 ? "" : absl::StrCat(part.niche())});
    AddParts(part.parts(), whole, absl::StrCat(indent, "  "), table);
  }
}

std::string Head(const v1::ExplainRankResponse& r) {
  Facts facts;
  const bool topic = r.list() != "page_rank";
  facts.Add("account", NameOrGone(r.account()));
  facts.Add("list", topic ? absl::StrCat("topic ", r.list()) : r.list());
  facts.Add("rank", r.rank() == 0
                        ? "none: not named, or without a score"
                        : absl::StrCat(WithThousands(r.rank()), " of ", WithThousands(r.listed())));
  facts.Add("score", absl::StrCat(Shown(r.score()),
                                  r.stored() ? "" : " (not in the stored list: made anew)"));
  if (topic) {
    facts.Add("authority", absl::StrFormat("%.6g = s · sqrt(s / page_rank), s = score / %.6g, "
                                           "page_rank = %.6g",
                                           r.list_value(), r.mass(), r.page_rank()));
  }
  facts.Add("residual", absl::StrCat("at most ", absl::StrFormat("%.2g", r.residual_max()),
                                     " by the ranking's error bound"));
  return facts.Text();
}

std::string Groups(absl::string_view title,
                   const google::protobuf::RepeatedPtrField<v1::ScoreGroup>& groups, double whole) {
  if (groups.empty()) return "";
  Table table({{absl::StrCat("by ", title)},
               {"gives", Align::kRight},
               {"of score", Align::kRight},
               {"accounts", Align::kRight}});
  for (const v1::ScoreGroup& g : groups) {
    table.AddRow({g.label().empty() ? g.key() : absl::StrCat(g.key(), "  ", g.label()),
                  Shown(g.value()), ShareOf(g.value(), whole), WithThousands(g.accounts())});
  }
  return absl::StrCat("\n", table.Render());
}

// The last months one by one, what is older as one row.
google::protobuf::RepeatedPtrField<v1::ScoreGroup> LastMonths(
    const google::protobuf::RepeatedPtrField<v1::ScoreGroup>& months) {
  constexpr int kMonthsShown = 12;
  google::protobuf::RepeatedPtrField<v1::ScoreGroup> out;
  const bool unknown = !months.empty() && months.rbegin()->key() == "unknown";
  const int first = months.size() - kMonthsShown - (unknown ? 1 : 0);
  if (first <= 1) return months;
  v1::ScoreGroup* const older = out.Add();
  older->set_key(absl::StrCat("before ", months[first].key()));
  for (int i = 0; i < first; ++i) {
    older->set_value(older->value() + months[i].value());
    older->set_accounts(older->accounts() + months[i].accounts());
  }
  for (int i = first; i < months.size(); ++i) *out.Add() = months[i];
  return out;
}

std::string CompetitorText(const v1::ExplainRankResponse& r, size_t top) {
  if (!r.has_competitor()) return "";
  const v1::Competitor& c = r.competitor();
  std::string out = absl::StrCat(
      "\nnext above: ", NameOrGone(c.account()), ", rank ", WithThousands(c.rank()), ", score ",
      Shown(c.score()), " (", SignedText(c.score_difference()), " = restart ",
      SignedText(c.restart()), ", dangling ", SignedText(c.dangling()), ", only theirs ",
      SignedText(c.only_theirs()), ", only mine ", SignedText(c.only_mine()), ", both ",
      SignedText(c.both()), ", residual ", SignedText(c.residual()), ")\n");
  if (c.differences().empty()) return out;
  Table table({{"what separates them"},
               {"theirs", Align::kRight},
               {"mine", Align::kRight},
               {"difference", Align::kRight}});
  for (const v1::ScoreDifference& d : c.differences()) {
    if (table.rows() == top) break;
    table.AddRow({NameOrGone(d.account()), d.theirs() == 0 ? "-" : Shown(d.theirs()),
                  d.mine() == 0 ? "-" : Shown(d.mine()), SignedText(d.theirs() - d.mine())});
  }
  return absl::StrCat(out, table.Render());
}

std::string WithoutText(const v1::ExplainRankResponse& r, const ExplainFlags& flags) {
  if (!r.has_counterfactual()) return "";
  const v1::Counterfactual& c = r.counterfactual();
  std::vector<std::string> names = flags.without;
  if (flags.without_niche != 0) names.push_back(absl::StrCat("niche ", flags.without_niche));
  return absl::StrCat("\nwithout ", absl::StrJoin(names, ", "), " (", WithThousands(c.accounts()),
                      c.accounts() == 1 ? " account" : " accounts", "): rank ",
                      RankText(c.rank_before()), " -> ", RankText(c.rank_after()), ", score ",
                      Shown(c.score_before()), " -> ", Shown(c.score_after()), "\n");
}

std::string Text(const v1::ExplainRankResponse& r, const ExplainFlags& flags) {
  constexpr size_t kDifferencesMax = 10;
  Table parts({{"part"},
               {"gives", Align::kRight},
               {"of score", Align::kRight},
               {"of its weight", Align::kRight},
               {"niche", Align::kRight}});
  AddParts(r.parts(), r.score(), "", &parts);
  double sum = 0;
  for (const v1::ScorePart& part : r.parts()) sum += part.value();
  parts.AddRow({"sum = score", Shown(sum), ShareOf(sum, r.score()), "", ""});
  return absl::StrCat(Head(r), "\n", parts.Render(), Groups("niche", r.niches(), r.score()),
                      Groups("kind", r.kinds(), r.score()),
                      Groups("month", LastMonths(r.months()), r.score()),
                      CompetitorText(r, kDifferencesMax), WithoutText(r, flags), "\n",
                      ShownVersion(r.data_version()), "\n");
}

absl::Status Explain(const ExplainFlags& flags, const Backend& backend) {
  v1::ExplainRankRequest request;
  request.set_name(flags.account);
  request.set_topic(flags.topic);
  request.mutable_without_accounts()->Add(flags.without.begin(), flags.without.end());
  request.set_without_niche(flags.without_niche);
  request.set_contributions_max(flags.top);
  request.set_depth(flags.depth);
  const auto stub = v1::DiscoveryService::NewStub(backend.channel());
  HALQA_ASSIGN_OR_RETURN(const auto response,
                         rpc::CallUnary(*stub, &v1::DiscoveryService::Stub::ExplainRank, request));
  const std::string text = flags.json ? rpc::ToJson(response) + "\n" : Text(response, flags);
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void RegisterExplain(Command app) {
  auto flags = std::make_shared<ExplainFlags>();
  Command explain =
      app.Sub("explain", "Take a score apart: who gives it, and the place without them");
  AddBackendFlags(explain, &flags->backend);
  explain.Add("account", flags->account, "@handle, platform:id, or profile link").Required();
  explain.Add("--topic", flags->topic, "Topic id, see `halqa topics`; none = page_rank");
  explain.Add("--without", flags->without, "Also the place without this account; may be repeated")
      .Repeated();
  explain.Add("--without-niche", flags->without_niche,
              "Also the place without the other members of this niche");
  explain.Add("--depth", flags->depth, "2 = also who gives to those who give").ShowDefault();
  explain.Add("--top", flags->top, "Accounts listed one by one, at most 1000").ShowDefault();
  explain.Switch("--json", flags->json, "Print the response as JSON");
  explain.Footer(
      "Examples:\n"
      "  halqa explain --data ./graph @dar_chhiwat\n"
      "  halqa explain --data ./graph @dar_chhiwat --topic food --top 5 --depth 2\n"
      "  halqa explain --server 127.0.0.1:7411 @dar_chhiwat --without @star --without @other\n"
      "  halqa explain --data ./graph instagram:1234 --without-niche 3 --json\n"
      "The parts add up to the stored score. Left out accounts are left out together, as if the\n"
      "graph had never held them.");
  explain.Run([flags] {
    RunOn(flags->backend, [&](const Backend& backend) { return Explain(*flags, backend); });
  });
}

}  // namespace halqa::cli
