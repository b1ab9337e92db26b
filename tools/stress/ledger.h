#pragma once
// The oracle: what was sent and what was acknowledged, kept outside the database, and the content
// of every batch as a function of its number.

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "halqa/v1/graph_service.pb.h"

namespace halqa::stress {

// The content. Batch c of stream s brings 1 to 4 follows of the account of its group, to targets
// that no other batch of the group uses, so that a list of one account shows each batch as there,
// torn or not there. Every 25th batch also rewrites the group's profile.
namespace content {
inline constexpr uint64_t kGroup = 50;   // batches per account
inline constexpr uint64_t kRowsMax = 4;  // follows per batch
inline constexpr uint64_t kTargets = kGroup * kRowsMax;
inline constexpr uint64_t kProfileEvery = 25;

uint64_t Rows(uint64_t stream, uint64_t batch);
std::string Target(uint64_t index);
std::string Account(uint64_t stream, uint64_t group);
inline uint64_t GroupOf(uint64_t batch) { return batch / kGroup; }
inline uint64_t FirstTarget(uint64_t batch) { return batch % kGroup * kRowsMax; }
void Fill(uint64_t stream, uint64_t batch, v1::WriteBatchRequest* out);
// All targets as public accounts: they are then listed by name.
void FillSetup(v1::WriteBatchRequest* out);
}  // namespace content

// Streams are numbered from 0; the last one stands for single calls (WriteBatch), whose order is
// not kept.
struct StreamLedger {
  uint64_t sent = 0;          // the highest number that may have reached the server
  uint64_t acknowledged = 0;  // all up to here were acknowledged
  uint64_t settled = 0;       // all up to here were there at the last comparison
};

// Thread safety: the methods from any thread; the data while no load runs.
class Ledger {
 public:
  // `path`: a flat file that the acknowledgements are kept in, "" = none.
  Ledger(uint64_t streams, std::string path);
  void Sent(uint64_t stream, uint64_t batch);
  void Acknowledged(uint64_t stream, uint64_t batch);
  uint64_t NextSingle();  // takes an unfinished one first
  void SingleDone(uint64_t batch, bool acknowledged);
  uint64_t single_stream() const { return streams.size(); }
  // A request id; it carries the time of the ledger's beginning.
  std::string RequestId(const std::string& name) const;
  // Writes and syncs what is known.
  void Save() const;

  std::vector<StreamLedger> streams;
  bool set_up = false;
  uint64_t singles_next = 1;
  std::set<uint64_t> singles_open;   // sent, not acknowledged
  std::set<uint64_t> singles_under;  // a thread has them now
  uint64_t acknowledged_batches = 0;

 private:
  const std::string path_;
  const int64_t begun_;
  mutable std::mutex mutex_;
};

}  // namespace halqa::stress
