// Opening a store: files, families, format.

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/store/family_options.h"
#include "engine/store/fault_fs.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/migrate.h"
#include "engine/store/rocks_status.h"
#include "engine/store/store.h"
#include "engine/store/store_impl.h"

namespace halqa::store {
namespace {

constexpr auto kCloseMax = std::chrono::seconds(10);

Family FamilyOf(const std::string& name) {
  absl::string_view rest = name;
  uint32_t number = 0;
  if (absl::ConsumePrefix(&rest, kGenerationPrefix) && absl::SimpleAtoi(rest, &number)) {
    return GenerationFamily(number);
  }
  for (uint32_t i = 0; i < static_cast<uint32_t>(Family::kFixedFamilies); ++i) {
    if (name == FamilyName(static_cast<Family>(i))) return static_cast<Family>(i);
  }
  return Family::kFixedFamilies;
}

// Sorted files that a killed ingest left. They may share their bytes with a file of the store (a
// hard link), so they must go before a new one of the same name is written.
void RemoveLeftovers(const std::string& path) {
  std::error_code error;
  std::vector<std::filesystem::path> leftovers;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().filename().string().rfind("ingest-", 0) == 0)
      leftovers.push_back(entry.path());
  }
  for (const auto& leftover : leftovers) std::filesystem::remove(leftover, error);
}

// Names of the families to open: those on disk and every fixed one (a kill while the store was made
// may have left some out).
void AddFixedFamilies(std::vector<std::string>* names) {
  for (uint32_t i = 0; i < static_cast<uint32_t>(Family::kFixedFamilies); ++i) {
    const std::string name = FamilyName(static_cast<Family>(i));
    if (std::find(names->begin(), names->end(), name) == names->end()) names->push_back(name);
  }
}

// Files of the database whose names end so.
std::vector<std::string> FilesEndingIn(const std::string& path, absl::string_view ending) {
  std::error_code error;
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (absl::EndsWith(entry.path().string(), ending)) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

absl::Status Corrupt(absl::string_view message) {
  return MakeError(absl::StatusCode::kDataLoss, "STORE_CORRUPT",
                   absl::StrCat(message, "; restore a backup"));
}

// Whether there is a database. Data without the file that names the newest MANIFEST is damage, not
// an empty directory.
absl::StatusOr<bool> Exists(const std::string& path) {
  const std::string current = absl::StrCat(path, "/CURRENT");
  if (std::filesystem::exists(current)) return true;
  if (FilesEndingIn(path, ".sst").empty() && FilesEndingIn(path, ".log").empty()) return false;
  return Corrupt(absl::StrCat(current, " is missing, but there are data beside it"));
}

uint64_t NumberIn(absl::string_view manifest) {
  uint64_t number = 0;
  const size_t at = manifest.rfind("MANIFEST-");
  if (at == absl::string_view::npos) return 0;
  return absl::SimpleAtoi(absl::StripAsciiWhitespace(manifest.substr(at + 9)), &number) ? number
                                                                                        : 0;
}

// The last record of a MANIFEST may be torn where nobody was told that it is there. A shorter one
// than was synced, or an older one, has lost what files the store is made of.
absl::Status CheckManifest(const std::string& path, const Acknowledged& acknowledged) {
  if (acknowledged.manifest_number == 0) return absl::OkStatus();
  const std::string current_path = absl::StrCat(path, "/CURRENT");
  HALQA_ASSIGN_OR_RETURN(const std::string current, ReadFile(current_path));
  const uint64_t number = NumberIn(current);
  if (number < acknowledged.manifest_number) {
    return Corrupt(absl::StrCat(current_path, " does not name MANIFEST number ",
                                acknowledged.manifest_number, " or a newer one"));
  }
  if (number > acknowledged.manifest_number) return absl::OkStatus();
  const std::string manifest_path = absl::StrCat(path, "/", absl::StripAsciiWhitespace(current));
  auto manifest = ReadFile(manifest_path);
  if (!manifest.ok()) return Corrupt(manifest.status().message());
  if (RecordEndsAt(*manifest, acknowledged.manifest_bytes)) return absl::OkStatus();
  return Corrupt(absl::StrCat(manifest_path, ": a record is damaged"));
}

uint64_t ReserveBytes(const std::string& path, uint64_t wanted) {
  if (wanted != kAutoReserve) return wanted;
  std::error_code error;
  const auto space = std::filesystem::space(path, error);
  if (error) return 0;
  return std::max<uint64_t>(space.capacity / 20,
                            std::min<uint64_t>(2ull << 30, space.capacity / 10));
}

rocksdb::DBOptions OptionsFor(bool exists, rocksdb::Env* env,
                              const std::shared_ptr<StoreWatch>& watch) {
  rocksdb::DBOptions db_options = DatabaseOptions(!exists);
  db_options.create_missing_column_families = true;
  db_options.env = env;
  db_options.listeners.push_back(watch);
  return db_options;
}

std::unique_ptr<rocksdb::Env> MakeEnv(const StoreOptions& options,
                                      const std::shared_ptr<StoreWatch>& watch) {
  auto files = options.faults == nullptr ? rocksdb::FileSystem::Default()
                                         : NewFaultFileSystem(options.faults);
  return rocksdb::NewCompositeEnv(NewWatchedFileSystem(std::move(files), watch));
}

absl::StatusOr<std::vector<rocksdb::ColumnFamilyDescriptor>> Descriptors(
    const std::string& directory, const std::vector<std::string>& names,
    const std::function<rocksdb::ColumnFamilyOptions(Family)>& options_of) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) {
    if (FamilyOf(name) == Family::kFixedFamilies) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_NEWER",
                       absl::StrCat(directory, ": unknown family ", name,
                                    "; the data was written by a newer Halqa"));
    }
    descriptors.emplace_back(name, options_of(FamilyOf(name)));
  }
  return descriptors;
}

