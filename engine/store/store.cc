#include "engine/store/store.h"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/check.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/family_options.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/rocks_status.h"

namespace halqa::store {
namespace {

constexpr uint32_t kFormatVersion = 1;
constexpr absl::string_view kGenerationPrefix = "gen_";

rocksdb::Slice ToSlice(absl::string_view s) { return {s.data(), s.size()}; }
absl::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

bool IsGeneration(Family family) { return family >= Family::kFirstGeneration; }
uint32_t GenerationOf(Family family) {
  return static_cast<uint32_t>(family) - static_cast<uint32_t>(Family::kFirstGeneration);
}

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

struct Batch::Op {
  enum Kind { kPut, kMerge, kDelete } kind;
  Family family;
  std::string key, value;
};

Batch::Batch() = default;
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
uint64_t Batch::bytes() const { return bytes_; }
bool Batch::empty() const { return ops_.empty(); }

void Batch::Put(Family family, absl::string_view key, absl::string_view value) {
  bytes_ += key.size() + value.size() + 8;
  ops_.push_back({Op::kPut, family, std::string(key), std::string(value)});
}
void Batch::Merge(Family family, absl::string_view key, absl::string_view operand) {
  bytes_ += key.size() + operand.size() + 8;
  ops_.push_back({Op::kMerge, family, std::string(key), std::string(operand)});
}
void Batch::Delete(Family family, absl::string_view key) {
  bytes_ += key.size() + 8;
  ops_.push_back({Op::kDelete, family, std::string(key), ""});
}

struct Store::Impl {
  std::shared_ptr<rocksdb::Cache> cache;
  rocksdb::Options options;
  std::unique_ptr<rocksdb::DB> db;
  mutable std::mutex mutex;  // guards families
  // A reader keeps its family alive while the generation is dropped under it.
  using HandlePtr = std::shared_ptr<rocksdb::ColumnFamilyHandle>;
  absl::flat_hash_map<uint32_t, HandlePtr> families;
  std::atomic<uint64_t> next_sst{1};
  std::atomic<bool> write_failed{false};

  ~Impl() {
    if (db == nullptr) return;
    families.clear();
    db->Close();
  }

  HandlePtr Own(rocksdb::ColumnFamilyHandle* handle) {
    return {handle, [this](rocksdb::ColumnFamilyHandle* h) { db->DestroyColumnFamilyHandle(h); }};
  }
  // nullptr when the family does not exist (a dropped generation).
  HandlePtr Handle(Family family) const {
    std::lock_guard lock(mutex);
    auto it = families.find(static_cast<uint32_t>(family));
    return it == families.end() ? nullptr : it->second;
  }
};

struct SstBuilder::Impl {
  explicit Impl(const rocksdb::Options& options) : writer(rocksdb::EnvOptions(), options) {}
  rocksdb::SstFileWriter writer;
};

SstBuilder::SstBuilder(std::unique_ptr<Impl> impl, Family family, std::string path)
    : impl_(std::move(impl)), family_(family), path_(std::move(path)) {}

SstBuilder::~SstBuilder() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);  // gone already when it was ingested
}

absl::Status SstBuilder::Put(absl::string_view key, absl::string_view value) {
  ++entries_;
  return FromRocks(impl_->writer.Put(ToSlice(key), ToSlice(value)), "sorted file");
}
absl::Status SstBuilder::Merge(absl::string_view key, absl::string_view operand) {
  ++entries_;
  return FromRocks(impl_->writer.Merge(ToSlice(key), ToSlice(operand)), "sorted file");
}
absl::Status SstBuilder::Finish() {
  if (entries_ == 0) return absl::OkStatus();
  return FromRocks(impl_->writer.Finish(), "sorted file");
}

ReadView::~ReadView() {
  store_->impl_->db->ReleaseSnapshot(static_cast<const rocksdb::Snapshot*>(snapshot_));
}

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
    descriptors.emplace_back(name, FamilyOptions(FamilyOf(name), impl->cache));
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
  secret_ = *secret;
  timeline_ = DecodeFixed64BE(*timeline);
  return absl::OkStatus();
}

