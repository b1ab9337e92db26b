#include "tools/halqa/cmd_show.h"

#include <algorithm>
#include <cmath>
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

constexpr size_t kTopicsShown = 10;

struct ShowFlags {
  BackendOptions backend;
  std::string account;
  bool json = false;
};

void AddProfile(const v1::Account& a, Facts* facts) {
  facts->Add("account", ShownName(a));
  facts->Add("id", a.external_id());
  facts->Add("name", a.display_name());
  facts->Add("bio", a.bio());
  facts->Add("link", a.url());
  std::vector<std::string> place;
  for (const std::string& part : {a.city(), a.country()}) {
    if (!part.empty()) place.push_back(part);
  }
  facts->Add("place", absl::StrJoin(place, ", "));
  facts->Add("languages", absl::StrJoin(a.languages(), ", "));
  facts->Add("category", a.category());
  facts->Add("hashtags", absl::StrJoin(a.hashtags(), " "));
  if (a.has_verified()) facts->Add("verified", a.verified() ? "yes" : "no");
  for (const v1::Price& p : a.prices()) {
    facts->Add(
        absl::StrCat("price of a ", p.format()),
        absl::StrFormat("%.2f %s", static_cast<double>(p.amount_micros()) / 1e6, p.currency()));
  }
  if (a.has_creator_id()) {
    facts->Add("person",
               absl::StrFormat("%s (probability %.2f%s%s)", a.creator_id(), a.creator_probability(),
                               a.creator_evidence().empty() ? "" : ", ", a.creator_evidence()));
  }
  for (const auto& [key, value] : Sorted(a.attributes())) facts->Add(key, value);
  facts->Add("source", a.source());
  facts->Add("legal basis", a.legal_basis());
}

void AddCounts(const v1::GetInfluencerResponse& r, Facts* facts) {
  const v1::Account& a = r.account();
  if (!a.named()) facts->Add("shown", "by pseudonym: not public, or below the threshold");
  facts->Add("followers declared",
             a.has_declared_followers() ? WithThousands(a.declared_followers()) : "unknown");
  facts->Add("followers known", WithThousands(a.known_followers()));
  facts->Add("follows known", WithThousands(a.known_following()));
  facts->Add("tier", r.tier().empty() ? "unknown" : r.tier());
  facts->Add("engaged reach", ShownReach(r.reach()));
  facts->Add("reach made by", r.reach().estimator());
  if (r.niche() != 0) facts->Add("niche", absl::StrCat(r.niche(), "  ", r.niche_label()));
  for (const auto& [name, value] : Sorted(r.measures())) {
    facts->Add(name, value == std::floor(value) && value < 1e15 && value >= 0
                         ? WithThousands(static_cast<uint64_t>(value))
                         : absl::StrFormat("%.6g", value));
  }
}

std::string Text(const v1::GetInfluencerResponse& r) {
  Facts facts;
  AddProfile(r.account(), &facts);
  AddCounts(r, &facts);
  std::string out = facts.Text();
  if (r.topics_size() > 0) {
    Table table({{"topic"}, {"rank", Table::Align::kRight}, {"authority", Table::Align::kRight}});
    for (int i = 0; i < std::min<int>(r.topics_size(), kTopicsShown); ++i) {
      const v1::TopicAuthority& t = r.topics(i);
      table.AddRow({t.topic(), t.rank() == 0 ? "-" : WithThousands(t.rank()),
                    absl::StrFormat("%.3g", t.authority())});
    }
    absl::StrAppend(&out, "\n", table.Render());
  }
  return absl::StrCat(out, "\n", ShownVersion(r.data_version()), "\n");
}

absl::Status Show(const ShowFlags& flags, const Backend& backend) {
  v1::GetInfluencerRequest request;
  request.set_name(flags.account);
  const auto stub = v1::DiscoveryService::NewStub(backend.channel());
  HALQA_ASSIGN_OR_RETURN(
      const auto response,
      rpc::CallUnary(*stub, &v1::DiscoveryService::Stub::GetInfluencer, request));
  std::fputs((flags.json ? rpc::ToJson(response) + "\n" : Text(response)).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void RegisterShow(Command app) {
  auto flags = std::make_shared<ShowFlags>();
  Command show = app.Sub("show", "Show all that is known about one account");
  AddBackendFlags(show, &flags->backend);
  show.Add("account", flags->account, "@handle, platform:id, or profile link").Required();
  show.Switch("--json", flags->json, "Print the response as JSON");
  show.Footer(
      "Examples:\n"
      "  halqa show --data ./graph @dar_chhiwat\n"
      "  halqa show --server 127.0.0.1:7411 instagram:1234 --json");
  show.Run([flags] {
    RunOn(flags->backend, [&](const Backend& backend) { return Show(*flags, backend); });
  });
}

}  // namespace halqa::cli
