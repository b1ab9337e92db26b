#include "tools/halqa/cmd_search.h"

#include <cstdio>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/discovery_service.grpc.pb.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/search_table.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  halqa search --data ./graph chhiwat\n"
    "  halqa search --server 127.0.0.1:7411 \"recettes de cuisine\" --filter 'tier = \"micro\"'\n"
    "  halqa search --data ./graph --topic beauty --weights relevance=1,topic_authority=2 --json\n"
    "  halqa search --data ./graph football --limit 20 --also @star\n"
    "  halqa search --data ./graph --filter 'city = \"Casablanca\" AND tier = micro'\n"
    "Filter fields: platform, tier, followers, known_followers, verified, country, city, "
    "category,\n"
    "handle, display_name, languages, niche and the signals; OR binds tighter than AND.\n"
    "Leaders are the accounts with the most authority in the topic.";

struct SearchFlags {
  BackendOptions backend;
  std::vector<std::string> text, topics, also;
  std::string filter, weights, page_token;
  int limit = 10;
  bool json = false;
};

absl::Status AddWeights(const std::string& text, v1::SearchInfluencersRequest* request) {
  if (text.empty()) return absl::OkStatus();
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    double weight = 0;
    if (pair.first.empty() || !absl::SimpleAtod(pair.second, &weight)) {
      return FieldError("BAD_WEIGHT", "weights",
                        absl::StrCat("'", part, "' is not of the form SIGNAL=NUMBER"));
    }
    auto* out = request->add_weights();
    out->set_signal(std::string(pair.first));
    out->set_weight(weight);
  }
  return absl::OkStatus();
}

absl::Status Search(const SearchFlags& flags, const Backend& backend) {
  v1::SearchInfluencersRequest request;
  request.set_query(absl::StrJoin(flags.text, " "));
  request.mutable_topics()->Add(flags.topics.begin(), flags.topics.end());
  request.set_filter(flags.filter);
  HALQA_RETURN_IF_ERROR(AddWeights(flags.weights, &request));
  request.set_page_size(flags.limit);
  request.set_page_token(flags.page_token);
  request.mutable_also_rank()->Add(flags.also.begin(), flags.also.end());
  const auto stub = v1::DiscoveryService::NewStub(backend.channel());
  HALQA_ASSIGN_OR_RETURN(
      const auto response,
      rpc::CallUnary(*stub, &v1::DiscoveryService::Stub::SearchInfluencers, request));
  const std::string text =
      flags.json ? rpc::ToJson(response) + "\n" : SearchText(response, TerminalCells());
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void RegisterSearch(Command app) {
  auto flags = std::make_shared<SearchFlags>();
  Command search = app.Sub("search", "Find who matters for a text or topics, and why");
  AddBackendFlags(search, &flags->backend);
  search.Add("text", flags->text,
             "Words in any language and script; none and no topic = everybody");
  search.Add("--topic", flags->topics, "Topic id, see `halqa topics`; may be repeated").Repeated();
  search.Add("--filter", flags->filter, "Which accounts may be listed");
  search.Add("--weights", flags->weights, "SIGNAL=NUMBER,... instead of the defaults");
  search.Add("--limit", flags->limit, "Accounts per page, at most 200").ShowDefault();
  search.Add("--page-token", flags->page_token, "Where the last page said it goes on");
  search.Add("--also", flags->also, "Also tell the place of this account; may be repeated")
      .Repeated();
  search.Switch("--json", flags->json, "Print the response as JSON");
  search.Footer(kExamples);
  search.Run([flags] {
    RunOn(flags->backend, [&](const Backend& backend) { return Search(*flags, backend); });
  });
}

}  // namespace halqa::cli
