#include "tools/halqa/nightly_export.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "tools/common/json_writer.h"
#include "tools/halqa/export_tables.h"
#include "tools/halqa/scores.h"

namespace halqa::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "generation-";

struct ExportedFile {
  std::string name, table;
  uint64_t rows = 0;
};

// CSV and NDJSON are compressed.
std::string EndingOf(const std::string& format) {
  return format == "parquet" ? ".parquet" : absl::StrCat(".", format, ".zst");
}

absl::StatusOr<std::vector<ExportedFile>> WriteTables(const Backend& backend,
                                                      const std::string& directory,
                                                      const std::vector<std::string>& formats) {
  ScoreReader reader(backend);
  HALQA_ASSIGN_OR_RETURN(const auto accounts, reader.All(0));
  HALQA_ASSIGN_OR_RETURN(const auto niches, reader.Niches(0));
  std::vector<ExportedFile> files;
  for (const std::string& name : formats) {
    HALQA_ASSIGN_OR_RETURN(const TableFormat format, ParseTableFormat(name));
    ExportedFile one{"accounts" + EndingOf(name), "accounts"},
        two{"niches" + EndingOf(name), "niches"};
    HALQA_ASSIGN_OR_RETURN(one.rows,
                           WriteAccounts(accounts, false, directory + "/" + one.name, format));
    HALQA_ASSIGN_OR_RETURN(two.rows, WriteNiches(niches, directory + "/" + two.name, format));
    files.push_back(std::move(one));
    files.push_back(std::move(two));
  }
  return files;
}

absl::StatusOr<std::string> Manifest(const store::GenerationInfo& info,
                                     const std::string& directory,
                                     const std::vector<ExportedFile>& files) {
  JsonWriter json;
  json.BeginObject().Key("generation").UInt(info.generation);
  json.Key("snapshot").String(absl::StrCat(absl::Hex(info.timeline), "-", info.lsn));
  json.Key("created_at").Int(info.created_at).Key("data_as_of").Int(info.data_as_of);
  json.Key("accounts").UInt(info.accounts).Key("follows").UInt(info.follows);
  json.Key("arcs").UInt(info.arcs).Key("files").BeginArray();
  for (const ExportedFile& file : files) {
    HALQA_ASSIGN_OR_RETURN(const auto bytes, MappedFile::Open(directory + "/" + file.name));
    json.BeginObject().Key("name").String(file.name).Key("table").String(file.table);
    json.Key("rows").UInt(file.rows).Key("bytes").UInt(bytes.bytes().size());
    json.Key("xxh3_64").String(absl::StrFormat("%016x", Checksum64(bytes.bytes()))).End();
  }
  json.End().Key("parameters").BeginObject();
  for (const auto& [name, value] : info.parameters) json.Key(name).String(value);
  json.End().Key("versions").BeginObject();
  for (const auto& [name, version] : info.versions) json.Key(name).UInt(version);
  json.End().Key("figures").BeginObject();
  for (const auto& [name, value] : info.figures) json.Key(name).Number(value);
  return json.End().End().text() + "\n";
}

// The numbers of the exports that are there.
std::vector<uint32_t> Exports(const std::string& output) {
  std::vector<uint32_t> numbers;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(output, none)) {
    const std::string name = entry.path().filename().string();
    absl::string_view rest = name;
    uint32_t number = 0;
    if (absl::ConsumePrefix(&rest, kPrefix) && absl::SimpleAtoi(rest, &number))
      numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

absl::Status WriteFailed(const std::string& path, const std::error_code& error) {
  return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED",
                   absl::StrCat(path, ": ", error.message()), {{"path", path}});
}

}  // namespace

absl::StatusOr<TableFormat> ParseTableFormat(const std::string& name) {
  if (name == "csv") return TableFormat::kCsv;
  if (name == "ndjson") return TableFormat::kNdjson;
  if (name == "parquet") return TableFormat::kParquet;
  return FieldError("BAD_FORMAT", "format",
                    absl::StrCat("\"", name, "\" is none of parquet, csv, ndjson"));
}

absl::StatusOr<std::string> ExportGeneration(const Backend& backend, const std::string& output,
                                             const std::vector<std::string>& formats,
                                             uint32_t keep) {
  const auto state = backend.graph()->search_state();
  if (state->generation() == nullptr)
    return MakeError(absl::StatusCode::kFailedPrecondition, "NO_GENERATION", "nothing was ranked");
  const store::GenerationInfo& info = state->generation()->info;
  const std::string final_path = absl::StrCat(output, "/", kPrefix, info.generation);
  const std::string part = final_path + ".part";
  std::error_code error;
  fs::remove_all(part, error);  // of a run that was killed
  fs::create_directories(part, error);
  if (error) return WriteFailed(part, error);
  HALQA_ASSIGN_OR_RETURN(const auto files, WriteTables(backend, part, formats));
  HALQA_ASSIGN_OR_RETURN(const std::string manifest, Manifest(info, part, files));
  HALQA_RETURN_IF_ERROR(WriteFileDurably(part + "/manifest.json", manifest));
  HALQA_RETURN_IF_ERROR(SyncTree(part));
  fs::remove_all(final_path, error);  // of a run that was killed between its rename and its note
  fs::rename(part, final_path, error);
  if (error) return WriteFailed(final_path, error);
  HALQA_RETURN_IF_ERROR(SyncDirectory(output));
  const std::vector<uint32_t> numbers = Exports(output);
  for (size_t i = 0; i + keep < numbers.size(); ++i)
    fs::remove_all(absl::StrCat(output, "/", kPrefix, numbers[i]), error);
  return final_path;
}

}  // namespace halqa::cli
