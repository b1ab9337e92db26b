#include <algorithm>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/graph/snapshot_layout.h"

namespace halqa {

namespace internal {

absl::string_view SectionName(uint32_t section) {
  static constexpr absl::string_view kNames[kSnapshotSections] = {
      "out_offsets", "out_targets", "in_offsets",        "in_sources",
      "out_weights", "in_weights",  "vertex_to_account", "account_to_vertex"};
  return kNames[section];
}

uint64_t SectionBytes(const SnapshotHeader& header, uint32_t section) {
  const bool both = (header.flags & kFlagSymmetric) == 0;
  const bool weighted = (header.flags & kFlagWeighted) != 0;
  const uint64_t offsets = 8 * (uint64_t{header.vertices} + 1);
  const uint64_t arcs = 4 * header.arcs;
  switch (static_cast<SnapshotSection>(section)) {
    case SnapshotSection::kOutOffsets:
      return offsets;
    case SnapshotSection::kOutTargets:
      return arcs;
    case SnapshotSection::kInOffsets:
      return both ? offsets : 0;
    case SnapshotSection::kInSources:
      return both ? arcs : 0;
    case SnapshotSection::kOutWeights:
      return weighted ? arcs : 0;
    case SnapshotSection::kInWeights:
      return weighted && both ? arcs : 0;
    case SnapshotSection::kVertexToAccount:
      return 4 * uint64_t{header.vertices};
    case SnapshotSection::kAccountToVertex:
      return 4 * uint64_t{header.accounts_limit};
  }
  return 0;
}

}  // namespace internal

namespace {

using internal::AlignUp;
using internal::kSnapshotAlign;
using internal::kSnapshotBlock;
using internal::SectionEntry;
using internal::SnapshotHeader;

template <typename T>
absl::string_view BytesOf(absl::Span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// Writes one section with its padding and appends its block checksums.
absl::Status WriteSection(absl::string_view bytes, uint64_t offset, NewFile* file,
                          std::vector<uint64_t>* checksums) {
  while (!bytes.empty()) {
    const absl::string_view block = bytes.substr(0, kSnapshotBlock);
    bytes.remove_prefix(block.size());
    std::string padded;
    absl::string_view whole = block;
    if (block.size() % kSnapshotAlign != 0) {
      padded.assign(block.data(), block.size());
      padded.resize(AlignUp(block.size()), '\0');
      whole = padded;
    }
    checksums->push_back(Checksum64(whole));
    HALQA_RETURN_IF_ERROR(file->WriteAt(offset, whole));
    offset += whole.size();
  }
  return absl::OkStatus();
}

// The vertex of every account below the largest one, kNoVertex where there is none.
absl::StatusOr<std::vector<VertexIndex>> InvertAccounts(absl::Span<const AccountId> accounts) {
  uint32_t limit = 0;
  for (const AccountId a : accounts) {
    if (a == kNoAccount) {
      return FieldError("NO_ACCOUNT", "vertex_to_account", "a vertex without an account");
    }
    limit = std::max(limit, Raw(a) + 1);
  }
  std::vector<VertexIndex> vertices(limit, kNoVertex);
  for (uint32_t v = 0; v < accounts.size(); ++v) {
    VertexIndex& slot = vertices[Raw(accounts[v])];
    if (slot != kNoVertex) {
      return FieldError(
          "DUPLICATE_ACCOUNT", "vertex_to_account",
          absl::StrCat("account ", Raw(accounts[v]), " stands at vertices ", slot, " and ", v));
    }
    slot = v;
  }
  return vertices;
}

absl::Status CheckInput(const CsrView& view, absl::Span<const AccountId> vertex_to_account) {
  if (vertex_to_account.size() != view.vertices) {
    return FieldError(
        "LENGTH_MISMATCH", "vertex_to_account",
        absl::StrCat(view.vertices, " vertices but ", vertex_to_account.size(), " accounts"));
  }
  if (!view.has_in() || view.out_offsets.empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "MISSING_IN_ROWS",
                     "a snapshot holds both directions; build the graph with in-rows");
  }
  return absl::OkStatus();
}

// Fills counts and section places; the checksums come later.
SnapshotHeader PlanHeader(const SnapshotIdentity& identity, const CsrView& view,
                          uint32_t accounts_limit) {
  SnapshotHeader header;
  std::memset(static_cast<void*>(&header), 0, sizeof header);
  header.magic = internal::kSnapshotMagic;
  header.format_version = kSnapshotFormatVersion;
  header.flags = (view.symmetric ? internal::kFlagSymmetric : 0) |
                 (view.weighted() ? internal::kFlagWeighted : 0);
  header.timeline_id = identity.timeline_id;
  header.lsn = identity.lsn;
  header.chain = identity.chain;
  header.vertices = view.vertices;
  header.accounts_limit = accounts_limit;
  header.arcs = view.arcs();
  uint64_t offset = kSnapshotAlign;
  for (uint32_t s = 0; s < kSnapshotSections; ++s) {
    SectionEntry& entry = header.sections[s];
    const absl::string_view name = internal::SectionName(s);
    std::memcpy(entry.name, name.data(), name.size());
    entry.offset = offset;
    entry.bytes = internal::SectionBytes(header, s);
    entry.first_block = header.table_entries;
    offset += AlignUp(entry.bytes);
    header.table_entries += internal::BlocksOf(entry.bytes);
  }
  header.table_offset = offset;
  header.file_bytes = offset + AlignUp(8 * header.table_entries);
  return header;
}

}  // namespace

absl::Status WriteSnapshot(const std::string& path, const SnapshotIdentity& identity,
                           const CsrView& view, absl::Span<const AccountId> vertex_to_account) {
  HALQA_RETURN_IF_ERROR(CheckInput(view, vertex_to_account));
  HALQA_ASSIGN_OR_RETURN(const std::vector<VertexIndex> account_to_vertex,
                         InvertAccounts(vertex_to_account));
  SnapshotHeader header =
      PlanHeader(identity, view, static_cast<uint32_t>(account_to_vertex.size()));
  const absl::string_view sections[kSnapshotSections] = {
      BytesOf(view.out_offsets),  BytesOf(view.out_targets),
      BytesOf(view.in_offsets),   BytesOf(view.in_sources),
      BytesOf(view.out_weights),  BytesOf(view.in_weights),
      BytesOf(vertex_to_account), BytesOf(absl::MakeConstSpan(account_to_vertex))};
  NewFile file(path);
  HALQA_RETURN_IF_ERROR(file.Create());
  std::vector<uint64_t> checksums;
  checksums.reserve(header.table_entries);
  for (uint32_t s = 0; s < kSnapshotSections; ++s) {
    const SectionEntry& entry = header.sections[s];
    HALQA_RETURN_IF_ERROR(
        WriteSection(sections[s].substr(0, entry.bytes), entry.offset, &file, &checksums));
  }
  std::string table(BytesOf(absl::MakeConstSpan(checksums)));
  table.resize(AlignUp(table.size()), '\0');
  header.table_checksum = Checksum64(table);
  HALQA_RETURN_IF_ERROR(file.WriteAt(header.table_offset, table));
  const absl::string_view head(reinterpret_cast<const char*>(&header), sizeof header);
  header.checksum = Checksum64(head.substr(0, sizeof header - 8));
  HALQA_RETURN_IF_ERROR(file.WriteAt(0, head));
  return file.Publish();
}

}  // namespace halqa
