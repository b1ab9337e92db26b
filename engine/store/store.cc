#include "engine/store/store.h"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/family_options.h"
#include "engine/store/rocks_status.h"
#include "engine/store/store_impl.h"

namespace halqa::store {

// One change; its key and value lie in the batch's text one after the other.
struct Batch::Op {
  enum Kind : uint8_t { kPut, kMerge, kDelete } kind;
  Family family;
  uint64_t begin;
  uint32_t key_bytes, value_bytes;
};

Batch::Batch() = default;
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
uint64_t Batch::bytes() const { return text_.size() + 8 * ops_.size(); }
bool Batch::empty() const { return ops_.empty(); }

void Batch::Add(const Op& op, absl::string_view key, absl::string_view value) {
  ops_.push_back(op);
  ops_.back().begin = text_.size();
  ops_.back().key_bytes = static_cast<uint32_t>(key.size());
  ops_.back().value_bytes = static_cast<uint32_t>(value.size());
  text_.append(key.data(), key.size());
  text_.append(value.data(), value.size());
}
void Batch::Put(Family family, absl::string_view key, absl::string_view value) {
  Add({Op::kPut, family, 0, 0, 0}, key, value);
}
void Batch::Merge(Family family, absl::string_view key, absl::string_view operand) {
  Add({Op::kMerge, family, 0, 0, 0}, key, operand);
}
void Batch::Delete(Family family, absl::string_view key) {
  Add({Op::kDelete, family, 0, 0, 0}, key, "");
}

struct SstBuilder::Impl {
  explicit Impl(const rocksdb::Options& options) : writer(rocksdb::EnvOptions(), options) {}
  rocksdb::SstFileWriter writer;
  rocksdb::ExternalSstFileInfo info;  // once finished
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
absl::Status SstBuilder::Delete(absl::string_view key) {
  ++entries_;
  return FromRocks(impl_->writer.Delete(ToSlice(key)), "sorted file");
}
absl::Status SstBuilder::Finish() {
  if (entries_ == 0) return absl::OkStatus();
  return FromRocks(impl_->writer.Finish(&impl_->info), "sorted file");
}

ReadView::~ReadView() {
  store_->impl_->db->ReleaseSnapshot(static_cast<const rocksdb::Snapshot*>(snapshot_));
}

absl::Status Store::Write(const Batch& batch, Durability durability, Space space) {
  HALQA_RETURN_IF_ERROR(Admit(space));
  rocksdb::WriteBatch wb(batch.bytes() + 32);
  Impl::HandlePtr handle;
  Family family = Family::kFixedFamilies;
  for (const Batch::Op& op : batch.ops_) {
    if (handle == nullptr || op.family != family) handle = impl_->Handle(family = op.family);
    HALQA_CHECK(handle != nullptr && op.family != Family::kFollowOut &&
                op.family != Family::kInteractOut && op.family != Family::kFold);
    const rocksdb::Slice key(batch.text_.data() + op.begin, op.key_bytes);
    const rocksdb::Slice value(key.data() + op.key_bytes, op.value_bytes);
    rocksdb::Status s;
    if (op.kind == Batch::Op::kPut) s = wb.Put(handle.get(), key, value);
    if (op.kind == Batch::Op::kMerge) s = wb.Merge(handle.get(), key, value);
    if (op.kind == Batch::Op::kDelete) s = wb.Delete(handle.get(), key);
    HALQA_RETURN_IF_ERROR(FromRocks(s, "write batch"));
  }
  return impl_->Commit(&wb, durability == Durability::kSync);
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
  if (handle == nullptr && impl_->ReadsAsEmpty(family)) return std::optional<std::string>();
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
  if (handle == nullptr && impl_->ReadsAsEmpty(family)) {
    return std::vector<std::optional<std::string>>(keys.size());
  }
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
  if (handle == nullptr && impl_->ReadsAsEmpty(family)) return absl::OkStatus();
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

absl::StatusOr<std::unique_ptr<SstBuilder>> Store::NewSst(Family family, Packing packing) {
  rocksdb::Options options(rocksdb::DBOptions(), FamilyOptions(family, impl_->cache));
  // A sorted file takes the bottommost compression (ZSTD) where there is one.
  options.compression = rocksdb::kLZ4Compression;
  options.env = impl_->env.get();
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  if (packing == Packing::kQuick) {
    options.bottommost_compression = rocksdb::kDisableCompressionOption;
  }
  const std::string path =
      absl::StrCat(directory_, "/rocksdb/ingest-", impl_->next_sst.fetch_add(1), ".sst");
  auto impl = std::make_unique<SstBuilder::Impl>(options);
  HALQA_RETURN_IF_ERROR(FromRocks(impl->writer.Open(path), path));
  return std::unique_ptr<SstBuilder>(new SstBuilder(std::move(impl), family, path));
}

absl::Status Store::Ingest(const std::vector<SstBuilder*>& files) {
  HALQA_RETURN_IF_ERROR(Admit(Space::kReserve));
  std::map<uint32_t, rocksdb::IngestExternalFileArg> by_family;
  for (SstBuilder* file : files) {
    if (file->entries() == 0) continue;
    auto& arg = by_family[static_cast<uint32_t>(file->family())];
    arg.column_family = impl_->Handle(file->family()).get();
    if (arg.column_family == nullptr) return NoFamily(file->family());
    arg.external_files.push_back(file->path());
    arg.files_checksums.push_back(file->impl_->info.file_checksum);
    arg.files_checksum_func_names.push_back(file->impl_->info.file_checksum_func_name);
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

absl::Status Store::Compact(Family family, std::atomic<bool>* stop) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  options.canceled = stop;
  return FromRocks(impl_->db->CompactRange(options, impl_->Handle(family).get(), nullptr, nullptr),
                   "compact");
}

void Store::SetPurgeMask(std::shared_ptr<const Mask> mask) {
  impl_->purge->SetMask(std::move(mask));
}

absl::Status Store::PurgeBefore(int64_t horizon) {
  for (Family family : {Family::kFollowOut, Family::kInteractOut}) {
    HALQA_RETURN_IF_ERROR(Compact(family));
  }
  impl_->purge->SetHorizon(horizon);
  absl::Status status;
  for (Family family : {Family::kFollowOut, Family::kInteractOut}) {
    if (status.ok()) status = Compact(family);
  }
  impl_->purge->SetHorizon(0);
  return status;
}

absl::Status Store::PurgeDeleted() {
  HALQA_RETURN_IF_ERROR(Flush());
  for (Family family :
       {Family::kAccount, Family::kExternalToId, Family::kPost, Family::kPostings, Family::kUndo}) {
    HALQA_RETURN_IF_ERROR(Compact(family));
  }
  return absl::OkStatus();
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
