#include "services/common/admin_convert.h"

#include "absl/strings/str_cat.h"
#include "services/common/names.h"

namespace halqa::services {
namespace {

std::string Digits(uint64_t value) { return absl::StrCat(absl::Hex(value, absl::kZeroPad16)); }

}  // namespace

void ToProto(const runtime::BackupInfo& info, v1::Backup* out) {
  out->set_name(NameOf("backups", absl::StrCat(info.id)));
  out->set_problem(info.problem);
  if (!info.problem.empty()) return;  // the rest is not known
  out->set_created_at(info.created_at);
  out->set_lsn(info.lsn);
  out->set_chain(Digits(info.chain));
  out->set_timeline(Digits(info.timeline));
  out->set_accounts(info.accounts);
  out->set_generation(info.generation);
  out->set_format_version(info.format_version);
  out->set_halqa_version(info.halqa_version);
  out->set_bytes(info.bytes);
  out->set_added_bytes(info.added_bytes);
}

void ToProto(const runtime::GraphStatus& status, v1::GetGraphStatusResponse* out) {
  out->set_lsn(status.lsn);
  out->set_folded_lsn(status.folded_lsn);
  out->set_snapshot_lsn(status.snapshot_lsn);
  out->set_accounts(status.accounts);
  out->set_snapshot_follows(status.stats.snapshot_follows);
  out->set_delta_edges(status.stats.delta_edges);
  out->set_timeline(Digits(status.timeline));
  out->set_format_version(status.format_version);
  out->set_halqa_version(status.halqa_version);
  for (const auto& [family, bytes] : status.stats.family_bytes)
    (*out->mutable_family_bytes())[family] = bytes;
  out->set_snapshot_bytes(status.stats.snapshot_bytes);
  out->set_free_bytes(status.free_bytes);
  for (uint32_t generation : status.stats.generations) out->add_generations(generation);
}

}  // namespace halqa::services
