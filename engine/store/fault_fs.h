#pragma once

#include <rocksdb/file_system.h>

#include <memory>

#include "engine/base/faults.h"

namespace halqa::store {

// The default file system with the faults of a plan (engine/base/faults.h). For tests only.
std::shared_ptr<rocksdb::FileSystem> NewFaultFileSystem(std::shared_ptr<FaultPlan> plan);

}  // namespace halqa::store
