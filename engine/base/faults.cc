#include "engine/base/faults.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

namespace fs = std::filesystem;

// One spelling per file.
std::string Normal(const std::string& path) { return fs::path(path).lexically_normal().string(); }
std::string Parent(const std::string& path) { return fs::path(path).parent_path().string(); }

bool Writes(FileOp op) { return op != FileOp::kOpen && op != FileOp::kRead; }
bool TakesSpace(FileOp op) { return op == FileOp::kCreate || op == FileOp::kAppend; }
bool Syncs(FileOp op) { return op == FileOp::kSync || op == FileOp::kSyncDirectory; }

absl::Status BadFault(absl::string_view part) {
  return MakeError(absl::StatusCode::kInvalidArgument, "BAD_FAULT",
                   absl::StrCat("'", part, "' is no fault"));
}

std::shared_ptr<FaultPlan>& OwnPlan() {
  static auto* plan = new std::shared_ptr<FaultPlan>();
  return *plan;
}
std::atomic<FaultPlan*> file_faults{nullptr};

}  // namespace

FaultPlan* FileFaults() { return file_faults.load(std::memory_order_acquire); }

void SetFileFaults(std::shared_ptr<FaultPlan> plan) {
  OwnPlan() = std::move(plan);
  file_faults.store(OwnPlan().get(), std::memory_order_release);
}

absl::StatusOr<std::shared_ptr<FaultPlan>> FaultPlan::Parse(absl::string_view text) {
  std::shared_ptr<FaultPlan> plan(new FaultPlan());
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    HALQA_RETURN_IF_ERROR(plan->ParsePart(part));
  }
  return plan;
}

absl::Status FaultPlan::ParsePart(absl::string_view part) {
  const std::pair<absl::string_view, absl::string_view> pair =
      absl::StrSplit(part, absl::MaxSplits('=', 1));
  const auto [name, value] = pair;
  auto number = [value = value](uint64_t* out) { return absl::SimpleAtoi(value, out) && *out > 0; };
  if (name == "lossy" || name == "nosync") {
    lossy_ = true;
    nosync_ = nosync_ || name == "nosync";
    return absl::OkStatus();
  }
  if (name == "power-loss" && number(&power_loss_at_)) {
    lossy_ = true;
    return absl::OkStatus();
  }
  if (name == "flip" && number(&flip_at_)) return absl::OkStatus();
  if (name == "seed" && number(&seed_)) return absl::OkStatus();
  if (name == "full-while" && !value.empty()) {
    full_while_ = std::string(value);
    return absl::OkStatus();
  }
  const std::vector<std::string> fail = absl::StrSplit(value, ':');
  if (name == "fail-op" && fail.size() == 2 && absl::SimpleAtoi(fail[0], &fail_at_) &&
      (fail[1] == "eio" || fail[1] == "enospc" || fail[1] == "short" || fail[1] == "fsync")) {
    fail_kind_ = fail[1];
    return absl::OkStatus();
  }
  return BadFault(part);
}

uint64_t FaultPlan::Below(uint64_t n) {
  return n == 0 ? 0 : Mix64(seed_ * 0x9e3779b97f4a7c15ull + ++draws_) % n;
}

FaultPlan::Step FaultPlan::Begin(FileOp op, const std::string& path, uint64_t bytes) {
  Step step{std::shared_lock(gate_), 0, bytes};
  if (Writes(op) && ++writes_ == power_loss_at_) {
    step.gate.unlock();
    LosePower(path);
  }
  step.error = FailHere(op, &step.bytes);
  if (step.error == 0)
    step.error = FullHere(op, &step.bytes);
  else
    std::fprintf(stderr, "test fault: %s %s\n", fail_kind_.c_str(), path.c_str());
  return step;
}

int FaultPlan::FailHere(FileOp op, uint64_t* bytes) {
  if (fail_at_ == 0) return 0;
  const bool matches = fail_kind_ == "eio" || (fail_kind_ == "enospc" && TakesSpace(op)) ||
                       (fail_kind_ == "short" && op == FileOp::kAppend) ||
                       (fail_kind_ == "fsync" && Syncs(op));
  if (!matches || ++matching_ != fail_at_) return 0;
  *bytes = fail_kind_ == "short" ? *bytes / 2 : 0;
  return fail_kind_ == "enospc" ? ENOSPC : EIO;
}

// REQUIRES: mutex_ held. The bytes that the disk still takes.
uint64_t FaultPlan::Budget() {
  std::ifstream file(full_while_);
  if (full_while_.empty() || !file) {
    was_full_ = false;
    return ~uint64_t{0};
  }
  if (!was_full_) spent_ = 0;
  was_full_ = true;
  uint64_t budget = 0;
  file >> budget;
  return budget > spent_ ? budget - spent_ : 0;
}

int FaultPlan::FullHere(FileOp op, uint64_t* bytes) {
  if (full_while_.empty() || !TakesSpace(op)) return 0;
  std::lock_guard lock(mutex_);
  const uint64_t left = Budget();
  if (left == ~uint64_t{0}) return 0;
  const bool fits = op == FileOp::kAppend ? *bytes <= left : left > 0;
  if (!fits) *bytes = left;
  spent_ += *bytes;
  return fits ? 0 : ENOSPC;
}

