#include "engine/graph/snapshot_file.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/parallel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/snapshot_layout.h"

namespace halqa {

using internal::AlignUp;
using internal::BlocksOf;
using internal::kSnapshotBlock;
using internal::SectionEntry;
using internal::SnapshotHeader;

struct Snapshot::Impl {
  std::string path;
  MappedFile file;
  SnapshotHeader header;
  SnapshotIdentity identity;
  absl::Span<const uint64_t> checksums;
  // 1 once the block of the same number was found right.
  std::vector<std::atomic<uint8_t>> verified;

  absl::Status Corrupt(absl::string_view what) const {
    return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                     absl::StrCat(path, ": ", what), {{"path", path}});
  }
  const SectionEntry& entry(SnapshotSection s) const {
    return header.sections[static_cast<uint32_t>(s)];
  }
  template <typename T>
  absl::Span<const T> Values(SnapshotSection s) const {
    const char* bytes = file.bytes().data() + entry(s).offset;
    return {reinterpret_cast<const T*>(bytes), entry(s).bytes / sizeof(T)};
  }
  absl::Status ReadHeader();
  absl::Status CheckSections() const;
  absl::Status ReadChecksums();
  absl::Status CheckOffsets(SnapshotSection section, absl::string_view name) const;
  absl::Status CheckAccounts() const;
  absl::Status VerifyBlock(uint32_t section, uint64_t block) const;
};

absl::Status Snapshot::Impl::ReadHeader() {
  if (file.bytes().size() < sizeof header) return Corrupt("shorter than a snapshot header");
  std::memcpy(static_cast<void*>(&header), file.bytes().data(), sizeof header);
  if (header.magic != internal::kSnapshotMagic) return Corrupt("not a snapshot file");
  if (Checksum64(file.bytes().substr(0, sizeof header - 8)) != header.checksum) {
    return Corrupt("the header's checksum is wrong");
  }
  if (header.format_version > kSnapshotFormatVersion) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "SNAPSHOT_FORMAT_NEWER",
                     absl::StrCat(path, ": format ", header.format_version,
                                  " is newer than this program's ", kSnapshotFormatVersion),
                     {{"path", path}, {"format", absl::StrCat(header.format_version)}});
  }
  identity = {header.timeline_id, header.lsn, header.chain};
  return CheckSections();
}

absl::Status Snapshot::Impl::CheckSections() const {
  uint64_t offset = internal::kSnapshotAlign;
  uint64_t blocks = 0;
  for (uint32_t s = 0; s < kSnapshotSections; ++s) {
    const SectionEntry& e = header.sections[s];
    if (e.offset != offset || e.first_block != blocks ||
        e.bytes != internal::SectionBytes(header, s)) {
      return Corrupt(
          absl::StrCat("section ", internal::SectionName(s), " is not where it must be"));
    }
    offset += AlignUp(e.bytes);
    blocks += BlocksOf(e.bytes);
  }
  if (header.table_offset != offset || header.table_entries != blocks ||
      header.file_bytes != offset + AlignUp(8 * blocks)) {
    return Corrupt("the checksum table is not where it must be");
  }
  if (file.bytes().size() != header.file_bytes) {
    return Corrupt(
        absl::StrCat("has ", file.bytes().size(), " bytes, ", header.file_bytes, " were written"));
  }
  return absl::OkStatus();
}

absl::Status Snapshot::Impl::ReadChecksums() {
  const absl::string_view table = file.bytes().substr(header.table_offset);
  if (Checksum64(table) != header.table_checksum) return Corrupt("the checksum table is damaged");
  checksums = {reinterpret_cast<const uint64_t*>(table.data()), header.table_entries};
  verified = std::vector<std::atomic<uint8_t>>(header.table_entries);
  return absl::OkStatus();
}