absl::Status Store::Write(const Batch& batch, Durability durability) {
  if (impl_->write_failed.load()) {
    return MakeError(absl::StatusCode::kUnavailable, "WRITES_STOPPED",
                     "an earlier write did not reach the disk; restart to recover");
  }
  rocksdb::WriteBatch wb(batch.bytes());
  for (const Batch::Op& op : batch.ops_) {
    const Impl::HandlePtr handle = impl_->Handle(op.family);
    HALQA_CHECK(handle != nullptr && op.family != Family::kFollowOut &&
                op.family != Family::kInteractOut && op.family != Family::kFold);
    rocksdb::Status s;
    if (op.kind == Batch::Op::kPut) s = wb.Put(handle.get(), op.key, op.value);
    if (op.kind == Batch::Op::kMerge) s = wb.Merge(handle.get(), op.key, op.value);
    if (op.kind == Batch::Op::kDelete) s = wb.Delete(handle.get(), op.key);
    HALQA_RETURN_IF_ERROR(FromRocks(s, "write batch"));
  }
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSync;
  const rocksdb::Status s = impl_->db->Write(options, &wb);
  if (!s.ok() && !s.IsNoSpace()) impl_->write_failed.store(true);
  return FromRocks(s, "write");
}

namespace {

rocksdb::ReadOptions ReadOptionsFor(const void* snapshot, bool bulk) {
  rocksdb::ReadOptions options;
  options.snapshot = static_cast<const rocksdb::Snapshot*>(snapshot);
  options.total_order_seek = true;
  if (bulk) {
    options.fill_cache = false;
    options.readahead_size = 2 << 20;
  }
  return options;
}

absl::Status NoFamily(Family family) {
  return MakeError(absl::StatusCode::kNotFound, "GENERATION_NOT_FOUND",
                   absl::StrCat("generation ", GenerationOf(family), " is not kept any more"));
}

}  // namespace

absl::StatusOr<std::optional<std::string>> Store::Get(Family family, absl::string_view key,
                                                      const ReadView* view) const {
  const Impl::HandlePtr handle = impl_->Handle(family);
  if (handle == nullptr) return NoFamily(family);
  std::string value;
  const auto options = ReadOptionsFor(view == nullptr ? nullptr : view->snapshot_, false);
  const rocksdb::Status s = impl_->db->Get(options, handle.get(), ToSlice(key), &value);
  if (s.IsNotFound()) return std::optional<std::string>();
  HALQA_RETURN_IF_ERROR(FromRocks(s, "read"));
  return std::optional<std::string>(std::move(value));
}

absl::StatusOr<std::vector<std::optional<std::string>>> Store::MultiGet(
    Family family, const std::vector<std::string>& keys, const ReadView* view) const {
  const Impl::HandlePtr handle = impl_->Handle(family);
  if (handle == nullptr) return NoFamily(family);
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  const auto options = ReadOptionsFor(view == nullptr ? nullptr : view->snapshot_, false);
  impl_->db->MultiGet(options, handle.get(), keys.size(), slices.data(), values.data(),
                      statuses.data());
  std::vector<std::optional<std::string>> out(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    HALQA_RETURN_IF_ERROR(FromRocks(statuses[i], "read"));
    out[i] = values[i].ToString();
  }
  return out;
}

absl::Status Store::Scan(Family family, absl::string_view from, absl::string_view to,
                         const ScanFn& fn, const ReadView* view, bool bulk) const {
  const Impl::HandlePtr handle = impl_->Handle(family);
  if (handle == nullptr) return NoFamily(family);
  auto options = ReadOptionsFor(view == nullptr ? nullptr : view->snapshot_, bulk);
  const rocksdb::Slice upper = ToSlice(to);
  if (!to.empty()) options.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(impl_->db->NewIterator(options, handle.get()));
  for (it->Seek(ToSlice(from)); it->Valid(); it->Next()) {
    if (!fn(ToView(it->key()), ToView(it->value()))) return absl::OkStatus();
  }
  return FromRocks(it->status(), "scan");
}

std::shared_ptr<ReadView> Store::NewView() const {
  return std::shared_ptr<ReadView>(new ReadView(this, impl_->db->GetSnapshot()));
}

