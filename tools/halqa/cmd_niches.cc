#include "tools/halqa/cmd_niches.h"

#include <algorithm>
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

struct NichesFlags {
  BackendOptions backend;
  std::string id, page_token;
  int limit = 20;
  bool json = false;
};

// "food 61 %, travel 12 %".
std::string Topics(const v1::Niche& niche, size_t most) {
  std::vector<std::pair<std::string, double>> shares(niche.topic_shares().begin(),
                                                     niche.topic_shares().end());
  std::sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (shares.size() > most) shares.resize(most);
  return absl::StrJoin(shares, ", ", [](std::string* out, const auto& share) {
    absl::StrAppendFormat(out, "%s %.0f%%", share.first, 100 * share.second);
  });
}

std::string Labels(const v1::Niche& niche, int most) {
  std::vector<std::string> labels(niche.labels().begin(), niche.labels().end());
  if (labels.size() > static_cast<size_t>(most)) labels.resize(most);
  return labels.empty() ? "(mixed)" : absl::StrJoin(labels, ", ");
}

std::string ListText(const v1::ListNichesResponse& response) {
  using Align = Table::Align;
  Table table({{"niche", Align::kRight},
               {"label", Align::kLeft, 28},
               {"accounts", Align::kRight},
               {"inside", Align::kRight},
               {"topics", Align::kLeft, 28},
               {"most authority", Align::kLeft, 40}});
  for (const v1::Niche& n : response.niches()) {
    std::vector<std::string> top;
    for (const v1::Account& a : n.top_accounts()) {
      if (top.size() < 2) top.push_back(ShownName(a));
    }
    table.AddRow({absl::StrCat(n.id()), Labels(n, 3), WithThousands(n.size()),
                  absl::StrFormat("%.0f%%", 100 * n.insularity()), Topics(n, 2),
                  absl::StrJoin(top, ", ")});
  }
  std::string out = absl::StrCat(ShownVersion(response.data_version()), "\n", table.Render(),
                                 WithThousands(response.total_size()),
                                 " niches; inside = share of their edges that stay inside");
  if (!response.next_page_token().empty()) {
    absl::StrAppend(&out, "; next page: --page-token ", response.next_page_token());
  }
  return out + "\n";
}

std::string OneText(const v1::GetNicheResponse& response, size_t most) {
  const v1::Niche& n = response.niche();
  Facts facts;
  facts.Add("niche", absl::StrCat(n.id()));
  facts.Add("labels", absl::StrJoin(n.labels(), ", "));
  facts.Add("accounts", WithThousands(n.size()));
  facts.Add("edges inside", absl::StrFormat("%.1f%%", 100 * n.insularity()));
  facts.Add("topics", Topics(n, 10));
  Table table({{"#", Table::Align::kRight},
               {"account", Table::Align::kLeft, 30},
               {"id", Table::Align::kLeft, 40},
               {"followers", Table::Align::kRight}});
  for (const v1::Account& a : n.top_accounts()) {
    if (table.rows() == most) break;
    table.AddRow({absl::StrCat(table.rows() + 1), ShownName(a),
                  ShownName(a) == a.external_id() ? "" : a.external_id(), ShownFollowers(a)});
  }
  return absl::StrCat(facts.Text(), "\nMost authority inside\n", table.Render(), "\n",
                      ShownVersion(response.data_version()), "\n");
}

absl::Status Niches(const NichesFlags& flags, const Backend& backend) {
  const auto stub = v1::DiscoveryService::NewStub(backend.channel());
  std::string text;
  if (flags.id.empty()) {
    v1::ListNichesRequest request;
    request.set_page_size(flags.limit);
    request.set_page_token(flags.page_token);
    HALQA_ASSIGN_OR_RETURN(const auto response,
                           rpc::CallUnary(*stub, &v1::DiscoveryService::Stub::ListNiches, request));
    text = flags.json ? rpc::ToJson(response) + "\n" : ListText(response);
  } else {
    v1::GetNicheRequest request;
    request.set_name(flags.id);
    HALQA_ASSIGN_OR_RETURN(const auto response,
                           rpc::CallUnary(*stub, &v1::DiscoveryService::Stub::GetNiche, request));
    const auto most = static_cast<size_t>(std::max(0, flags.limit));
    text = flags.json ? rpc::ToJson(response) + "\n" : OneText(response, most);
  }
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void RegisterNiches(Command app) {
  auto flags = std::make_shared<NichesFlags>();
  Command niches = app.Sub("niches", "List the niches, or show one");
  AddBackendFlags(niches, &flags->backend);
  niches.Add("id", flags->id, "Id of one niche");
  niches.Add("--limit", flags->limit, "Niches per page, or accounts of one niche").ShowDefault();
  niches.Add("--page-token", flags->page_token, "Where the last page said it goes on");
  niches.Switch("--json", flags->json, "Print the response as JSON");
  niches.Footer(
      "Examples:\n"
      "  halqa niches --data ./graph\n"
      "  halqa niches --server 127.0.0.1:7411 3 --limit 50");
  niches.Run([flags] {
    RunOn(flags->backend, [&](const Backend& backend) { return Niches(*flags, backend); });
  });
}

}  // namespace halqa::cli
