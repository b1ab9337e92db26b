#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/options.h>

#include <memory>
#include <string>

#include "engine/store/keys.h"

namespace halqa::store {

// Options of a family (STORAGE.md, sections 4.1 and "Rules of the write path").
rocksdb::ColumnFamilyOptions FamilyOptions(Family family,
                                           const std::shared_ptr<rocksdb::Cache>& cache);

// Options of the whole database: WAL always on, no option that 7.8.3 gets wrong.
rocksdb::DBOptions DatabaseOptions(bool create_if_missing);

}  // namespace halqa::store