absl::Status NoStore(const std::string& directory) {
  return MakeError(absl::StatusCode::kNotFound, "STORE_NOT_FOUND",
                   absl::StrCat(directory, " holds no Halqa graph; make one with: halqa import ",
                                "--data ", directory, " FILE..."),
                   {{"directory", directory}});
}

absl::Status BringUpToDate(const StoreOptions& options, Store& db) {
  HALQA_ASSIGN_OR_RETURN(const bool older, NeedsMigration(db));
  if (!older) return absl::OkStatus();
  options.log(absl::StrCat(db.directory(), ": bringing the data to format ", kFormatVersion,
                           "; an older Halqa cannot read them any more"));
  RunContext own;
  RunContext& run = options.migration_run == nullptr ? own : *options.migration_run;
  HALQA_RETURN_IF_ERROR(Migrate(db, {options.migration_accounts_per_step}, run));
  options.log(absl::StrCat(db.directory(), ": the data are of format ", kFormatVersion, " now"));
  return absl::OkStatus();
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
// RocksDB 7.8.3 can wait for ever in Close for a recovery that has ended (seen after ENOSPC in its
// log). Everything acknowledged is on disk, so a store that does not close is left behind.
Store::~Store() {
  auto closed = std::make_shared<std::promise<void>>();
  const auto done = closed->get_future();
  std::thread([impl = std::move(impl_), closed]() mutable {
    impl.reset();
    closed->set_value();
  }).detach();
  if (done.wait_for(kCloseMax) == std::future_status::ready) return;
  std::fprintf(stderr, "%s: the store does not close and is left open\n", directory_.c_str());
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& directory,
                                                   const StoreOptions& options) {
  const std::string path = absl::StrCat(directory, "/rocksdb");
  HALQA_ASSIGN_OR_RETURN(const bool exists, Exists(path));
  if (!exists && !options.create_if_missing) {
    return NoStore(directory);
  }
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return MakeError(absl::StatusCode::kPermissionDenied, "STORE_NOT_WRITABLE",
                     absl::StrCat(directory, ": ", error.message()), {{"directory", directory}});
  }
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->env = MakeEnv(options, impl->watch);
  impl->reserve_bytes = ReserveBytes(path, options.disk_reserve_bytes);
  impl->cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  HALQA_ASSIGN_OR_RETURN(impl->mark, AckMark::Open(absl::StrCat(directory, "/acknowledged")));
  if (exists) HALQA_RETURN_IF_ERROR(CheckManifest(path, impl->mark->value()));
  const auto db_options = OptionsFor(exists, impl->env.get(), impl->watch);
  std::vector<std::string> names;
  if (exists) {
    HALQA_RETURN_IF_ERROR(
        FromRocks(rocksdb::DB::ListColumnFamilies(db_options, path, &names), directory));
  }
  AddFixedFamilies(&names);
  HALQA_ASSIGN_OR_RETURN(const auto descriptors, Descriptors(directory, names, [&](Family family) {
                           return impl->OptionsOf(family);
                         }));
  const std::vector<std::string> logs = FilesEndingIn(path, ".log");
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  HALQA_RETURN_IF_ERROR(
      FromRocks(rocksdb::DB::Open(db_options, path, descriptors, &handles, &db), directory));
  RemoveLeftovers(path);  // after the lock is ours: another process may be writing such files
  impl->db.reset(db);
  for (size_t i = 0; i < names.size(); ++i) {
    impl->families[static_cast<uint32_t>(FamilyOf(names[i]))] = impl->Own(handles[i]);
  }
  std::unique_ptr<Store> store(new Store(std::move(impl)));
  store->directory_ = directory;
  HALQA_RETURN_IF_ERROR(store->CheckAcknowledged(logs));
  HALQA_RETURN_IF_ERROR(store->InitMeta(!exists));
  HALQA_RETURN_IF_ERROR(BringUpToDate(options, *store));
  HALQA_RETURN_IF_ERROR(store->ReadMeta());
  return store;
}

