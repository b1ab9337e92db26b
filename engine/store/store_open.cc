// Opening a store: files, families, format.

#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/family_options.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/rocks_status.h"
#include "engine/store/store.h"
#include "engine/store/store_impl.h"

namespace halqa::store {
namespace {

constexpr uint32_t kFormatVersion = 2;

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

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& directory,
                                                   const StoreOptions& options) {
  const std::string path = absl::StrCat(directory, "/rocksdb");
  const bool exists = std::filesystem::exists(absl::StrCat(path, "/CURRENT"));
  if (!exists && !options.create_if_missing) {
    return MakeError(
        absl::StatusCode::kNotFound, "STORE_NOT_FOUND",
        absl::StrCat(directory, " holds no Halqa graph; make one with: halqa import --data ",
                     directory, " FILE..."),
        {{"directory", directory}});
  }
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return MakeError(absl::StatusCode::kPermissionDenied, "STORE_NOT_WRITABLE",
                     absl::StrCat(directory, ": ", error.message()), {{"directory", directory}});
  }
  auto impl = std::make_unique<Impl>();
  impl->cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  rocksdb::DBOptions db_options = DatabaseOptions(!exists);
  db_options.create_missing_column_families = true;
  std::vector<std::string> names;
  if (exists) {
    HALQA_RETURN_IF_ERROR(
        FromRocks(rocksdb::DB::ListColumnFamilies(db_options, path, &names), directory));
  }
  AddFixedFamilies(&names);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) {
    if (FamilyOf(name) == Family::kFixedFamilies) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_NEWER",
                       absl::StrCat(directory, ": unknown family ", name,
                                    "; the data was written by a newer Halqa"));
    }
    descriptors.emplace_back(name, impl->OptionsOf(FamilyOf(name)));
  }
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
  HALQA_RETURN_IF_ERROR(store->InitMeta(!exists));
  return store;
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
  secret_ = *secret;
  id_key_ = id_key.value_or("");
  timeline_ = DecodeFixed64BE(*timeline);
  return absl::OkStatus();
}

}  // namespace halqa::store
