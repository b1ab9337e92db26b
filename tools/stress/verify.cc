#include "tools/stress/verify.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/status_macros.h"

namespace halqa::stress {
namespace {

using content::kGroup;

// Which targets one account follows.
absl::StatusOr<std::vector<bool>> TargetsOf(Client& client, const std::string& account,
                                            Report* report) {
  std::vector<bool> found(content::kTargets, false);
  auto list = client.Following(account);
  if (list.status().code() == absl::StatusCode::kNotFound) return found;
  if (!list.ok()) return list.status();
  for (const v1::Account& target : list->accounts()) {
    absl::string_view id = target.external_id();
    uint32_t index = 0;
    if (!absl::ConsumePrefix(&id, "x:t") || !absl::SimpleAtoi(id, &index) ||
        index >= found.size() || found[index]) {
      report->Find(Fault::kWrong, absl::StrCat(account, " follows ", target.external_id()));
      continue;
    }
    found[index] = true;
  }
  if (list->total_size() != static_cast<uint64_t>(list->accounts_size())) {
    report->Find(Fault::kWrong, absl::StrCat(account, " follows ", list->accounts_size(),
                                             ", but its degree is ", list->total_size()));
  }
  return found;
}

enum class Presence { kNone, kTorn, kWhole };

Presence PresenceOf(const std::vector<bool>& targets, uint64_t stream, uint64_t batch) {
  const uint64_t first = content::FirstTarget(batch), rows = content::Rows(stream, batch);
  uint64_t there = 0, beyond = 0;
  for (uint64_t i = 0; i < content::kRowsMax; ++i) {
    (i < rows ? there : beyond) += targets[first + i] ? 1 : 0;
  }
  if (there == 0 && beyond == 0) return Presence::kNone;
  return there == rows && beyond == 0 ? Presence::kWhole : Presence::kTorn;
}

class Judge {
 public:
  Judge(Client& client, const VerifyOptions& options, Ledger* ledger, Report* report)
      : client_(client), options_(options), ledger_(ledger), report_(report) {}

  absl::Status Stream(uint64_t s) {
    StreamLedger& stream = ledger_->streams[s];
    const uint64_t from = options_.everything ? 1 : std::min(stream.settled + 1, stream.sent + 1);
    uint64_t there = from - 1;
    for (uint64_t g = content::GroupOf(from); g <= content::GroupOf(stream.sent); ++g) {
      HALQA_ASSIGN_OR_RETURN(const auto targets, Targets(s, g));
      for (uint64_t c = std::max(from, g * kGroup); c <= stream.sent && c < (g + 1) * kGroup; ++c) {
        const Presence presence = PresenceOf(targets, s, c);
        if (presence == Presence::kTorn) Find(Fault::kTorn, s, c);
        if (presence == Presence::kNone && c <= std::max(stream.acknowledged, stream.settled)) {
          Find(Fault::kLost, s, c);
        }
        if (presence == Presence::kNone) continue;
        if (c != there + 1) Find(Fault::kHole, s, c);
        there = c;
      }
    }
    stream.settled = std::max(there, stream.settled);
    return Profile(s, stream.settled);
  }

  // The single calls, in any order; what was not acknowledged is there or not.
  absl::Status Singles() {
    const uint64_t s = ledger_->single_stream();
    std::set<uint64_t> groups;
    for (uint64_t c : ledger_->singles_open) groups.insert(content::GroupOf(c));
    const uint64_t newest = content::GroupOf(ledger_->singles_next);
    for (uint64_t g = options_.everything ? 0 : newest - std::min<uint64_t>(newest, 2); g <= newest;
         ++g) {
      groups.insert(g);
    }
    singles_there_ = ledger_->singles_next - 1 - ledger_->singles_open.size();
    for (uint64_t g : groups) {
      HALQA_ASSIGN_OR_RETURN(const auto targets, Targets(s, g));
      for (uint64_t c = std::max<uint64_t>(1, g * kGroup);
           c < std::min(ledger_->singles_next, (g + 1) * kGroup); ++c) {
        const Presence presence = PresenceOf(targets, s, c);
        const bool open = ledger_->singles_open.contains(c);
        if (presence == Presence::kTorn) Find(Fault::kTorn, s, c);
        if (presence == Presence::kNone && !open) Find(Fault::kLost, s, c);
        if (presence == Presence::kWhole && open) ++singles_there_;
      }
    }
    return absl::OkStatus();
  }