absl::StatusOr<std::unique_ptr<Store>> Store::OpenReadOnly(const std::string& directory,
                                                           const StoreOptions& options) {
  const std::string path = absl::StrCat(directory, "/rocksdb");
  if (!std::filesystem::exists(absl::StrCat(path, "/CURRENT"))) return NoStore(directory);
  auto impl = std::make_unique<Impl>();
  impl->cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  impl->path = path;
  impl->read_only = true;
  impl->watch->Fail("the store is open for reading only");
  HALQA_RETURN_IF_ERROR(FromRocks(
      rocksdb::Env::Default()->LockFile(absl::StrCat(path, "/LOCK"), &impl->file_lock), directory));
  const std::string mark = absl::StrCat(directory, "/acknowledged");
  Acknowledged acknowledged;
  if (std::filesystem::exists(mark)) {
    HALQA_ASSIGN_OR_RETURN(const auto opened, AckMark::Open(mark));
    acknowledged = opened->value();
    HALQA_RETURN_IF_ERROR(CheckManifest(path, acknowledged));
  }
  const rocksdb::DBOptions db_options = DatabaseOptions(false);
  std::vector<std::string> all, names, unknown;
  HALQA_RETURN_IF_ERROR(
      FromRocks(rocksdb::DB::ListColumnFamilies(db_options, path, &all), directory));
  for (std::string& name : all) {
    (FamilyOf(name) == Family::kFixedFamilies ? unknown : names).push_back(std::move(name));
  }
  HALQA_ASSIGN_OR_RETURN(const auto descriptors, Descriptors(directory, names, [&](Family family) {
                           return impl->OptionsOf(family);
                         }));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  HALQA_RETURN_IF_ERROR(FromRocks(
      rocksdb::DB::OpenForReadOnly(db_options, path, descriptors, &handles, &db), directory));
  impl->db.reset(db);
  for (size_t i = 0; i < names.size(); ++i) {
    impl->families[static_cast<uint32_t>(FamilyOf(names[i]))] = impl->Own(handles[i]);
  }
  std::unique_ptr<Store> store(new Store(std::move(impl)));
  store->directory_ = directory;
  store->unknown_families_ = std::move(unknown);
  HALQA_ASSIGN_OR_RETURN(const auto commits, store->Get(Family::kMeta, kCommits));
  const uint64_t found = commits && commits->size() == 8 ? DecodeFixed64BE(*commits) : 0;
  if (found < acknowledged.commits) store->missing_batches_ = acknowledged.commits - found;
  HALQA_RETURN_IF_ERROR(store->ReadMeta());
  return store;
}

