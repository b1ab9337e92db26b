#include "engine/store/ack_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/file.h"

namespace halqa::store {
namespace {

constexpr uint64_t kMagic = 0x484c514141434b31;  // "HLQAACK1"
constexpr uint64_t kSlotBytes = 48;
constexpr off_t kSlotDistance = 512;  // a sector each: one torn write spoils one slot
constexpr uint64_t kLogBlock = 32768, kLogHeader = 7;

struct Slot {
  Acknowledged value;
  uint64_t turn = 0;
};

std::string Encode(const Slot& slot) {
  std::string out;
  PutFixed64BE(kMagic, &out);
  PutFixed64BE(slot.turn, &out);
  PutFixed64BE(slot.value.commits, &out);
  PutFixed64BE(slot.value.manifest_number, &out);
  PutFixed64BE(slot.value.manifest_bytes, &out);
  PutFixed64BE(Checksum64(out), &out);
  return out;
}

bool Decode(absl::string_view bytes, Slot* slot) {
  if (bytes.size() != kSlotBytes || DecodeFixed64BE(bytes) != kMagic) return false;
  if (DecodeFixed64BE(bytes.substr(40)) != Checksum64(bytes.substr(0, 40))) return false;
  slot->turn = DecodeFixed64BE(bytes.substr(8));
  slot->value = {DecodeFixed64BE(bytes.substr(16)), DecodeFixed64BE(bytes.substr(24)),
                 DecodeFixed64BE(bytes.substr(32))};
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AckMark>> AckMark::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoError(errno, "FILE_WRITE_FAILED", path);
  std::unique_ptr<AckMark> mark(new AckMark(path, fd));
  mark->Load();
  return mark;
}

AckMark::~AckMark() { ::close(fd_); }

void AckMark::Load() {
  for (off_t offset : {off_t{0}, kSlotDistance}) {
    char bytes[kSlotBytes];
    Slot slot;
    if (::pread(fd_, bytes, sizeof bytes, offset) != static_cast<ssize_t>(sizeof bytes)) continue;
    if (!Decode({bytes, sizeof bytes}, &slot) || slot.turn < turn_) continue;
    value_ = slot.value;
    turn_ = slot.turn;
  }
}

Acknowledged AckMark::value() const {
  std::lock_guard lock(mutex_);
  return value_;
}

absl::Status AckMark::SetCommits(uint64_t commits) {
  std::lock_guard lock(mutex_);
  value_.commits = commits;
  return Save();
}

absl::Status AckMark::SetManifest(uint64_t number, uint64_t bytes) {
  std::lock_guard lock(mutex_);
  if (value_.manifest_number == number && value_.manifest_bytes == bytes) return absl::OkStatus();
  value_.manifest_number = number;
  value_.manifest_bytes = bytes;
  return Save();
}

absl::Status AckMark::Save() {
  ++turn_;
  const std::string bytes = Encode({value_, turn_});
  const off_t offset = turn_ % 2 == 0 ? 0 : kSlotDistance;
  if (::pwrite(fd_, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size())) {
    return ErrnoError(errno, "FILE_WRITE_FAILED", path_);
  }
  const int64_t now = std::time(nullptr);
  if (now == synced_at_) return absl::OkStatus();
  synced_at_ = now;
  if (::fdatasync(fd_) != 0) return ErrnoError(errno, "FILE_SYNC_FAILED", path_);
  return absl::OkStatus();
}

bool RecordEndsAt(const std::string& bytes, uint64_t end) {
  uint64_t at = 0;
  while (at < end) {
    const uint64_t in_block = at % kLogBlock;
    if (kLogBlock - in_block < kLogHeader) {
      at += kLogBlock - in_block;  // too little for a header: zeros
      continue;
    }
    if (at + kLogHeader > bytes.size()) return false;
    const auto low = static_cast<unsigned char>(bytes[at + 4]);
    const auto high = static_cast<unsigned char>(bytes[at + 5]);
    at += kLogHeader + low + (uint64_t{high} << 8);
  }
  return at == end && end <= bytes.size();
}

}  // namespace halqa::store
