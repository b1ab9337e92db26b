#pragma once
// What a stress mode counted and found.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace halqa::stress {

struct StressOptions {
  std::string halqad, halqa;  // the programs
  std::string directory;      // everything is below
  uint64_t seed = 1;
  uint64_t cycles = 0;   // 0 = as many as the mode's goal
  uint64_t seconds = 0;  // 0 = no limit
  uint64_t first = 1;    // failop: the first k
  bool quick = false;
};

// What must never happen.
enum class Fault { kLost, kTorn, kHole, kWrong, kSignal, kCount };

// Thread safety: all methods from any thread.
class Report {
 public:
  Report(std::string mode, const StressOptions& options);
  // One thing that must not happen. The first few are printed.
  void Find(Fault fault, const std::string& what);
  void Count(const std::string& name, uint64_t more = 1);
  void Set(const std::string& name, uint64_t value);
  uint64_t Counted(const std::string& name) const;
  uint64_t found(Fault fault) const;
  uint64_t findings() const;
  // True when the mode's time is over.
  bool TimeIsOver() const;
  // Now and then a line on stderr.
  void Progress(uint64_t done, uint64_t total);
  // One line for people, one line of JSON.
  std::string Summary() const;

 private:
  using Clock = std::chrono::steady_clock;
  const std::string mode_;
  const StressOptions options_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point told_ = Clock::now();
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> counts_;
  uint64_t found_[static_cast<int>(Fault::kCount)] = {};
};

}  // namespace halqa::stress
