// What the store does when its disk is full, fails or forgets.

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/write_batch.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/family_options.h"
#include "engine/store/rocks_status.h"
#include "engine/store/store.h"
#include "engine/store/store_impl.h"

namespace halqa::store {
namespace {

constexpr char kFileChecksum[] = "FileChecksumCrc32c";  // what family_options.cc asks for
constexpr int64_t kFreeKnownMs = 100;
constexpr int64_t kResumeEveryMs = 200;

int64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

uint64_t Store::Impl::FreeBytes() {
  const int64_t now = NowMs();
  if (now - free_known_ms.load() < kFreeKnownMs) return free_bytes.load();
  free_known_ms.store(now);
  uint64_t free = ~uint64_t{0};
  if (env->GetFreeSpace(path, &free).ok()) free_bytes.store(free);
  return free_bytes.load();
}

// RocksDB tries to recover by itself several times a second; this only asks whether it is done.
absl::Status Store::Impl::LeaveFull() {
  const int64_t now = NowMs();
  int64_t tried = resume_tried_ms.load();
  const bool mine =
      now - tried >= kResumeEveryMs && resume_tried_ms.compare_exchange_strong(tried, now);
  if (mine && db->Resume().ok()) watch->SetFull(false);  // Busy while it recovers
  if (!watch->full()) return absl::OkStatus();
  return StorageFull("the disk is full; reads go on, writes when there is room again");
}

// After a write that did not fit RocksDB goes on only with a new log file, and its recovery begins
// one only where something is in memory (facebook/rocksdb#12998). So there always is something.
void Store::Impl::KeepMemory() {
  if (!watch->TakeMetaFlushed()) return;
  rocksdb::WriteOptions past_log;
  past_log.disableWAL = true;
  db->Put(past_log, Handle(Family::kMeta).get(), ToSlice(kInMemory), "").PermitUncheckedError();
}

absl::Status Store::Impl::Commit(rocksdb::WriteBatch* batch, bool sync) {
  rocksdb::WriteOptions write_options;
  write_options.sync = sync;
  std::unique_lock lock(commit_mutex, std::defer_lock);
  if (sync) {
    lock.lock();
    std::string number;
    PutFixed64BE(commits + 1, &number);
    HALQA_RETURN_IF_ERROR(
        FromRocks(batch->Put(Handle(Family::kMeta).get(), ToSlice(kCommits), number), "batch"));
  }
  KeepMemory();
  const rocksdb::Status s = db->Write(write_options, batch);
  // A failed sync stays failed even where a later one would succeed: the kernel may have dropped
  // the bytes and forgotten about it.
  HALQA_RETURN_IF_ERROR(watch->Failure());
  if (IsFull(s)) return FromRocks(s, "write");
  if (!s.ok()) {
    watch->Fail(s.ToString());
    return FromRocks(s, "write");
  }
  if (!sync) return absl::OkStatus();
  ++commits;
  // The batch is on disk, so it is acknowledged; but no further one.
  if (const absl::Status marked = mark->SetCommits(commits); !marked.ok()) {
    watch->Fail(std::string(marked.message()));
  }
  return absl::OkStatus();
}

// Everything acknowledged is in the log: the end is that of a kill.
void Store::Impl::EndRecovery() {
  if (!watch->full() && !watch->failed()) return;
  watch->Freeze();
  while (db->Resume().IsBusy()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

absl::Status Store::Admit(Space space) const {
  HALQA_RETURN_IF_ERROR(impl_->watch->Failure());
  const uint64_t reserve = impl_->reserve_bytes;
  if (space == Space::kNormal && reserve > 0 && impl_->FreeBytes() < reserve) {
    return StorageFull(absl::StrCat("only ", impl_->FreeBytes(), " bytes are free, ", reserve,
                                    " are kept in reserve; reads and erasing go on"));
  }
  return impl_->watch->full() ? impl_->LeaveFull() : absl::OkStatus();
}

absl::Status Store::Failure() const { return impl_->watch->Failure(); }

StoreHealth Store::Health() const {
  StoreHealth health;
  impl_->watch->AddTo(&health);
  health.free_bytes = impl_->FreeBytes();
  health.reserve_bytes = impl_->reserve_bytes;
  health.full = health.full || health.free_bytes < health.reserve_bytes;
  return health;
}

absl::Status Store::VerifyChecksums() const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 2 << 20;
  HALQA_RETURN_IF_ERROR(FromRocks(impl_->db->VerifyFileChecksums(options), "verify files"));
  // Files of before there were checksums of whole files have those of their blocks.
  return FromRocks(impl_->db->VerifyChecksum(options), "verify blocks");
}

std::vector<Store::SortedFile> Store::SortedFiles() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  impl_->db->GetLiveFilesMetaData(&files);
  std::vector<SortedFile> out;
  for (const auto& file : files) {
    const bool known = file.file_checksum_func_name == kFileChecksum;
    out.push_back({file.name.substr(file.name.rfind('/') + 1), file.column_family_name, file.size,
                   known ? file.file_checksum : ""});
  }
  return out;
}

absl::Status Store::VerifyFile(const SortedFile& file) const {
  const std::string path = absl::StrCat(impl_->path, "/", file.name);
  if (file.checksum.empty()) {
    rocksdb::SstFileReader reader(
        rocksdb::Options(rocksdb::DBOptions(), FamilyOptions(Family::kMeta, impl_->cache)));
    rocksdb::Status s = reader.Open(path);
    if (s.ok()) s = reader.VerifyChecksum();
    return FromRocks(s, file.name);
  }
  std::ifstream in(path, std::ios::binary);
  const auto sum = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  std::vector<char> buffer(1 << 20);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
    sum->Update(buffer.data(), static_cast<size_t>(in.gcount()));
  sum->Finalize();
  if (in.eof() && sum->GetChecksum() == file.checksum) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, "STORE_CORRUPT",
                   absl::StrCat(path, ": the checksum of the file is wrong"), {{"path", path}});
}

}  // namespace halqa::store