absl::StatusOr<std::unique_ptr<SstBuilder>> Store::NewSst(Family family) {
  rocksdb::Options options(rocksdb::DBOptions(), FamilyOptions(family, impl_->cache));
  options.compression = rocksdb::kLZ4Compression;
  const std::string path =
      absl::StrCat(directory_, "/rocksdb/ingest-", impl_->next_sst.fetch_add(1), ".sst");
  auto impl = std::make_unique<SstBuilder::Impl>(options);
  HALQA_RETURN_IF_ERROR(FromRocks(impl->writer.Open(path), path));
  return std::unique_ptr<SstBuilder>(new SstBuilder(std::move(impl), family, path));
}

absl::Status Store::Ingest(const std::vector<SstBuilder*>& files) {
  std::map<uint32_t, rocksdb::IngestExternalFileArg> by_family;
  for (SstBuilder* file : files) {
    if (file->entries() == 0) continue;
    auto& arg = by_family[static_cast<uint32_t>(file->family())];
    arg.column_family = impl_->Handle(file->family()).get();
    if (arg.column_family == nullptr) return NoFamily(file->family());
    arg.external_files.push_back(file->path());
    arg.options.move_files = true;
    arg.options.write_global_seqno = false;
    arg.options.verify_checksums_before_ingest = false;
  }
  std::vector<rocksdb::IngestExternalFileArg> args;
  for (auto& [family, arg] : by_family) args.push_back(std::move(arg));
  if (args.empty()) return absl::OkStatus();
  return FromRocks(impl_->db->IngestExternalFiles(args), "ingest");
}

absl::Status Store::CreateGeneration(uint32_t generation) {
  const Family family = GenerationFamily(generation);
  if (impl_->Handle(family) != nullptr) {
    return MakeError(absl::StatusCode::kAlreadyExists, "GENERATION_EXISTS",
                     absl::StrCat("generation ", generation, " exists"));
  }
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  HALQA_RETURN_IF_ERROR(
      FromRocks(impl_->db->CreateColumnFamily(FamilyOptions(family, impl_->cache),
                                              absl::StrCat(kGenerationPrefix, generation), &handle),
                "create generation"));
  std::lock_guard lock(impl_->mutex);
  impl_->families[static_cast<uint32_t>(family)] = impl_->Own(handle);
  return absl::OkStatus();
}

absl::Status Store::DropGeneration(uint32_t generation) {
  const Family family = GenerationFamily(generation);
  const Impl::HandlePtr handle = impl_->Handle(family);
  if (handle == nullptr) return NoFamily(family);
  HALQA_RETURN_IF_ERROR(FromRocks(impl_->db->DropColumnFamily(handle.get()), "drop generation"));
  std::lock_guard lock(impl_->mutex);
  impl_->families.erase(static_cast<uint32_t>(family));
  return absl::OkStatus();
}

std::vector<uint32_t> Store::Generations() const {
  std::vector<uint32_t> out;
  std::lock_guard lock(impl_->mutex);
  for (const auto& [code, handle] : impl_->families) {
    if (IsGeneration(static_cast<Family>(code)))
      out.push_back(GenerationOf(static_cast<Family>(code)));
  }
  std::sort(out.begin(), out.end());
  return out;
}

absl::Status Store::Flush() {
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  {
    std::lock_guard lock(impl_->mutex);
    for (auto& [code, handle] : impl_->families) handles.push_back(handle.get());
  }
  return FromRocks(impl_->db->Flush(rocksdb::FlushOptions(), handles), "flush");
}

absl::Status Store::Compact(Family family) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  return FromRocks(impl_->db->CompactRange(options, impl_->Handle(family).get(), nullptr, nullptr),
                   "compact");
}

uint64_t Store::SstBytes(Family family) const {
  uint64_t value = 0;
  impl_->db->GetIntProperty(impl_->Handle(family).get(),
                            rocksdb::DB::Properties::kTotalSstFilesSize, &value);
  return value;
}

uint64_t Store::EstimatedKeys(Family family) const {
  uint64_t value = 0;
  impl_->db->GetIntProperty(impl_->Handle(family).get(), rocksdb::DB::Properties::kEstimateNumKeys,
                            &value);
  return value;
}

}  // namespace halqa::store
