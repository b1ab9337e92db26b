#pragma once
// What every mode needs: a data directory, a ledger, a random stream, servers.

#include <memory>
#include <string>

#include "engine/base/random.h"
#include "tools/stress/client.h"
#include "tools/stress/ledger.h"
#include "tools/stress/process.h"
#include "tools/stress/report.h"
#include "tools/stress/verify.h"

namespace halqa::stress {

class World {
 public:
  World(const std::string& name, const StressOptions& options, uint64_t streams, Report* report);

  // Starts a server on the directory and waits until it serves; nullptr when it does not, which is
  // an error unless faults were asked for.
  std::unique_ptr<ServerProcess> Serve(const std::string& faults = "",
                                       const std::string& reserve = "0");
  // A server without faults, compared with the ledger, left running. nullptr: an error, found.
  std::unique_ptr<ServerProcess> ServeVerified(const std::string& where, bool everything = false);
  // A child must not end by a signal that nobody sent.
  void CheckEnding(const Ending& ending, const std::string& where);
  // `halqa fsck` on the directory, which no server may have: every structure derived again. Nothing
  // where no --halqa was given.
  void Fsck(const std::string& where);
  // An empty directory and an empty ledger.
  void Reset();
  // What fault plans keep beside files for a power loss.
  void RemoveKept();
  // The directory stays where something was found.
  void Finish();

  const StressOptions& options;
  Report* const report;
  CounterRng rng;
  std::string data, log;
  std::unique_ptr<Ledger> ledger;
  bool count_records = true;

 private:
  const uint64_t streams_;
};

}  // namespace halqa::stress