absl::Status Snapshot::Impl::VerifyBlock(uint32_t section, uint64_t block) const {
  const SectionEntry& e = header.sections[section];
  auto& done = const_cast<std::atomic<uint8_t>&>(verified[e.first_block + block]);
  if (done.load(std::memory_order_acquire) != 0) return absl::OkStatus();
  const uint64_t begin = block * kSnapshotBlock;
  const uint64_t size = std::min(kSnapshotBlock, AlignUp(e.bytes) - begin);
  const absl::string_view bytes = file.bytes().substr(e.offset + begin, size);
  if (Checksum64(bytes) != checksums[e.first_block + block]) {
    return Corrupt(absl::StrCat("section ", internal::SectionName(section), ", block ", block,
                                " (byte ", e.offset + begin, "): wrong checksum"));
  }
  done.store(1, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Snapshot::Impl::CheckOffsets(SnapshotSection section, absl::string_view name) const {
  const absl::Span<const uint64_t> offsets = Values<uint64_t>(section);
  if (offsets.empty()) return absl::OkStatus();
  bool rising = offsets.front() == 0 && offsets.back() == header.arcs;
  for (uint64_t v = 1; v < offsets.size(); ++v) rising &= offsets[v - 1] <= offsets[v];
  return rising ? absl::OkStatus() : Corrupt(absl::StrCat(name, " do not rise from 0 to arcs"));
}

absl::Status Snapshot::Impl::CheckAccounts() const {
  const auto accounts = Values<AccountId>(SnapshotSection::kVertexToAccount);
  const auto vertices = Values<VertexIndex>(SnapshotSection::kAccountToVertex);
  bool agree = true;
  for (uint32_t v = 0; v < accounts.size(); ++v) {
    agree &= Raw(accounts[v]) < vertices.size() && vertices[Raw(accounts[v])] == v;
  }
  uint64_t used = 0;
  for (const VertexIndex v : vertices) used += v != kNoVertex ? 1 : 0;
  if (!agree || used != accounts.size()) return Corrupt("the account tables disagree");
  return absl::OkStatus();
}

Snapshot::Snapshot(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

absl::StatusOr<Snapshot> Snapshot::Open(const std::string& path,
                                        const SnapshotOpenOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  HALQA_ASSIGN_OR_RETURN(impl->file, MappedFile::Open(path));
  HALQA_RETURN_IF_ERROR(impl->ReadHeader());
  if (options.expected_identity != nullptr && *options.expected_identity != impl->identity) {
    const SnapshotIdentity& want = *options.expected_identity;
    return MakeError(
        absl::StatusCode::kDataLoss, "SNAPSHOT_WRONG_IDENTITY",
        absl::StrCat(path, ": made from timeline ", impl->identity.timeline_id, " lsn ",
                     impl->identity.lsn, ", wanted timeline ", want.timeline_id, " lsn ", want.lsn),
        {{"path", path}});
  }
  HALQA_RETURN_IF_ERROR(impl->ReadChecksums());
  Snapshot snapshot(std::move(impl));
  const Impl& i = *snapshot.impl_;
  for (const SnapshotSection s :
       {SnapshotSection::kOutOffsets, SnapshotSection::kInOffsets,
        SnapshotSection::kVertexToAccount, SnapshotSection::kAccountToVertex}) {
    HALQA_RETURN_IF_ERROR(snapshot.Verify(s, 0, i.entry(s).bytes));
  }
  HALQA_RETURN_IF_ERROR(i.CheckOffsets(SnapshotSection::kOutOffsets, "out_offsets"));
  HALQA_RETURN_IF_ERROR(i.CheckOffsets(SnapshotSection::kInOffsets, "in_offsets"));
  HALQA_RETURN_IF_ERROR(i.CheckAccounts());
  if (options.verify_all) HALQA_RETURN_IF_ERROR(snapshot.VerifyAll(options.verify_threads));
  return snapshot;
}

const SnapshotIdentity& Snapshot::identity() const { return impl_->identity; }
uint32_t Snapshot::vertices() const { return impl_->header.vertices; }
uint64_t Snapshot::arcs() const { return impl_->header.arcs; }
uint64_t Snapshot::file_bytes() const { return impl_->header.file_bytes; }
uint32_t Snapshot::accounts_limit() const { return impl_->header.accounts_limit; }

absl::Status Snapshot::VerifyAll(int threads) const {
  std::vector<std::pair<uint32_t, uint64_t>> blocks;
  for (uint32_t s = 0; s < kSnapshotSections; ++s) {
    const uint64_t count = BlocksOf(impl_->header.sections[s].bytes);
    for (uint64_t b = 0; b < count; ++b) blocks.emplace_back(s, b);
  }
  std::vector<absl::Status> results(blocks.size());
  ParallelBlocks(threads, blocks.size(), [&](uint64_t i) {
    results[i] = impl_->VerifyBlock(blocks[i].first, blocks[i].second);
  });
  for (absl::Status& result : results) HALQA_RETURN_IF_ERROR(result);
  return absl::OkStatus();
}

absl::Status Snapshot::Verify(SnapshotSection section, uint64_t begin, uint64_t end) const {
  const auto s = static_cast<uint32_t>(section);
  end = std::min(end, impl_->header.sections[s].bytes);
  if (begin >= end) return absl::OkStatus();
  for (uint64_t b = begin / kSnapshotBlock; b <= (end - 1) / kSnapshotBlock; ++b) {
    HALQA_RETURN_IF_ERROR(impl_->VerifyBlock(s, b));
  }
  return absl::OkStatus();
}

CsrView Snapshot::UnverifiedView() const {
  const Impl& i = *impl_;
  CsrView view;
  view.vertices = i.header.vertices;
  view.symmetric = (i.header.flags & internal::kFlagSymmetric) != 0;
  view.out_offsets = i.Values<uint64_t>(SnapshotSection::kOutOffsets);
  view.out_targets = i.Values<VertexIndex>(SnapshotSection::kOutTargets);
  view.out_weights = i.Values<float>(SnapshotSection::kOutWeights);
  if (view.symmetric) {
    view.in_offsets = view.out_offsets;
    view.in_sources = view.out_targets;
    view.in_weights = view.out_weights;
  } else {
    view.in_offsets = i.Values<uint64_t>(SnapshotSection::kInOffsets);
    view.in_sources = i.Values<VertexIndex>(SnapshotSection::kInSources);
    view.in_weights = i.Values<float>(SnapshotSection::kInWeights);
  }
  return view;
}

absl::StatusOr<CsrView> Snapshot::View(int threads) const {
  HALQA_RETURN_IF_ERROR(VerifyAll(threads));
  return UnverifiedView();
}

absl::StatusOr<absl::Span<const VertexIndex>> Snapshot::OutRow(VertexIndex v) const {
  const CsrView view = UnverifiedView();
  HALQA_RETURN_IF_ERROR(
      Verify(SnapshotSection::kOutTargets, 4 * view.out_offsets[v], 4 * view.out_offsets[v + 1]));
  return view.Out(v);
}

absl::StatusOr<absl::Span<const VertexIndex>> Snapshot::InRow(VertexIndex v) const {
  const CsrView view = UnverifiedView();
  const SnapshotSection section =
      view.symmetric ? SnapshotSection::kOutTargets : SnapshotSection::kInSources;
  HALQA_RETURN_IF_ERROR(Verify(section, 4 * view.in_offsets[v], 4 * view.in_offsets[v + 1]));
  return view.In(v);
}

VertexIndex Snapshot::VertexOf(AccountId account) const {
  const auto vertices = impl_->Values<VertexIndex>(SnapshotSection::kAccountToVertex);
  return Raw(account) < vertices.size() ? vertices[Raw(account)] : kNoVertex;
}

absl::Span<const AccountId> Snapshot::vertex_to_account() const {
  return impl_->Values<AccountId>(SnapshotSection::kVertexToAccount);
}

}  // namespace halqa
