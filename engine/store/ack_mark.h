#pragma once
// The mark of what was acknowledged: a small file beside the database that lets the next start see
// whether the database came back with less.
//
// RocksDB's log cannot tell a tail that was torn by a power loss from a tail that rotted: both end
// early, without a word. Each synced batch therefore carries its number (meta/commits), and after
// the sync the number is written here, in place. The number in the database after recovery must be
// at least the one here. The same for the MANIFEST, whose last record could seem torn.
//
// The mark itself need not be synced to be right: it is written after what it stands for. What a
// power loss takes from it only makes the check weaker.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace halqa::store {

struct Acknowledged {
  uint64_t commits = 0;          // the newest synced batch
  uint64_t manifest_number = 0;  // of the MANIFEST that CURRENT names; 0 = not known
  uint64_t manifest_bytes = 0;   // its synced length
};

// Thread safety: all methods from any thread.
class AckMark {
 public:
  // Opens or makes the file `path`. A damaged slot is passed over for the other one.
  static absl::StatusOr<std::unique_ptr<AckMark>> Open(const std::string& path);
  ~AckMark();
  AckMark(const AckMark&) = delete;
  AckMark& operator=(const AckMark&) = delete;

  Acknowledged value() const;
  // Cost: one small write; a sync of the file once a second.
  absl::Status SetCommits(uint64_t commits);
  absl::Status SetManifest(uint64_t number, uint64_t bytes);

 private:
  AckMark(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  void Load();
  absl::Status Save();

  const std::string path_;
  const int fd_;
  mutable std::mutex mutex_;
  Acknowledged value_;
  uint64_t turn_ = 0;  // counts the writes: two slots take turns
  int64_t synced_at_ = 0;
};

// Whether a record of `bytes` (a file in RocksDB's log format: MANIFEST or WAL) ends exactly at
// `end`. Only lengths are read; checksums are RocksDB's business.
bool RecordEndsAt(const std::string& bytes, uint64_t end);

}  // namespace halqa::store
