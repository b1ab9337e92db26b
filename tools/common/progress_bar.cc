#include "tools/common/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace halqa {
namespace {

constexpr int kBarCells = 24;
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kRepeatLine = std::chrono::seconds(5);

}  // namespace

ProgressBar::ProgressBar(absl::string_view label, std::FILE* out)
    : label_(label),
      out_(out),
      terminal_(isatty(fileno(out)) == 1),
      start_(Clock::now()),
      next_(start_ + (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kRepeatLine))) {}

ProgressBar::~ProgressBar() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (terminal_ && drawn_ && !done_) std::fputc('\n', out_);
}

void ProgressBar::Draw(double fraction, absl::string_view note) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const int percent = static_cast<int>(std::floor(100 * std::clamp(fraction, 0.0, 1.0)));
  std::string bar;
  if (terminal_) {
    const int filled = percent * kBarCells / 100;
    bar = absl::StrCat("[", std::string(static_cast<size_t>(filled), '#'),
                       std::string(static_cast<size_t>(kBarCells - filled), '.'), "] ");
  }
  absl::FPrintF(out_, "%s%s %s%3d %%  %.0f s%s%s%s", terminal_ ? "\r\x1b[K" : "", label_, bar,
                percent, seconds, note.empty() ? "" : "  ", note, terminal_ ? "" : "\n");
  std::fflush(out_);
  drawn_ = true;
}

void ProgressBar::Update(double fraction, absl::string_view note) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto now = Clock::now();
  if (done_ || now < next_) return;
  next_ = now + (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kRepeatLine));
  Draw(fraction, note);
}

void ProgressBar::Done(absl::string_view note) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (done_) return;
  done_ = true;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  absl::FPrintF(out_, "%s%s done in %.1f s%s%s\n", terminal_ ? "\r\x1b[K" : "", label_, seconds,
                note.empty() ? "" : "  ", note);
  std::fflush(out_);
}

}  // namespace halqa
