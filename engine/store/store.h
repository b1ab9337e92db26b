#pragma once
// The store: one RocksDB directory per graph. The only room that knows RocksDB.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/faults.h"
#include "engine/base/run_context.h"
#include "engine/store/keys.h"

namespace halqa::store {

// A reserve that follows the size of the disk: 5 % of it, but at least 2 GiB or 10 %, whichever is
// less.
inline constexpr uint64_t kAutoReserve = ~uint64_t{0};

struct StoreOptions {
  bool create_if_missing = false;
  uint64_t block_cache_bytes = 256ull << 20;
  uint64_t disk_reserve_bytes = 0;              // normal writes are refused when less is free
  std::shared_ptr<FaultPlan> faults = nullptr;  // tests only
  // Told when data of an older format are brought to this one (migrate.h).
  std::function<void(const std::string&)> log = [](const std::string&) {};
  RunContext* migration_run = nullptr;  // its progress and cancel; null = none. Used by Open only
  uint32_t migration_accounts_per_step = 1 << 15;
};

// How the store and its disk are.
struct StoreHealth {
  bool writes_stopped = false;  // a write or sync failed; only a restart helps
  bool full = false;            // the disk is full; writes go on by themselves when there is room
  std::string error;            // the first failure, or the last background error
  uint64_t background_errors = 0;
  uint64_t stalls = 0, stall_micros = 0;  // RocksDB slowed or stopped writes
  uint64_t free_bytes = 0, reserve_bytes = 0;
};

// What a commit asks of the disk. kSync: on disk before the call returns. kNoSync is for derived
// data only.
enum class Durability { kSync, kNoSync };

// Which room a commit may use. kReserve is for what must work on a nearly full disk: erasing, and
// tidying up.
enum class Space { kNormal, kReserve };

// Changes that become visible and durable together, over all families.
class Batch {
 public:
  Batch();
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;
  void Put(Family family, absl::string_view key, absl::string_view value);
  void Merge(Family family, absl::string_view key, absl::string_view operand);
  void Delete(Family family, absl::string_view key);
  uint64_t bytes() const;
  bool empty() const;

 private:
  friend class Store;
  struct Op;
  void Add(const Op& op, absl::string_view key, absl::string_view value);
  std::vector<Op> ops_;
  std::string text_;
};

class Mask;
// How a sorted file is compressed. kTight: for files that stay. kQuick: a quarter larger and
// several times as fast, for files that a compaction will soon merge.
enum class Packing { kTight, kQuick };

class Store;

// A consistent view of all families at one moment. Release it soon: it holds old data back.
class ReadView {
 public:
  ~ReadView();

 private:
  friend class Store;
  ReadView(const Store* store, const void* snapshot) : store_(store), snapshot_(snapshot) {}
  const Store* store_;
  const void* snapshot_;
};

// Writes one sorted file that Ingest brings in. Keys must rise strictly; Put and Merge may not
// share a key.
class SstBuilder {
 public:
  ~SstBuilder();
  absl::Status Put(absl::string_view key, absl::string_view value);
  absl::Status Merge(absl::string_view key, absl::string_view operand);
  absl::Status Delete(absl::string_view key);
  // Closes the file. No further call is allowed. A builder without a key makes no file.
  absl::Status Finish();
  uint64_t entries() const { return entries_; }
  Family family() const { return family_; }
  const std::string& path() const { return path_; }

