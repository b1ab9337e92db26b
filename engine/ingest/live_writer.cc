// The writer thread: the only one that gives ids, writes records and publishes epochs.

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/live_graph.h"

namespace halqa::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using store::Family;

constexpr uint64_t kGroupBytesMax = 8 << 20;
constexpr auto kRelaxedSyncEvery = std::chrono::milliseconds(kRelaxedLossMs / 4);
constexpr uint32_t kIdsPerSlice = 4096;

uint64_t MicrosSince(Clock::time_point start) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
}

void RaiseTo(uint64_t value, std::atomic<uint64_t>* maximum) {
  uint64_t seen = maximum->load();
  while (seen < value && !maximum->compare_exchange_weak(seen, value)) {
  }
}

bool IsRelaxed(const Change& change) {
  const auto* request = std::get_if<WriteRequest>(&change);
  return request != nullptr && request->relaxed;
}

// What must work on a nearly full disk: taking people out.
store::Space SpaceOf(const Change& change) {
  return std::holds_alternative<EraseRequest>(change) ? store::Space::kReserve
                                                      : store::Space::kNormal;
}

// The state word that the edge families show for one edge, 0 when they show none.
absl::StatusOr<uint32_t> StoredWord(const store::Store& db, const store::Mask& mask,
                                    const store::FollowChange& change) {
  HALQA_ASSIGN_OR_RETURN(auto row,
                         db.Get(Family::kFollowOut, store::FollowKey(AccountId{change.src})));
  if (!row) return 0;
  std::vector<store::FollowEntry> entries;
  HALQA_RETURN_IF_ERROR(store::DecodeFollows(*row, &entries));
  mask.Apply(change.src, &entries);
  auto it = std::lower_bound(entries.begin(), entries.end(), change.dst,
                             [](const store::FollowEntry& e, uint32_t dst) { return e.dst < dst; });
  return it != entries.end() && it->dst == change.dst ? it->word : 0;
}

}  // namespace

// Whether a batch may be taken now. REQUIRES: mutex_.
bool LiveGraph::WriterMayWork() const {
  if (queue_.empty()) return false;
  uint64_t unfolded = 0;
  const Lsn folded = folded_lsn_.load();
  for (const auto& delta : epoch_->overlay.deltas)
    unfolded += delta->last_lsn() > folded ? delta->edges() : 0;
  for (const auto& run : epoch_->overlay.runs)
    unfolded += run->last_lsn() > folded ? run->edges() : 0;
  return unfolded < options_.delta_edges_max &&
         epoch_->overlay.edges() < options_.overlay_edges_max;
}

void LiveGraph::WriterLoop() {
  std::optional<Clock::time_point> full_since;
  for (;;) {
    std::vector<Pending> pending;
    std::vector<std::function<void()>> controls;
    {
      std::unique_lock lock(mutex_);
      auto ready = [&] { return stopping_ || !controls_.empty() || WriterMayWork(); };
      const bool loading = !ids_.complete() && !ids_unreadable_;
      const auto pause = std::chrono::milliseconds(loading && queue_.empty() ? 0 : 100);
      const bool work = wake_.wait_for(lock, undurable_ ? kRelaxedSyncEvery : pause, ready);
      if (work && stopping_ && queue_.empty() && controls_.empty()) {
        writer_ended_ = true;
        break;
      }
      controls = std::exchange(controls_, {});
      const bool full = !queue_.empty() && !WriterMayWork();
      if (full && !full_since) {
        full_since = Clock::now();
        counters_.full_waits.fetch_add(1);
        room_.notify_all();
      } else if (!full && full_since) {
        counters_.full_wait_micros.fetch_add(MicrosSince(*full_since));
        full_since.reset();
      }
      if (!full || stopping_) pending = std::exchange(queue_, {});
    }
    for (const auto& control : controls) control();
    if (pending.empty() && controls.empty()) {
      if (undurable_) SyncNow().IgnoreError();  // noted in broken_ when it fails
      if (!ids_.complete() && !ids_unreadable_) LoadIdsSlice();
    }
    if (!pending.empty()) CommitPending(std::move(pending));
    if (undurable_ && Clock::now() - undurable_since_ > kRelaxedSyncEvery) SyncNow().IgnoreError();
    if (active_->edges() >= options_.fold_edges) room_.notify_all();
  }
  if (undurable_) SyncNow().IgnoreError();
}