// The database ends where its log could be read. That must not be before what was acknowledged.
absl::Status Store::CheckAcknowledged(const std::vector<std::string>& logs) {
  HALQA_ASSIGN_OR_RETURN(const auto commits, Get(Family::kMeta, kCommits));
  impl_->commits = commits && commits->size() == 8 ? DecodeFixed64BE(*commits) : 0;
  const uint64_t acknowledged = impl_->mark->value().commits;
  if (impl_->commits < acknowledged) {
    return Corrupt(absl::StrCat(
        directory_, ": ", acknowledged - impl_->commits,
        " acknowledged batches are missing: the log is damaged or cut (", absl::StrJoin(logs, ", "),
        "). To go on without them, knowingly, remove ", directory_, "/acknowledged"));
  }
  impl_->watch->SetManifestFn([impl = impl_.get()](const std::string& manifest, uint64_t bytes) {
    const auto current = ReadFile(absl::StrCat(impl->path, "/CURRENT"));
    const uint64_t number = NumberIn(manifest);
    if (!current.ok() || NumberIn(*current) != number) return;
    impl->mark->SetManifest(number, bytes).IgnoreError();  // only makes the check weaker
  });
  return absl::OkStatus();
}

absl::Status Store::InitMeta(bool created) {
  HALQA_ASSIGN_OR_RETURN(const auto known, Get(Family::kMeta, meta::kFormatVersion));
  HALQA_ASSIGN_OR_RETURN(const auto first, Get(Family::kAccount, AccountKey(AccountId{0})));
  // Killed between making the files and naming the store: still empty, so it is made again.
  if (created || (!known && !first)) {
    Batch batch;
    std::string version, timeline;
    PutFixed32BE(kFormatVersion, &version);
    batch.Put(Family::kMeta, meta::kFormatVersion, version);
    batch.Put(Family::kMeta, meta::kSecret, NewSecret());
    batch.Put(Family::kMeta, meta::kIdKey, NewSecret().substr(0, 16));
    batch.Put(Family::kMeta, meta::kTimeline, NewSecret().substr(0, 8));
    HALQA_RETURN_IF_ERROR(Write(batch, Durability::kSync));
  }
  return ReadMeta();
}

absl::Status Store::ReadMeta() {
  HALQA_ASSIGN_OR_RETURN(auto version, Get(Family::kMeta, meta::kFormatVersion));
  HALQA_ASSIGN_OR_RETURN(auto secret, Get(Family::kMeta, meta::kSecret));
  HALQA_ASSIGN_OR_RETURN(auto timeline, Get(Family::kMeta, meta::kTimeline));
  if (!version || !secret || !timeline || version->size() != 4 || timeline->size() != 8) {
    return MakeError(absl::StatusCode::kDataLoss, "STORE_CORRUPT",
                     absl::StrCat(directory_, ": the store's own settings are missing"));
  }
  if (DecodeFixed32BE(*version) > kFormatVersion) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "FORMAT_NEWER",
        absl::StrCat(directory_, ": format ", DecodeFixed32BE(*version),
                     " was written by a newer Halqa; this one knows ", kFormatVersion));
  }
  HALQA_ASSIGN_OR_RETURN(const auto id_key, Get(Family::kMeta, meta::kIdKey));
  format_version_ = DecodeFixed32BE(*version);
  secret_ = *secret;
  id_key_ = id_key.value_or("");
  timeline_ = DecodeFixed64BE(*timeline);
  return absl::OkStatus();
}

}  // namespace halqa::store