 private:
  friend class Store;
  struct Impl;
  SstBuilder(std::unique_ptr<Impl> impl, Family family, std::string path);
  std::unique_ptr<Impl> impl_;
  Family family_;
  std::string path_;
  uint64_t entries_ = 0;
};

// Thread safety: all methods from any thread.
// Invariants:
// 1. A batch written with kSync is on disk when Write returns OK; after a failed sync no further
// write succeeds.
// 2. f_out, x_out and fold receive ingested files only.
// 3. Opening never changes what a reader could see; a directory made by a newer format is refused.
class Store {
 public:
  // Brings data of an older format to this one first; killed or cancelled while it does, the next
  // Open goes on. Errors: NotFound (STORE_NOT_FOUND), FailedPrecondition (STORE_LOCKED: another
  // process has it; FORMAT_NEWER), DataLoss (STORE_CORRUPT), those of Migrate.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& directory,
                                                     const StoreOptions& options);
  // For looking only: takes the directory's lock, changes nothing, and refuses every write with
  // WRITES_STOPPED. Data of an older format are read as they are. Families that are not there are
  // read as empty; families of a newer Halqa are left closed. Errors: those of Open.
  static absl::StatusOr<std::unique_ptr<Store>> OpenReadOnly(const std::string& directory,
                                                             const StoreOptions& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const std::string& directory() const { return directory_; }
  // 32 secret bytes: signs page tokens and receipts.
  const std::string& secret() const { return secret_; }
  // The key of HashExternalId: 16 bytes of its own, or the secret in a store made by format 1.
  const std::string& id_key() const { return id_key_.empty() ? secret_ : id_key_; }
  // Names this history of change records; a restored copy gets a new one.
  uint64_t timeline() const { return timeline_; }
  uint32_t format_version() const { return format_version_; }
  // Only ever filled by OpenReadOnly: families of a newer Halqa; acknowledged batches that the
  // database came back without.
  const std::vector<std::string>& unknown_families() const { return unknown_families_; }
  uint64_t missing_batches() const { return missing_batches_; }

  // Errors: ResourceExhausted (STORAGE_FULL: nothing of the batch was stored, a later call may
  // succeed), Unavailable (WRITES_STOPPED, STORE_IO_FAILED: the batch may be there after a
  // restart).
  absl::Status Write(const Batch& batch, Durability durability, Space space = Space::kNormal);
  // Whether Write would take a batch now. Cost: a look at the free space ten times a second.
  absl::Status Admit(Space space = Space::kNormal) const;

  StoreHealth Health() const;
  // Unavailable (WRITES_STOPPED) with the cause after a failed write or sync, OK otherwise.
  absl::Status Failure() const;
  // Reads every sorted file again, all bytes. Errors: DataLoss (STORE_CORRUPT) naming the first
  // wrong file. Cost: a read of the whole store.
  absl::Status VerifyChecksums() const;

  // nullopt where the key does not exist.
  absl::StatusOr<std::optional<std::string>> Get(Family family, absl::string_view key,
                                                 const ReadView* view = nullptr) const;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      Family family, const std::vector<std::string>& keys, const ReadView* view = nullptr) const;

  // Calls fn(key, value) for each key in [from, to) in order; to = "" means the end. Stops early
  // when fn returns false. `bulk`: a long sequential read that must not empty the cache.
  using ScanFn = std::function<bool(absl::string_view key, absl::string_view value)>;
  absl::Status Scan(Family family, absl::string_view from, absl::string_view to, const ScanFn& fn,
                    const ReadView* view = nullptr, bool bulk = false) const;

  std::shared_ptr<ReadView> NewView() const;

  // A sorted file in the store's own temporary directory.
  absl::StatusOr<std::unique_ptr<SstBuilder>> NewSst(Family family,
                                                     Packing packing = Packing::kTight);
  // Brings finished files in, all or none, over all their families, and moves them into the store.
  absl::Status Ingest(const std::vector<SstBuilder*>& files);

  // A family of its own for one generation of results. Errors: AlreadyExists.
  absl::Status CreateGeneration(uint32_t generation);
  absl::Status DropGeneration(uint32_t generation);
  std::vector<uint32_t> Generations() const;

  struct SortedFile {
    std::string name;  // in DIR/rocksdb
    std::string family;
    uint64_t bytes = 0;
    std::string checksum;  // of all bytes, "" where the file was written without
  };
  // As VerifyChecksums for one of SortedFiles().
  absl::Status VerifyFile(const SortedFile& file) const;
  std::vector<SortedFile> SortedFiles() const;

  absl::Status Flush();
  // Merges all operands of the family. Slow. `stop`, when it becomes true, ends it early with an
  // error; what is merged by then stays merged.
  absl::Status Compact(Family family, std::atomic<bool>* stop = nullptr);
  // What compactions of the edge families remove from now on (mask.h). Null = nothing.
  void SetPurgeMask(std::shared_ptr<const Mask> mask);
  // Removes the history before `horizon` from the edge families (DropFollowsBefore): merges every
  // list, then filters it. REQUIRES: no event older than the horizon will be brought in any more,
  // and those already logged are folded. Cost: two full compactions of f_out and x_out.
  absl::Status PurgeBefore(int64_t horizon);
  // Rewrites the families that hold what people wrote, so that no file and no log holds a byte of
  // what was deleted from them. Cost: a compaction of each.
  absl::Status PurgeDeleted();
  // Bytes on disk of a family's sorted files, and an estimate of its keys.
  uint64_t SstBytes(Family family) const;
  uint64_t EstimatedKeys(Family family) const;

 private:
  friend class ReadView;
  friend struct StoreAccess;  // of the files of this room
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  absl::Status CheckAcknowledged(const std::vector<std::string>& logs);
  absl::Status InitMeta(bool created);
  absl::Status ReadMeta();
  std::unique_ptr<Impl> impl_;
  std::string directory_;
  std::string secret_, id_key_;
  uint64_t timeline_ = 0;
  uint32_t format_version_ = 0;
  std::vector<std::string> unknown_families_;
  uint64_t missing_batches_ = 0;
};

}  // namespace halqa::store
