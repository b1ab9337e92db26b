#include "engine/store/backup_files.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"

namespace halqa::store {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kDescriptionHead = "halqa backup 1";
constexpr absl::string_view kErasuresHead = "halqa erasures 1";
constexpr size_t kHashBytes = 16;

absl::Status Damaged(absl::string_view why) {
  return MakeError(absl::StatusCode::kDataLoss, "BACKUP_DAMAGED",
                   absl::StrCat("the description of the backup ", why));
}

// Calls fn(name, number) for every number of a description, in the order of the file.
template <typename Info, typename Fn>
void ForEachNumber(Info& info, Fn fn) {
  fn("id", info.id);
  fn("created_at", info.created_at);
  fn("graph", info.graph);
  fn("timeline", info.timeline);
  fn("lsn", info.lsn);
  fn("chain", info.chain);
  fn("accounts", info.accounts);
  fn("generation", info.generation);
  fn("format_version", info.format_version);
  fn("bytes", info.bytes);
  fn("added_bytes", info.added_bytes);
  fn("erasures", info.erasures);
  fn("meta_checksum", info.meta_checksum);
}

std::string Sum(absl::string_view text) {
  return absl::StrCat(absl::Hex(Checksum64(text), absl::kZeroPad16));
}

absl::Status ErasuresDamaged(size_t line) {
  return MakeError(absl::StatusCode::kDataLoss, "ERASURES_DAMAGED",
                   absl::StrCat("line ", line,
                                " of the erasures is damaged; a restore without them could bring "
                                "erased people back"));
}

}  // namespace

std::string DescriptionPath(const std::string& directory, uint32_t id) {
  return absl::StrCat(directory, "/backup-", id, ".halqa");
}
std::string ErasuresPath(const std::string& directory) {
  return absl::StrCat(directory, "/erasures.halqa");
}

std::string EncodeDescription(const BackupInfo& info) {
  std::string text = absl::StrCat(kDescriptionHead, "\n");
  ForEachNumber(info, [&](absl::string_view name, auto value) {
    absl::StrAppend(&text, name, " ", value, "\n");
  });
  absl::StrAppend(&text, "halqa_version ", info.halqa_version, "\n");
  absl::StrAppend(&text, "checksum ", Sum(text), "\n");
  return text;
}

absl::StatusOr<BackupInfo> DecodeDescription(absl::string_view text) {
  const size_t end = text.rfind("checksum ");
  if (end == absl::string_view::npos) return Damaged("is not whole");
  const absl::string_view body = text.substr(0, end);
  if (text.substr(end) != absl::StrCat("checksum ", Sum(body), "\n"))
    return Damaged("has a wrong checksum");
  std::vector<absl::string_view> lines = absl::StrSplit(body, '\n', absl::SkipEmpty());
  if (lines.empty() || lines[0] != kDescriptionHead) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_NEWER",
                     "the description of the backup was written by a newer Halqa");
  }
  std::map<absl::string_view, absl::string_view> values;
  for (size_t i = 1; i < lines.size(); ++i) {
    values.insert(absl::StrSplit(lines[i], absl::MaxSplits(' ', 1)));
  }
  BackupInfo info;
  bool whole = true;
  ForEachNumber(info, [&](absl::string_view name, auto& value) {
    whole = whole && absl::SimpleAtoi(values[name], &value);
  });
  if (!whole) return Damaged("is not whole");
  info.halqa_version = std::string(values["halqa_version"]);
  return info;
}

std::vector<uint32_t> DescribedBackups(const std::string& directory) {
  std::vector<uint32_t> ids;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    absl::string_view rest = name;
    uint32_t id = 0;
    if (absl::ConsumePrefix(&rest, "backup-") && absl::ConsumeSuffix(&rest, ".halqa") &&
        absl::SimpleAtoi(rest, &id)) {
      ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string EncodeErasures(const Erasures& erasures) {
  std::string text = absl::StrCat(kErasuresHead, "\n");
  for (const auto& [hash, value] : erasures) {
    const std::string line =
        absl::StrCat(absl::BytesToHexString(hash), " ", absl::BytesToHexString(value));
    absl::StrAppend(&text, line, " ", Sum(line), "\n");
  }
  // Says that no line is missing at the end.
  absl::StrAppend(&text, "end ", erasures.size(), " ", Sum(text), "\n");
  return text;
}

absl::StatusOr<Erasures> DecodeErasures(absl::string_view text) {
  Erasures out;
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() < 3 || lines[0] != kErasuresHead || !lines.back().empty())
    return ErasuresDamaged(1);
  const size_t last = lines.size() - 2;
  for (size_t i = 1; i < last; ++i) {
    const std::vector<absl::string_view> parts = absl::StrSplit(lines[i], ' ');
    const bool whole = parts.size() == 3 && parts[0].size() == 2 * kHashBytes &&
                       parts[1].size() % 2 == 0 &&
                       parts[2] == Sum(absl::StrCat(parts[0], " ", parts[1]));
    if (!whole) return ErasuresDamaged(i + 1);
    out[absl::HexStringToBytes(parts[0])] = absl::HexStringToBytes(parts[1]);
  }
  const absl::string_view before = text.substr(0, text.size() - lines[last].size() - 1);
  if (lines[last] != absl::StrCat("end ", out.size(), " ", Sum(before)))
    return ErasuresDamaged(last + 1);
  return out;
}

absl::StatusOr<Erasures> ReadErasures(const std::string& directory) {
  const std::string path = ErasuresPath(directory);
  std::error_code error;
  if (!fs::exists(path, error)) return Erasures();
  HALQA_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto erasures = DecodeErasures(text);
  if (!erasures.ok()) return Annotate(erasures.status(), path);
  return erasures;
}

absl::StatusOr<Erasures> ErasuresOf(const Store& db) {
  Erasures out;
  HALQA_RETURN_IF_ERROR(
      db.Scan(Family::kSuppress, "", "", [&](absl::string_view key, absl::string_view value) {
        if (key.size() == kHashBytes) out[std::string(key)] = std::string(value);
        return true;
      }));
  return out;
}

absl::StatusOr<uint64_t> AddErasures(const Store& db, const std::string& directory) {
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);
  HALQA_ASSIGN_OR_RETURN(Erasures all, ReadErasures(directory));
  HALQA_ASSIGN_OR_RETURN(const Erasures here, ErasuresOf(db));
  const Erasures before = all;
  for (const auto& [hash, value] : here) all[hash] = value;
  if (all != before) {
    HALQA_RETURN_IF_ERROR(WriteFileDurably(ErasuresPath(directory), EncodeErasures(all)));
  }
  return all.size();
}

}  // namespace halqa::store
