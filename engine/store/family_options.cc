#include "engine/store/family_options.h"

#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <limits>

#include "engine/base/check.h"
#include "engine/store/merge_operators.h"

namespace halqa::store {
namespace {

constexpr size_t kBlockBytes = 16 << 10;

rocksdb::BlockBasedTableOptions TableOptions(Family family,
                                             const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = kBlockBytes;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  const bool looked_up_by_key = family == Family::kExternalToId || family == Family::kAccount ||
                                family == Family::kPostings || family == Family::kFollowOut ||
                                family == Family::kDedup || family == Family::kSuppress;
  if (looked_up_by_key) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  return table;
}

uint64_t WriteBufferBytes(Family family) {
  switch (family) {
    case Family::kChange:
    case Family::kPostings:
    case Family::kExternalToId:
      return 32 << 20;
    case Family::kAccount:
    case Family::kPost:
      return 16 << 20;
    default:
      return 4 << 20;
  }
}

}  // namespace

const char* FamilyName(Family family) {
  static constexpr const char* kNames[] = {
      "default", "fold",  "acct",     "ext2id", "f_out",  "x_out", "post",   "postings",
      "chg",     "dedup", "suppress", "jobs",   "source", "undo",  "erased", "alias"};
  const auto index = static_cast<uint32_t>(family);
  HALQA_CHECK(index < std::size(kNames));
  return kNames[index];
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(family, cache)));
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.level_compaction_dynamic_level_bytes = true;
  options.write_buffer_size = WriteBufferBytes(family);
  options.max_write_buffer_number = 4;
  options.level0_file_num_compaction_trigger = 4;
  options.level0_slowdown_writes_trigger = 20;
  options.level0_stop_writes_trigger = 36;
  if (family == Family::kExternalToId) {
    // Keys are random: a skip list in short buckets spares the long walk for each new account.
    options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(4));
    options.memtable_factory.reset(rocksdb::NewHashSkipListRepFactory(1 << 18));
  }
  if (family == Family::kFollowOut) options.merge_operator = FollowMergeOperator();
  if (family == Family::kInteractOut) options.merge_operator = InteractionMergeOperator();
  if (family == Family::kPostings) options.merge_operator = PostingMergeOperator();
  return options;
}

rocksdb::DBOptions DatabaseOptions(bool create_if_missing) {
  rocksdb::DBOptions options;
  options.create_if_missing = create_if_missing;
  options.create_missing_column_families = create_if_missing;
  options.max_background_jobs = 2;
  options.max_subcompactions = 2;
  options.max_open_files = 512;
  options.max_total_wal_size = 256 << 20;
  options.bytes_per_sync = 1 << 20;
  options.enable_pipelined_write = true;
  options.allow_concurrent_memtable_write = false;  // one writer; hash buckets cannot take more
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.wal_compression = rocksdb::kNoCompression;
  options.paranoid_checks = true;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  // Only a full disk is retried (store_watch.h), for as long as it is full.
  options.max_bgerror_resume_count = std::numeric_limits<int>::max();
  options.bgerror_resume_retry_interval = 200'000;
  options.avoid_flush_during_shutdown = true;  // all that matters is in the log
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.keep_log_file_num = 5;
  return options;
}

}  // namespace halqa::store
