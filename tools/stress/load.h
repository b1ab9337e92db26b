#pragma once
// Writers that keep a server busy and note in the ledger what it acknowledges.

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tools/stress/client.h"
#include "tools/stress/ledger.h"
#include "tools/stress/report.h"

namespace halqa::stress {

// Writes the targets' profiles, where the ledger says that they are missing.
absl::Status SetUp(Client& client, Ledger* ledger);

// Sends the batches of one stream from the first one that is not acknowledged up to `last`, or
// until the server or `stop` ends it. Batches sent twice are part of the test. Returns why it
// ended.
absl::Status SendStream(Client& client, Ledger* ledger, uint64_t stream, uint64_t last,
                        const std::atomic<bool>& stop);

// One WriteBatch with a request id, taken from the ledger.
absl::Status SendSingle(Client& client, Ledger* ledger);

// All streams and some single calls at once, until Stop or the server's end.
class Load {
 public:
  struct Options {
    int single_threads = 2;
    uint64_t stream_batches = 1'000'000;  // per stream
  };
  Load(const std::string& address, Ledger* ledger, const Options& options);
  ~Load() { Stop(); }
  void Stop();
  Client& client() { return client_; }
  // True once a call failed.
  bool failed() const { return failed_.load(); }

 private:
  Client client_;
  std::atomic<bool> stop_{false}, failed_{false};
  std::vector<std::thread> threads_;
};

}  // namespace halqa::stress
