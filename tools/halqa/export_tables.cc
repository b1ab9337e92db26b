#include "tools/halqa/export_tables.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status_macros.h"
#include "tools/common/json_writer.h"
#include "tools/halqa/facts.h"

namespace halqa::cli {
namespace {

TableCell Text(const std::string& text) { return text.empty() ? TableCell() : TableCell(text); }
TableCell Whole(std::optional<uint64_t> value) { return value ? TableCell(*value) : TableCell(); }
TableCell Number(std::optional<double> value) { return value ? TableCell(*value) : TableCell(); }

// "food=0.0012 travel=0.0003".
template <typename Shares>
std::string SharesText(const Shares& shares) {
  return absl::StrJoin(shares, " ", [](std::string* out, const auto& share) {
    absl::StrAppend(out, share.first, "=", NumberText(share.second));
  });
}

std::vector<TableColumn> AccountColumns(bool searched) {
  using T = ColumnType;
  std::vector<TableColumn> columns = {{"external_id"},
                                      {"handle"},
                                      {"platform"},
                                      {"declared_followers", T::kWhole},
                                      {"known_followers", T::kWhole},
                                      {"page_rank", T::kNumber},
                                      {"core_number", T::kNumber},
                                      {"weighted_in_degree", T::kNumber},
                                      {"expected_reach", T::kNumber},
                                      {"niche", T::kWhole},
                                      {"niche_label"},
                                      {"topic_authority"}};
  if (searched) columns.insert(columns.end(), {{"rank", T::kWhole}, {"score", T::kNumber}});
  return columns;
}

}  // namespace

std::string NumberText(double value) {
  JsonWriter json;
  return json.Number(value).text();
}

absl::StatusOr<uint64_t> WriteAccounts(const std::vector<ScoreRow>& rows, bool searched,
                                       const std::string& path, TableFormat format) {
  HALQA_ASSIGN_OR_RETURN(const auto file,
                         TableWriter::Create(path, format, AccountColumns(searched)));
  for (const ScoreRow& row : rows) {
    const std::optional<uint64_t> niche =
        row.niche == 0 ? std::nullopt : std::optional<uint64_t>(row.niche);
    std::vector<TableCell> cells = {Text(row.external_id),      Text(row.handle),
                                    Text(row.platform),         Whole(row.declared_followers),
                                    Whole(row.known_followers), Number(row.page_rank),
                                    Number(row.core_number),    Number(row.weighted_in_degree),
                                    Number(row.expected_reach), Whole(niche),
                                    Text(row.niche_label),      Text(SharesText(row.topics))};
    if (searched) cells.insert(cells.end(), {Whole(row.rank), Number(row.score)});
    HALQA_RETURN_IF_ERROR(file->Row(cells));
  }
  HALQA_RETURN_IF_ERROR(file->Close());
  return file->rows();
}

absl::StatusOr<uint64_t> WriteNiches(const std::vector<v1::Niche>& niches, const std::string& path,
                                     TableFormat format) {
  using T = ColumnType;
  HALQA_ASSIGN_OR_RETURN(const auto file, TableWriter::Create(path, format,
                                                              {{"niche", T::kWhole},
                                                               {"labels"},
                                                               {"accounts", T::kWhole},
                                                               {"insularity", T::kNumber},
                                                               {"topic_shares"},
                                                               {"top_accounts"}}));
  for (const v1::Niche& n : niches) {
    const std::string top = absl::StrJoin(
        n.top_accounts(), " ",
        [](std::string* out, const v1::Account& a) { absl::StrAppend(out, a.external_id()); });
    HALQA_RETURN_IF_ERROR(
        file->Row({Whole(n.id()), Text(absl::StrJoin(n.labels(), " ")), Whole(n.size()),
                   Number(n.insularity()), Text(SharesText(Sorted(n.topic_shares()))), Text(top)}));
  }
  HALQA_RETURN_IF_ERROR(file->Close());
  return file->rows();
}

}  // namespace halqa::cli