uint64_t FaultPlan::FreeBytes() {
  std::lock_guard lock(mutex_);
  return Budget();
}

void FaultPlan::Created(const std::string& path) {
  if (!lossy_) return;
  std::lock_guard lock(mutex_);
  files_[Normal(path)] = {};
  pending_.push_back({Entry::kCreated, Normal(path), "", ""});
}

void FaultPlan::Linked(const std::string& from, const std::string& to) {
  if (!lossy_) return;
  std::lock_guard lock(mutex_);
  if (auto it = files_.find(Normal(from)); it != files_.end()) files_[Normal(to)] = it->second;
  pending_.push_back({Entry::kCreated, Normal(to), "", ""});
}

void FaultPlan::Appended(const std::string& path, uint64_t size) {
  if (!lossy_) return;
  std::lock_guard lock(mutex_);
  files_[Normal(path)].size = size;
}

void FaultPlan::Synced(const std::string& path) {
  if (!lossy_ || nosync_) return;
  std::lock_guard lock(mutex_);
  auto it = files_.find(Normal(path));
  if (it != files_.end()) it->second.synced = it->second.size;
}

void FaultPlan::DirectorySynced(const std::string& directory) {
  if (!lossy_ || nosync_) return;
  std::lock_guard lock(mutex_);
  std::string name = Normal(directory);
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  std::erase_if(pending_, [&](const Entry& entry) {
    if (Parent(entry.path) != name) return false;
    if (!entry.copy.empty()) ::unlink(entry.copy.c_str());
    return true;
  });
}

// REQUIRES: mutex_ held. A second name of the file, so that its bytes outlive the first.
std::string FaultPlan::KeepCopy(const std::string& path) {
  const std::string copy = absl::StrCat(Parent(path), "/kept-", ::getpid(), "-", ++kept_);
  return ::link(path.c_str(), copy.c_str()) == 0 ? copy : "";
}

void FaultPlan::WillMove(const std::string& from, const std::string& to) {
  if (!lossy_) return;
  std::lock_guard lock(mutex_);
  const std::string source = Normal(from), target = Normal(to);
  pending_.push_back({Entry::kMoved, target, source, KeepCopy(target)});
  if (auto it = files_.find(source); it != files_.end()) {
    files_[target] = it->second;
    files_.erase(source);
  } else {
    files_.erase(target);
  }
}

void FaultPlan::WillRemove(const std::string& path) {
  if (!lossy_) return;
  std::lock_guard lock(mutex_);
  pending_.push_back({Entry::kRemoved, Normal(path), "", KeepCopy(Normal(path))});
}

void FaultPlan::Returned(char* data, size_t size) {
  if (flip_at_ == 0 || size == 0 || ++reads_ != flip_at_) return;
  std::lock_guard lock(mutex_);
  const uint64_t bit = Below(size * 8);
  data[bit / 8] = static_cast<char>(data[bit / 8] ^ (1 << (bit % 8)));
}

// REQUIRES: alone. Takes one change of a directory back.
void FaultPlan::Undo(const Entry& entry) {
  std::error_code ignored;
  if (entry.kind == Entry::kCreated) {
    fs::remove(entry.path, ignored);
    files_.erase(entry.path);
    return;
  }
  if (entry.kind == Entry::kMoved) {
    fs::rename(entry.path, entry.from, ignored);
    if (auto it = files_.find(entry.path); it != files_.end()) {
      files_[entry.from] = it->second;
      files_.erase(entry.path);
    }
  }
  if (!entry.copy.empty()) fs::rename(entry.copy, entry.path, ignored);
}

// Leaves what was synced and a random part of the rest.
void FaultPlan::Cut(const std::string& path, uint64_t synced, uint64_t size) {
  if (size <= synced) return;
  const uint64_t choice = Below(4);
  uint64_t left = synced + Below(size - synced + 1);
  if (choice == 0) left = synced;
  if (choice == 1) left = size;
  if (::truncate(path.c_str(), static_cast<off_t>(left)) != 0) return;
  // Some file systems know the new size before they have the bytes: zeros.
  if (choice == 2 && fs::path(path).extension() == ".log") {
    (void)!::truncate(path.c_str(), static_cast<off_t>(size));
  }
}

void FaultPlan::LosePower(const std::string& path) {
  gate_.lock();  // for good: nothing else happens from here on
  std::lock_guard lock(mutex_);
  const size_t keep = Below(pending_.size() + 1);
  for (size_t i = pending_.size(); i-- > keep;) Undo(pending_[i]);
  for (size_t i = 0; i < keep; ++i) {
    if (!pending_[i].copy.empty()) ::unlink(pending_[i].copy.c_str());
  }
  for (const auto& [name, sizes] : files_) Cut(name, sizes.synced, sizes.size);
  std::fprintf(stderr, "test fault: power loss before operation %llu on %s\n",
               static_cast<unsigned long long>(power_loss_at_), path.c_str());
  ::_exit(kPowerLossExit);
}

}  // namespace halqa