  absl::Status Records() {
    HALQA_ASSIGN_OR_RETURN(const auto stats, client_.Stats());
    if (!options_.count_records) return absl::OkStatus();
    uint64_t expected = (ledger_->set_up ? 1 : 0) + singles_there_;
    for (const StreamLedger& stream : ledger_->streams) expected += stream.settled;
    // The targets' own batch may be there without its acknowledgement.
    const uint64_t unsure = ledger_->set_up ? 0 : 1;
    const uint64_t records = stats.data_version().lsn();
    if (records == expected || records == expected + unsure) return absl::OkStatus();
    report_->Find(Fault::kWrong, absl::StrCat(options_.where, ": ", records, " change records for ",
                                              expected, " batches"));
    return absl::OkStatus();
  }

  // In-degree of one target: all batches that name it.
  absl::Status Degree(uint64_t target) {
    auto has = [&](uint64_t s, uint64_t c) {
      return content::FirstTarget(c) <= target &&
             target < content::FirstTarget(c) + content::Rows(s, c);
    };
    uint64_t expected = 0;
    for (uint64_t s = 0; s < ledger_->streams.size(); ++s) {
      for (uint64_t c = target / content::kRowsMax; c <= ledger_->streams[s].settled; c += kGroup) {
        expected += c > 0 && has(s, c) ? 1 : 0;
      }
    }
    uint64_t open = 0;
    for (uint64_t c = target / content::kRowsMax; c < ledger_->singles_next; c += kGroup) {
      if (c == 0 || !has(ledger_->single_stream(), c)) continue;
      (ledger_->singles_open.contains(c) ? open : expected) += 1;
    }
    auto list = client_.Followers(content::Target(target), 1);
    if (!list.ok() && list.status().code() != absl::StatusCode::kNotFound) return list.status();
    const uint64_t found = list.ok() ? list->total_size() : 0;
    if (found >= expected && found <= expected + open) return absl::OkStatus();
    report_->Find(Fault::kWrong,
                  absl::StrCat(options_.where, ": ", content::Target(target), " has ", found,
                               " followers, expected ", expected, " to ", expected + open));
    return absl::OkStatus();
  }

  absl::Status OldGroup(uint64_t s, uint64_t group) {
    HALQA_ASSIGN_OR_RETURN(const auto targets, Targets(s, group));
    for (uint64_t c = std::max<uint64_t>(1, group * kGroup);
         c <= ledger_->streams[s].settled && c < (group + 1) * kGroup; ++c) {
      const Presence presence = PresenceOf(targets, s, c);
      if (presence == Presence::kNone) Find(Fault::kLost, s, c);
      if (presence == Presence::kTorn) Find(Fault::kTorn, s, c);
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::vector<bool>> Targets(uint64_t s, uint64_t group) {
    return TargetsOf(client_, content::Account(s, group), report_);
  }
  // The newest profile of the stream's newest group belongs to its newest batch with one.
  absl::Status Profile(uint64_t s, uint64_t settled) {
    const uint64_t batch = settled - settled % content::kProfileEvery;
    if (batch == 0) return absl::OkStatus();
    const std::string account = content::Account(s, content::GroupOf(batch));
    HALQA_ASSIGN_OR_RETURN(const auto found, client_.GetAccount(account));
    const std::string expected = absl::StrCat("batch ", batch);
    if (found.bio() == expected) return absl::OkStatus();
    report_->Find(Fault::kTorn, absl::StrCat(options_.where, ": profile of ", account, " is '",
                                             found.bio(), "', not '", expected, "'"));
    return absl::OkStatus();
  }
  void Find(Fault fault, uint64_t s, uint64_t c) {
    report_->Find(fault, absl::StrCat(options_.where, ": stream ", s, " batch ", c));
  }

  Client& client_;
  const VerifyOptions& options_;
  Ledger* const ledger_;
  Report* const report_;
  uint64_t singles_there_ = 0;
};

}  // namespace

absl::Status Verify(Client& client, const VerifyOptions& options, CounterRng* rng, Ledger* ledger,
                    Report* report) {
  Judge judge(client, options, ledger, report);
  for (uint64_t s = 0; s < ledger->streams.size(); ++s) HALQA_RETURN_IF_ERROR(judge.Stream(s));
  HALQA_RETURN_IF_ERROR(judge.Singles());
  HALQA_RETURN_IF_ERROR(judge.Records());
  for (int i = 0; i < 4; ++i) {
    HALQA_RETURN_IF_ERROR(judge.Degree(rng->Below(content::kTargets)));
    if (ledger->streams.empty()) continue;
    const uint64_t s = rng->Below(ledger->streams.size());
    HALQA_RETURN_IF_ERROR(
        judge.OldGroup(s, rng->Below(content::GroupOf(ledger->streams[s].settled) + 1)));
  }
  report->Count("verified");
  return absl::OkStatus();
}

}  // namespace halqa::stress
