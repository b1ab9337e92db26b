#pragma once

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"

namespace halqa {

// Shows on stderr how far a long piece of work is: a bar that redraws itself on a terminal, a line
// every few seconds elsewhere.
// Thread safety: all methods from any thread.
class ProgressBar {
 public:
  explicit ProgressBar(absl::string_view label, std::FILE* out = stderr);
  ~ProgressBar();
  // `fraction` in [0, 1]; `note` stands behind the bar ("1.2 M follows"). Cheap to call often.
  void Update(double fraction, absl::string_view note = "");
  // Ends the bar with a closing line.
  void Done(absl::string_view note = "");

 private:
  using Clock = std::chrono::steady_clock;
  void Draw(double fraction, absl::string_view note);
  std::mutex mutex_;
  const std::string label_;
  std::FILE* const out_;
  const bool terminal_;
  const Clock::time_point start_;
  Clock::time_point next_;
  bool drawn_ = false, done_ = false;
};

}  // namespace halqa
