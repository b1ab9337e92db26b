#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace halqa::services {

// A fixed number of threads and a bounded queue: where requests run, so that gRPC's own threads
// never touch a disk. Thread safety: all methods from any thread. The destructor runs what is
// queued and joins.
class Executor {
 public:
  Executor(int threads, size_t queue_max);
  ~Executor();
  // False when the queue is full.
  bool Submit(std::function<void()> work);

 private:
  void Loop();
  const size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace halqa::services
