#pragma once
// The modes of halqa_stress. Each returns when its cycles or its time are over; what must not
// happen is in the report.

#include "tools/stress/report.h"

namespace halqa::stress {

// kill -9 at random moments of streams, single calls, rankings and starts.
void RunCrash(const StressOptions& options, Report* report);
// The power fails before a random write operation: what was not synced is gone. `control`: syncs do
// nothing, and the mode finds an error where nothing was lost.
void RunPowerLoss(const StressOptions& options, bool control, Report* report);
// The k-th file operation fails, once; k and the kind rise from cycle to cycle.
void RunFailOp(const StressOptions& options, Report* report);
// The disk is full for a while, again and again.
void RunDiskFull(const StressOptions& options, Report* report);
// One wrong bit at rest in a file of the data directory.
void RunBitFlip(const StressOptions& options, Report* report);
// Batches sent several times over reconnects and kills.
void RunExactlyOnce(const StressOptions& options, Report* report);
// Followers moved between accounts inside one batch; every reader and job sees a constant sum.
void RunMovingSum(const StressOptions& options, Report* report);
// kill -9 while a generation is published.
void RunPublication(const StressOptions& options, Report* report);

}  // namespace halqa::stress
