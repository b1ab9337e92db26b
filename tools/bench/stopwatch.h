#pragma once
// Time since it was made.

#include <ctime>

namespace halqa::bench {

// With one thread the time on its core, for which what others do on the machine counts little; with
// more, on the wall.
class Stopwatch {
 public:
  explicit Stopwatch(int threads)
      : clock_(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC), start_(Now()) {}
  double Seconds() const { return Now() - start_; }

 private:
  double Now() const {
    struct timespec t {};
    ::clock_gettime(clock_, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
  clockid_t clock_;
  double start_;
};

}  // namespace halqa::bench
