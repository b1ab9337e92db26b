#include "tools/stress/report.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "tools/common/json_writer.h"

namespace halqa::stress {
namespace {

constexpr const char* kFaultNames[] = {"lost", "torn", "holes", "wrong_answers", "signals"};
constexpr uint64_t kPrintedMax = 20;

}  // namespace

Report::Report(std::string mode, const StressOptions& options)
    : mode_(std::move(mode)), options_(options) {}

void Report::Find(Fault fault, const std::string& what) {
  std::lock_guard lock(mutex_);
  uint64_t all = 0;
  for (const uint64_t n : found_) all += n;
  ++found_[static_cast<int>(fault)];
  if (all >= kPrintedMax) return;
  std::fprintf(stderr, "FOUND %s [%s seed %llu]: %s\n", kFaultNames[static_cast<int>(fault)],
               mode_.c_str(), static_cast<unsigned long long>(options_.seed), what.c_str());
}

void Report::Count(const std::string& name, uint64_t more) {
  std::lock_guard lock(mutex_);
  counts_[name] += more;
}

void Report::Set(const std::string& name, uint64_t value) {
  std::lock_guard lock(mutex_);
  counts_[name] = value;
}

uint64_t Report::Counted(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto it = counts_.find(name);
  return it == counts_.end() ? 0 : it->second;
}

uint64_t Report::found(Fault fault) const {
  std::lock_guard lock(mutex_);
  return found_[static_cast<int>(fault)];
}

uint64_t Report::findings() const {
  std::lock_guard lock(mutex_);
  uint64_t all = 0;
  for (const uint64_t n : found_) all += n;
  return all;
}

bool Report::TimeIsOver() const {
  return options_.seconds > 0 && Clock::now() - start_ > std::chrono::seconds(options_.seconds);
}

void Report::Progress(uint64_t done, uint64_t total) {
  const auto now = Clock::now();
  if (now - told_ < std::chrono::seconds(10)) return;
  told_ = now;
  std::fprintf(stderr, "%s: %llu of %llu, %llu findings\n", mode_.c_str(),
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(total),
               static_cast<unsigned long long>(findings()));
}

std::string Report::Summary() const {
  std::lock_guard lock(mutex_);
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  uint64_t all = 0;
  std::string line = absl::StrCat(mode_, " seed ", options_.seed, ":");
  JsonWriter json;
  json.BeginObject().Key("mode").String(mode_).Key("seed").UInt(options_.seed);
  for (const auto& [name, count] : counts_) {
    absl::StrAppend(&line, " ", name, " ", count, ",");
    json.Key(name).UInt(count);
  }
  for (int i = 0; i < static_cast<int>(Fault::kCount); ++i) {
    absl::StrAppend(&line, " ", kFaultNames[i], " ", found_[i], i + 1 < 5 ? "," : "");
    json.Key(kFaultNames[i]).UInt(found_[i]);
    all += found_[i];
  }
  json.Key("seconds").Number(seconds).Key("passed").Bool(all == 0).End();
  absl::StrAppend(&line, " (", static_cast<uint64_t>(seconds), " s) ", all == 0 ? "ok" : "FAILED");
  return absl::StrCat(line, "\n", json.text(), "\n");
}

}  // namespace halqa::stress
