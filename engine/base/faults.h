#pragma once
// Faults on purpose: what a failing disk does, for tests. Nothing of this runs unless a plan is
// given. The store's file system (engine/store/fault_fs.h) and our own file writes
// (engine/base/file.h) ask the plan before each operation and tell it afterwards.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa {

enum class FileOp { kOpen, kRead, kCreate, kAppend, kSync, kSyncDirectory, kMove, kRemove };

// One plan of one process. Thread safety: all methods from any thread.
//
// The model of a power loss: bytes that were never synced are cut off at a random place, creations,
// renames and removals in a directory that was not synced afterwards are undone from a random one
// on, and the process ends with kPowerLossExit. `lossy` writes through and remembers what was
// synced, so that reads see what was written, as through a page cache.
class FaultPlan {
 public:
  static constexpr int kPowerLossExit = 86;

  // The plan of a text: comma-separated
  //   lossy               syncs are simulated: only a power loss tells the difference
  //   nosync              lossy, and a sync makes nothing durable: acknowledged data must get lost
  //   power-loss=N        the power fails before the N-th write operation
  //   fail-op=K:KIND      the K-th operation of its kind fails, once. KIND: eio (any operation),
  //                       enospc (creating and writing), short (half of a write, then an error),
  //                       fsync (syncing a file or directory)
  //   full-while=FILE     while FILE exists the disk takes only as many bytes as it says
  //   flip=K              the K-th read returns one wrong bit
  //   seed=N              of the random places
  // Errors: InvalidArgument (BAD_FAULT).
  static absl::StatusOr<std::shared_ptr<FaultPlan>> Parse(absl::string_view text);

  // Surrounds one operation. `error` is an errno to fail with instead of the operation, 0 to go on;
  // `bytes` of an append may have become less, and `error` is then for afterwards. What happened is
  // told while the step is alive, so that a power loss comes between two operations.
  struct Step {
    std::shared_lock<std::shared_mutex> gate;
    int error = 0;
    uint64_t bytes = 0;
  };
  Step Begin(FileOp op, const std::string& path, uint64_t bytes = 0);

  // What happened. Paths are as the operation was given them.
  void Created(const std::string& path);
  void Linked(const std::string& from, const std::string& to);
  void Appended(const std::string& path, uint64_t size);  // the file's new size
  void Synced(const std::string& path);
  void DirectorySynced(const std::string& directory);
  // Before the operation: what a power loss may bring back is kept beside it.
  void WillMove(const std::string& from, const std::string& to);
  void WillRemove(const std::string& path);
  // A read returned these bytes.
  void Returned(char* data, size_t size);

  bool lossy() const { return lossy_; }
  // Bytes free on the disk, as far as this plan says so; ~0 otherwise.
  uint64_t FreeBytes();

 private:
  // An entry of a directory that is not durable.
  struct Entry {
    enum Kind { kCreated, kMoved, kRemoved } kind;
    std::string path, from, copy;  // copy: what stood at `path` before
  };
  FaultPlan() = default;
  absl::Status ParsePart(absl::string_view part);
  int FailHere(FileOp op, uint64_t* bytes);
  int FullHere(FileOp op, uint64_t* bytes);
  uint64_t Budget();
  [[noreturn]] void LosePower(const std::string& path);
  void Undo(const Entry& entry);
  void Cut(const std::string& path, uint64_t synced, uint64_t size);
  std::string KeepCopy(const std::string& path);
  uint64_t Below(uint64_t n);

  bool lossy_ = false, nosync_ = false;
  uint64_t power_loss_at_ = 0, fail_at_ = 0, flip_at_ = 0, seed_ = 1;
  std::string fail_kind_, full_while_;

  std::atomic<uint64_t> writes_{0}, matching_{0}, reads_{0};
  std::shared_mutex gate_;
  std::mutex mutex_;  // guards what follows
  uint64_t draws_ = 0, kept_ = 0, spent_ = 0;
  bool was_full_ = false;
  struct Sizes {
    uint64_t size = 0, synced = 0;
  };
  std::map<std::string, Sizes> files_;
  std::vector<Entry> pending_;
};

// The plan of our own file writes (engine/base/file.h), nullptr where there is none.
FaultPlan* FileFaults();
// Set once, before threads start.
void SetFileFaults(std::shared_ptr<FaultPlan> plan);

}  // namespace halqa