// Fills the table of ids while there is nothing else to do. A table that could not be read to its
// end is never complete: every id it does not know is looked up in the store.
void LiveGraph::LoadIdsSlice() {
  uint32_t read = 0;
  const absl::Status status = db_->Scan(
      Family::kExternalToId, ids_loaded_to_, "", [&](absl::string_view key, absl::string_view id) {
        if (key.size() == sizeof(store::KeyedHash) && id.size() == 4) {
          store::KeyedHash hash;
          std::copy_n(key.data(), hash.size(), hash.begin());
          ids_.Insert(hash, AccountId{DecodeFixed32BE(id)});
        }
        ids_loaded_to_ = std::string(key) + '\0';
        return ++read < kIdsPerSlice;
      });
  resident_ids_ = ids_.size();
  resident_id_bytes_ = ids_.bytes();
  if (!status.ok()) {
    ids_unreadable_ = true;
    options_.log(absl::StrCat("ids cannot be read ahead: ", status.ToString()));
  } else if (read < kIdsPerSlice) {
    ids_.set_complete();
  }
}

absl::Status LiveGraph::SyncNow() {
  if (!broken_.ok()) return broken_;
  if (!undurable_) return absl::OkStatus();
  const auto before = epoch();
  store::Batch batch;
  batch.Put(Family::kMeta, store::meta::kTail, EncodeTail(before->tail));
  const absl::Status synced = db_->Write(batch, store::Durability::kSync, store::Space::kReserve);
  if (absl::IsResourceExhausted(synced)) return synced;  // later, when there is room
  broken_ = synced;
  if (!broken_.ok()) return broken_;
  undurable_ = false;
  Epoch after = *before;
  after.durable_lsn = after.tail.lsn;
  Publish(std::make_shared<Epoch>(std::move(after)));
  return absl::OkStatus();
}

// An event is late when something newer is known of its edge. The layers and the snapshot do not
// tell when a follow began, so only an event above every word below is taken unseen; any other is
// compared.
absl::StatusOr<bool> LiveGraph::IsLate(const store::FollowChange& f, const Epoch& below) const {
  const bool wins = store::IsActive(f.word) ? f.word > below_.removed : f.word > below_.any;
  if (wins) return false;
  const auto word = below.overlay.WordOf(AccountId{f.src}, AccountId{f.dst}, below.tail.lsn);
  if (word && *word > f.word) return true;
  HALQA_ASSIGN_OR_RETURN(const uint32_t stored, StoredWord(*db_, *below.mask, f));
  return stored > f.word;
}

// Gives the edges of one record to `delta`, or to the end of `edges` where there is none.
absl::Status LiveGraph::ApplyToDelta(const store::ChangeRecord& record, const Epoch& below,
                                     Delta* delta, std::vector<DeltaEdge>* edges) {
  if (delta != nullptr) edges->clear();
  for (const store::FollowChange& f : record.follows) {
    HALQA_ASSIGN_OR_RETURN(const bool late, IsLate(f, below));
    if (late) {
      counters_.late_rows.fetch_add(1);
      continue;
    }
    edges->push_back({AccountId{f.src}, AccountId{f.dst}, f.word});
  }
  if (delta != nullptr) delta->Apply(record.lsn, *edges);
  return absl::OkStatus();
}

void LiveGraph::HideAccounts(const store::ChangeRecord& record, Epoch* epoch) const {
  auto hide = [&](uint32_t account) {
    const AccountId id{account};
    const auto place = std::lower_bound(epoch->hidden.begin(), epoch->hidden.end(), id);
    const auto i = place - epoch->hidden.begin();
    if (place != epoch->hidden.end() && *place == id) return;
    epoch->hidden.insert(place, id);
    epoch->hidden_since.insert(epoch->hidden_since.begin() + i, record.lsn);
  };
  for (uint32_t account : record.erased) hide(account);
  for (const store::AliasChange& a : record.aliases) hide(a.alias);
}

GroupContext LiveGraph::Context(const Epoch& before) const {
  GroupContext context;
  context.db = db_.get();
  context.ids = &ids_;
  context.suppressed = &suppressed_;
  context.sources = &sources_;
  context.mask = before.mask.get();
  context.taxonomy = taxonomy_.get();
  context.degrees = [&before](AccountId id) {
    const auto out = MergedDegree(before.At(), id, Direction::kOut);
    const auto in = MergedDegree(before.At(), id, Direction::kIn);
    return std::pair<uint64_t, uint64_t>{out.ok() ? *out : 0, in.ok() ? *in : 0};
  };
  context.settings = settings_;
  context.statistics = statistics_;
  context.now = std::time(nullptr);
  context.horizon = horizon_.load();
  return context;
}

