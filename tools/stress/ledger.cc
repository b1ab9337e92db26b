#include "tools/stress/ledger.h"

#include <algorithm>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "engine/base/file.h"
#include "engine/base/random.h"

namespace halqa::stress {
namespace content {

uint64_t Rows(uint64_t stream, uint64_t batch) {
  return 1 + Mix64(stream * 7919 + batch) % kRowsMax;
}
std::string Target(uint64_t index) { return absl::StrCat("x:t", index); }
std::string Account(uint64_t stream, uint64_t group) {
  return absl::StrCat("x:s", stream, "g", group);
}

void Fill(uint64_t stream, uint64_t batch, v1::WriteBatchRequest* out) {
  const std::string account = Account(stream, GroupOf(batch));
  for (uint64_t i = 0; i < Rows(stream, batch); ++i) {
    auto* follow = out->add_follows();
    follow->set_follower(account);
    follow->set_followee(Target(FirstTarget(batch) + i));
    follow->set_time(static_cast<int64_t>(1700000000 + batch));
  }
  if (batch % kProfileEvery != 0) return;
  auto* profile = out->add_accounts();
  profile->set_external_id(account);
  profile->set_is_public(true);
  profile->set_bio(absl::StrCat("batch ", batch));
  profile->set_collected_at(static_cast<int64_t>(1700000000 + batch));
}

void FillSetup(v1::WriteBatchRequest* out) {
  for (uint64_t i = 0; i < kTargets; ++i) {
    auto* profile = out->add_accounts();
    profile->set_external_id(Target(i));
    profile->set_is_public(true);
    profile->set_declared_followers(10);
    profile->set_bio("cuisine marocaine");
  }
}

}  // namespace content

Ledger::Ledger(uint64_t count, std::string path)
    : streams(count), path_(std::move(path)), begun_(std::time(nullptr)) {}

std::string Ledger::RequestId(const std::string& name) const {
  return absl::StrCat(begun_, "-", name);
}

void Ledger::Sent(uint64_t stream, uint64_t batch) {
  std::lock_guard lock(mutex_);
  streams[stream].sent = std::max(streams[stream].sent, batch);
}

void Ledger::Acknowledged(uint64_t stream, uint64_t batch) {
  std::lock_guard lock(mutex_);
  uint64_t& known = streams[stream].acknowledged;
  if (batch <= known) return;
  acknowledged_batches += batch - known;
  known = batch;
}

uint64_t Ledger::NextSingle() {
  std::lock_guard lock(mutex_);
  for (uint64_t batch : singles_open) {
    if (singles_under.insert(batch).second) return batch;
  }
  singles_open.insert(singles_next);
  singles_under.insert(singles_next);
  return singles_next++;
}

void Ledger::SingleDone(uint64_t batch, bool acknowledged) {
  std::lock_guard lock(mutex_);
  singles_under.erase(batch);
  if (!acknowledged) return;
  singles_open.erase(batch);
  ++acknowledged_batches;
}

void Ledger::Save() const {
  if (path_.empty()) return;
  std::string text = absl::StrCat("singles ", singles_next, " open ", singles_open.size(), "\n");
  for (size_t s = 0; s < streams.size(); ++s) {
    absl::StrAppend(&text, "stream ", s, " sent ", streams[s].sent, " acknowledged ",
                    streams[s].acknowledged, " settled ", streams[s].settled, "\n");
  }
  (void)WriteFileDurably(path_, text);
}

}  // namespace halqa::stress
