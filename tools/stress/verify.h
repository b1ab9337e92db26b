#pragma once
// The judge: compares what a server answers with the ledger.

#include "absl/status/status.h"
#include "engine/base/random.h"
#include "tools/stress/client.h"
#include "tools/stress/ledger.h"
#include "tools/stress/report.h"

namespace halqa::stress {

struct VerifyOptions {
  bool everything = false;    // every batch, not only those since the last comparison
  bool count_records = true;  // the number of change records must be that of the batches
  std::string where;          // for messages
};

// Compares, and settles: afterwards the ledger knows which batches that were not acknowledged are
// there. Rules: an acknowledged batch is there (lost); all follows of a batch or none (torn); the
// batches of a stream are there up to some number (hole); each batch has had its effect once, by
// the number of change records; degrees and profiles agree (wrong). An error means that the server
// could not be asked.
absl::Status Verify(Client& client, const VerifyOptions& options, CounterRng* rng, Ledger* ledger,
                    Report* report);

}  // namespace halqa::stress