// What a written group changes in memory: ids, sources, masks, the newest layer, the epoch.
void LiveGraph::TakeOver(const CommitGroup& group, const Epoch& before) {
  for (const auto& [hash, id] : group.new_ids()) {
    id == kNoAccount ? ids_.Erase(hash) : ids_.Insert(hash, id);
  }
  suppressed_.insert(group.new_suppressed().begin(), group.new_suppressed().end());
  for (const auto& [number, row] : group.changed_sources()) sources_.Put(number, row);
  next_account_ = group.next_account();
  statistics_ = group.statistics();
  horizon_ = group.horizon();
  resident_ids_ = ids_.size();
  resident_id_bytes_ = ids_.bytes();
  Epoch after = before;
  bool masked = false;
  for (const auto& record : group.records()) {
    masked |= !record.erased.empty() || !record.aliases.empty() || !record.undone.empty();
    HideAccounts(record, &after);
    counters_.follows.fetch_add(record.follows.size());
    counters_.interactions.fetch_add(record.interactions.size());
  }
  if (masked) {
    auto mask = store::LoadMask(*db_, nullptr);
    if (mask.ok()) {
      after.mask = *mask;
      db_->SetPurgeMask(*mask);
    } else {
      broken_ = mask.status();
    }
  }
  after.tail = group.tail();
  if (!undurable_) after.durable_lsn = after.tail.lsn;
  after.accounts = next_account_;
  after.profile_changes += group.profile_changes();
  Publish(std::make_shared<Epoch>(std::move(after)));
}

// Writes one sealed group and shows it.
absl::Status LiveGraph::CommitOne(CommitGroup* group, bool relaxed, const Epoch& before) {
  const auto start = Clock::now();
  const auto durability = relaxed ? store::Durability::kNoSync : store::Durability::kSync;
  // Each request was admitted for itself.
  HALQA_RETURN_IF_ERROR(db_->Write(group->Seal(), durability, store::Space::kReserve));
  const uint64_t micros = MicrosSince(start);
  counters_.sync_micros.fetch_add(micros);
  RaiseTo(micros, &counters_.sync_micros_max);
  if (relaxed && !undurable_) undurable_since_ = start;
  undurable_ = relaxed;
  // The group is on disk: if it cannot be shown, going on would give its ids away a second time.
  Epoch below = before;
  below.overlay.deltas.pop_back();  // the newest layer itself
  for (const auto& record : group->records()) {
    for (const store::FollowChange& f : record.follows) in_active_.Add(f.word);
    broken_ = ApplyToDelta(record, below, active_.get(), &scratch_);
    if (!broken_.ok()) return broken_;
  }
  TakeOver(*group, before);
  return broken_;
}

void LiveGraph::CommitPending(std::vector<Pending> pending) {
  size_t next = 0;
  while (next < pending.size()) {
    if (!broken_.ok()) {
      pending[next++].done(broken_);
      continue;
    }
    const auto before = epoch();
    CommitGroup group(Context(*before), before->tail, next_account_);
    std::vector<absl::StatusOr<WriteAck>> acks;
    const size_t first = next;
    bool relaxed = true;
    absl::Status doomed;
    while (next < pending.size() && doomed.ok() && group.bytes() < kGroupBytesMax) {
      const Change& change = pending[next++].change;
      if (auto full = db_->Admit(SpaceOf(change)); !full.ok()) {
        acks.push_back(std::move(full));
        continue;
      }
      relaxed &= IsRelaxed(change);
      acks.push_back(group.Add(change));
      if (!acks.back().ok() && !ConcernsOneRequest(acks.back().status()))
        doomed = acks.back().status();
    }
    if (doomed.ok() && !group.empty()) doomed = CommitOne(&group, relaxed, *before);
    counters_.groups.fetch_add(1);
    for (size_t i = first; i < next; ++i) {
      if (!doomed.ok()) {
        pending[i].done(doomed);
        continue;
      }
      if (acks[i - first].ok()) {
        counters_.batches.fetch_add(1);
        counters_.suppressed_rows.fetch_add(acks[i - first]->suppressed_rows);
        acks[i - first]->durable = !undurable_;
      }
      pending[i].done(std::move(acks[i - first]));
    }
  }
}

}  // namespace halqa::ingest
