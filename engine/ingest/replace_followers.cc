#include "engine/ingest/replace_followers.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/find_account.h"

namespace halqa::ingest {
namespace {

constexpr size_t kRowsPerBatch = 5000;

absl::Status CheckList(const FollowerList& list) {
  HALQA_RETURN_IF_ERROR(ValidateExternalId(list.account));
  if (list.followers.size() > kFollowerListMax) {
    return FieldError("FOLLOWER_LIST_TOO_LONG", "followers",
                      absl::StrCat("holds ", list.followers.size(), " ids; at most ",
                                   kFollowerListMax, " are allowed"));
  }
  if (list.as_of <= 0) {
    return FieldError("AS_OF_REQUIRED", "as_of", "say when the list was complete, in Unix seconds");
  }
  if (list.as_of > std::time(nullptr) + kFutureSecondsMax)
    return FieldError("TIME_IN_FUTURE", "as_of", "is more than a day in the future");
  for (size_t i = 0; i < list.followers.size(); ++i) {
    const std::string field = absl::StrCat("followers[", i, "]");
    if (auto s = ValidateExternalId(list.followers[i]); !s.ok())
      return Annotate(WithDetail(s, "field", field), field);
    if (list.followers[i] == list.account)
      return FieldError("SELF_LOOP", field, "an account cannot follow itself");
  }
  return absl::OkStatus();
}

// Cuts rows into batches and writes them.
class Batches {
 public:
  Batches(LiveGraph* graph, const FollowerList& list, ReplaceReport* report)
      : graph_(graph), list_(list), report_(report) {}

  // A follower that the store may not know yet.
  absl::Status AddNew(const std::string& follower) {
    if (request_.ids.empty()) request_.ids.push_back(list_.account);
    request_.ids.push_back(follower);
    request_.follows.push_back(
        {static_cast<uint32_t>(request_.ids.size() - 1), 0, list_.as_of, false});
    ++report_->added;
    return MaybeSend();
  }
  absl::Status AddKnown(AccountId follower, AccountId account, store::FollowState state) {
    request_.derived.push_back(
        {Raw(follower), Raw(account), store::MakeStateWord(list_.as_of, state)});
    ++(state == store::FollowState::kActive ? report_->added : report_->removed);
    return MaybeSend();
  }
  absl::Status Send() {
    if (request_.rows() == 0) return absl::OkStatus();
    request_.provenance = list_.provenance;
    HALQA_ASSIGN_OR_RETURN(const WriteAck ack, graph_->Write(std::exchange(request_, {})));
    report_->lsn = ack.lsn;
    report_->suppressed_rows += ack.suppressed_rows;
    return absl::OkStatus();
  }

 private:
  absl::Status MaybeSend() { return request_.rows() < kRowsPerBatch ? absl::OkStatus() : Send(); }
  LiveGraph* graph_;
  const FollowerList& list_;
  ReplaceReport* report_;
  WriteRequest request_;
};

// Who follows the account now, ascending.
absl::StatusOr<std::vector<AccountId>> FollowersNow(const Epoch& epoch, AccountId account) {
  NeighbourQuery query{account, Direction::kIn};
  query.limit = uint64_t{1} << 32;
  HALQA_ASSIGN_OR_RETURN(NeighbourPage page, MergedNeighbours(epoch.At(), query));
  return std::move(page.accounts);
}

}  // namespace

absl::StatusOr<ReplaceReport> ReplaceFollowers(LiveGraph& graph, const FollowerList& list,
                                               RunContext& run) {
  HALQA_RETURN_IF_ERROR(CheckList(list));
  ReplaceReport report;
  HALQA_ASSIGN_OR_RETURN(const auto account, FindAccount(graph.db(), list.account));
  const auto epoch = graph.epoch();
  std::vector<AccountId> now;
  if (account) {
    HALQA_ASSIGN_OR_RETURN(now, FollowersNow(*epoch, *account));
  }
  std::vector<bool> stays(now.size());
  Batches batches(&graph, list, &report);
  absl::flat_hash_set<absl::string_view> seen;
  for (size_t i = 0; i < list.followers.size(); ++i) {
    const std::string& follower = list.followers[i];
    if (i % 10000 == 0)
      HALQA_RETURN_IF_ERROR(
          run.Checkpoint(static_cast<double>(i), static_cast<double>(list.followers.size() + 1)));
    if (!seen.insert(follower).second) continue;
    ++report.followers;
    HALQA_ASSIGN_OR_RETURN(const auto id, FindAccount(graph.db(), follower));
    if (!id || !account) {
      HALQA_RETURN_IF_ERROR(batches.AddNew(follower));
      continue;
    }
    const auto place = std::lower_bound(now.begin(), now.end(), *id);
    if (place != now.end() && *place == *id) {
      stays[static_cast<size_t>(place - now.begin())] = true;
    } else {
      HALQA_RETURN_IF_ERROR(batches.AddKnown(*id, *account, store::FollowState::kActive));
    }
  }
  for (size_t i = 0; i < now.size(); ++i) {
    if (!stays[i])
      HALQA_RETURN_IF_ERROR(batches.AddKnown(now[i], *account, store::FollowState::kRemoved));
  }
  HALQA_RETURN_IF_ERROR(batches.Send());
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  if (report.lsn == 0) report.lsn = epoch->tail.lsn;
  return report;
}

}  // namespace halqa::ingest
