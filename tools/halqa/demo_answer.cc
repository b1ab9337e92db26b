#include "tools/halqa/demo_answer.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "services/common/status_convert.h"
#include "tools/common/table.h"

namespace halqa::cli {
namespace {

constexpr int kDeadlineSeconds = 30;

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kDeadlineSeconds));
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (status.ok()) return response;
  return MakeError(static_cast<absl::StatusCode>(status.error_code()),
                   services::DecodeError(status).reason, status.error_message());
}

std::string NameOf(const v1::Account& account) {
  return account.handle().empty() ? account.external_id() : absl::StrCat("@", account.handle());
}

std::string SignalWords(const v1::InfluencerResult& result, const std::string& signal) {
  if (signal == "topic_authority" && result.leading_follower_count() > 0 &&
      result.reasons_size() > 0) {
    return result.reasons(0);
  }
  if (signal == "topic_authority") return "topic authority";
  if (signal == "relevance") return "text";
  if (signal == "niche_fit") return "niche";
  if (signal == "expected_reach") return "reach";
  if (signal == "potential_reach") return "followers";
  return "in-degree";
}

}  // namespace

std::string WhyLine(const v1::InfluencerResult& result) {
  std::vector<const v1::Signal*> signals;
  for (const v1::Signal& s : result.signals()) {
    if (s.contribution() > 0.005) signals.push_back(&s);
  }
  std::sort(signals.begin(), signals.end(),
            [](const auto* a, const auto* b) { return a->contribution() > b->contribution(); });
  std::vector<std::string> parts;
  for (const v1::Signal* s : signals) {
    if (parts.size() == 3) break;
    std::string amount = absl::StrFormat("%+.2f", s->contribution());
    if (amount[1] == '0') amount.erase(1, 1);
    parts.push_back(absl::StrCat(SignalWords(result, s->signal()), " ", amount));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ReachText(const v1::Reach& reach) {
  if (!reach.has_expected()) return "unknown";
  const auto& e = reach.expected();
  return absl::StrCat(WithThousands(static_cast<uint64_t>(e.value() + 0.5)), " ± ",
                      WithThousands(static_cast<uint64_t>((e.upper() - e.lower()) / 2 + 0.5)));
}

DemoClient::DemoClient(const std::string& address) {
  auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  discovery_ = v1::DiscoveryService::NewStub(channel);
  graph_ = v1::GraphService::NewStub(channel);
}

absl::StatusOr<v1::SearchInfluencersResponse> DemoClient::Search(
    const v1::SearchInfluencersRequest& request) {
  return Call(*discovery_, &v1::DiscoveryService::Stub::SearchInfluencers, request);
}

absl::StatusOr<v1::GetGraphStatsResponse> DemoClient::Stats() {
  return Call(*graph_, &v1::GraphService::Stub::GetGraphStats, v1::GetGraphStatsRequest());
}

absl::StatusOr<uint64_t> DemoClient::Follow(const std::string& follower,
                                            const std::string& followee) {
  v1::WriteBatchRequest request;
  auto* follow = request.add_follows();
  follow->set_follower(follower);
  follow->set_followee(followee);
  HALQA_ASSIGN_OR_RETURN(const auto response,
                         Call(*graph_, &v1::GraphService::Stub::WriteBatch, request));
  return response.lsn();
}

absl::StatusOr<std::vector<std::string>> DemoClient::Following(const std::string& account) {
  v1::ListFollowingRequest request;
  request.set_parent(account);
  request.set_page_size(1000);
  HALQA_ASSIGN_OR_RETURN(const auto response,
                         Call(*graph_, &v1::GraphService::Stub::ListFollowing, request));
  std::vector<std::string> out;
  for (const auto& a : response.accounts()) out.push_back(a.external_id());
  return out;
}

void PrintAnswer(const v1::SearchInfluencersResponse& answer, const std::string& filter_words) {
  std::cout << answer.resolved_query().description();
  if (!filter_words.empty()) std::cout << " | " << filter_words;
  std::cout << "\n";
  Table table({{"#", Table::Align::kRight},
               {"account"},
               {"followers", Table::Align::kRight},
               {"reach", Table::Align::kRight},
               {"why", Table::Align::kLeft, 90}});
  for (const v1::InfluencerResult& r : answer.results()) {
    table.AddRow({absl::StrCat(r.rank()), NameOf(r.account()),
                  WithThousands(static_cast<uint64_t>(r.reach().potential())), ReachText(r.reach()),
                  WhyLine(r)});
  }
  std::cout << table.Render();
}

}  // namespace halqa::cli
