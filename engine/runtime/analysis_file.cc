#include "engine/runtime/analysis_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"

namespace halqa::runtime {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kHead = "halqa analysis 2\n";
constexpr absl::string_view kHeadOfOne = "halqa analysis 1\n";  // as 2, with the values alone

std::string FolderOf(const store::Store& db) { return db.directory() + "/analyses"; }
std::string PathOf(const store::Store& db, uint64_t number) {
  return absl::StrCat(FolderOf(db), "/analysis-", number);
}

void PutNumbers(const std::vector<double>& numbers, std::string* out) {
  out->append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));
}

std::vector<double> TakeNumbers(size_t count, absl::string_view* in) {
  std::vector<double> numbers(count);
  if (count > 0) std::memcpy(numbers.data(), in->data(), count * sizeof(double));
  in->remove_prefix(count * sizeof(double));
  return numbers;
}

std::string Encode(const Analysis& a) {
  std::string out(kHead);
  PutLengthPrefixed(a.algorithm, &out);
  PutVarint64(a.version, &out);
  PutVarint64(static_cast<uint64_t>(a.type), &out);
  PutFixed64BE(a.timeline, &out);
  PutFixed64BE(a.lsn, &out);
  PutVarint64(a.columns.size(), &out);
  for (const ValueColumn& column : a.columns) PutLengthPrefixed(column.name, &out);
  PutNumbers(a.values, &out);
  for (const ValueColumn& column : a.columns) PutNumbers(column.values, &out);
  PutFixed64BE(Checksum64(out), &out);
  return out;
}

// The names of the columns.
bool DecodeColumns(absl::string_view* in, std::vector<ValueColumn>* columns) {
  uint64_t count = 0;
  if (!GetVarint64(in, &count) || count > in->size()) return false;
  columns->resize(count);
  for (ValueColumn& column : *columns) {
    absl::string_view name;
    if (!GetLengthPrefixed(in, &name)) return false;
    column.name = std::string(name);
  }
  return true;
}

bool Decode(absl::string_view in, Analysis* a) {
  if (in.size() < kHead.size() + 8) return false;
  const bool one = absl::ConsumePrefix(&in, kHeadOfOne);
  if (!one && !absl::ConsumePrefix(&in, kHead)) return false;
  in.remove_suffix(8);
  absl::string_view algorithm;
  uint64_t version = 0, type = 0;
  if (!GetLengthPrefixed(&in, &algorithm) || !GetVarint64(&in, &version) ||
      !GetVarint64(&in, &type) || !GetFixed64BE(&in, &a->timeline) || !GetFixed64BE(&in, &a->lsn) ||
      (!one && !DecodeColumns(&in, &a->columns)) ||
      in.size() % (sizeof(double) * (1 + a->columns.size())) != 0) {
    return false;
  }
  a->algorithm = std::string(algorithm);
  a->version = static_cast<uint32_t>(version);
  a->type = static_cast<ValueType>(type);
  const size_t accounts = in.size() / (sizeof(double) * (1 + a->columns.size()));
  a->values = TakeNumbers(accounts, &in);
  for (ValueColumn& column : a->columns) column.values = TakeNumbers(accounts, &in);
  return true;
}

bool Whole(absl::string_view bytes) {
  return bytes.size() > 8 && Checksum64(bytes.substr(0, bytes.size() - 8)) ==
                                 DecodeFixed64BE(bytes.substr(bytes.size() - 8));
}

}  // namespace

std::vector<uint64_t> AnalysisNumbers(const store::Store& db) {
  std::vector<uint64_t> numbers;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(FolderOf(db), none)) {
    const std::string name = entry.path().filename().string();
    absl::string_view rest = name;
    uint64_t number = 0;
    if (absl::ConsumePrefix(&rest, "analysis-") && absl::SimpleAtoi(rest, &number))
      numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

absl::Status SaveAnalysis(const store::Store& db, size_t keep, Analysis* analysis) {
  std::error_code error;
  fs::create_directories(FolderOf(db), error);
  std::vector<uint64_t> numbers = AnalysisNumbers(db);
  analysis->number = numbers.empty() ? 1 : numbers.back() + 1;
  HALQA_RETURN_IF_ERROR(WriteFileDurably(PathOf(db, analysis->number), Encode(*analysis)));
  numbers.push_back(analysis->number);
  for (size_t i = 0; i + keep < numbers.size(); ++i) fs::remove(PathOf(db, numbers[i]), error);
  return absl::OkStatus();
}

absl::StatusOr<Analysis> LoadAnalysis(const store::Store& db, uint64_t number) {
  const std::string path = PathOf(db, number);
  const auto bytes = ReadFile(path);
  if (ErrorReason(bytes.status()) == "FILE_NOT_FOUND") {
    return MakeError(absl::StatusCode::kNotFound, "ANALYSIS_NOT_FOUND",
                     absl::StrCat("there is no analysis ", number, "; the newest 8 are kept"),
                     {{"analysis", absl::StrCat(number)}});
  }
  HALQA_RETURN_IF_ERROR(bytes.status());
  Analysis analysis;
  analysis.number = number;
  if (Whole(*bytes) && Decode(*bytes, &analysis)) return analysis;
  return MakeError(absl::StatusCode::kDataLoss, "ANALYSIS_DAMAGED",
                   absl::StrCat(path, " is damaged; run the analysis again"), {{"path", path}});
}

std::vector<AccountId> ByValue(const Analysis& analysis, uint64_t from, uint64_t count) {
  const std::vector<double>& values = analysis.values;
  std::vector<AccountId> order(values.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = AccountId{i};
  const uint64_t begin = std::min<uint64_t>(from, order.size());
  const uint64_t end = std::min<uint64_t>(begin + count, order.size());
  const auto at = [&](uint64_t place) { return order.begin() + static_cast<ptrdiff_t>(place); };
  if (analysis.type != ValueType::kVertex) {
    auto before = [&](AccountId a, AccountId b) {
      const double x = values[Raw(a)], y = values[Raw(b)];
      return x != y ? x > y : a < b;
    };
    if (begin < order.size()) std::nth_element(order.begin(), at(begin), order.end(), before);
    std::partial_sort(at(begin), at(end), order.end(), before);
  }
  return {at(begin), at(end)};
}

void RemoveAnalyses(const store::Store& db) {
  std::error_code none;
  fs::remove_all(FolderOf(db), none);
}

}  // namespace halqa::runtime
