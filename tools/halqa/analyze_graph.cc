#include "tools/halqa/analyze_graph.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/formats/table_writer.h"
#include "halqa/v1/job_service.grpc.pb.h"
#include "tools/common/json_writer.h"
#include "tools/common/table.h"
#include "tools/halqa/run_job.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

std::string ValueText(const v1::AnalysisValue& value) {
  if (!value.group().empty()) return value.group();
  if (std::isinf(value.value())) return "unreachable";
  JsonWriter json;
  return json.Number(value.value()).text();
}

using Page = v1::ListAnalysisValuesResponse;

// Calls fn for the pages of the values in their order, `limit` values in all (0 = all of them).
absl::Status ForEachPage(v1::JobService::Stub& stub, const std::string& analysis, uint64_t limit,
                         const std::function<absl::Status(const Page&)>& fn) {
  v1::ListAnalysisValuesRequest request;
  request.set_parent(analysis);
  uint64_t left = limit == 0 ? ~uint64_t{0} : limit;
  do {
    request.set_page_size(static_cast<int32_t>(std::min<uint64_t>(left, 1000)));
    HALQA_ASSIGN_OR_RETURN(
        const auto page, rpc::CallUnary(stub, &v1::JobService::Stub::ListAnalysisValues, request));
    HALQA_RETURN_IF_ERROR(fn(page));
    left -= std::min<uint64_t>(left, static_cast<uint64_t>(request.page_size()));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && left > 0);
  return absl::OkStatus();
}

std::vector<TableColumn> ColumnsOf(const Page& page) {
  std::vector<TableColumn> columns = {{"external_id"}, {"value", ColumnType::kNumber}, {"group"}};
  for (const std::string& name : page.columns()) columns.push_back({name, ColumnType::kNumber});
  return columns;
}

absl::Status WriteAll(v1::JobService::Stub& stub, const std::string& analysis,
                      const std::string& path) {
  std::unique_ptr<TableWriter> file;
  HALQA_RETURN_IF_ERROR(ForEachPage(stub, analysis, 0, [&](const Page& page) -> absl::Status {
    if (file == nullptr) {
      HALQA_ASSIGN_OR_RETURN(file, TableWriter::Create(path, TableFormat::kCsv, ColumnsOf(page)));
    }
    for (const v1::AnalysisValue& v : page.values()) {
      const bool group = !v.group().empty();
      std::vector<TableCell> cells = {TableCell(v.external_id()),
                                      group ? TableCell() : TableCell(v.value()),
                                      group ? TableCell(v.group()) : TableCell()};
      for (const double column : v.columns()) cells.push_back(TableCell(column));
      HALQA_RETURN_IF_ERROR(file->Row(cells));
    }
    return absl::OkStatus();
  }));
  return file->Close();
}

// The accounts of an analysis, as a table and as JSON.
struct Shown {
  std::unique_ptr<Table> table;
  JsonWriter* json;

  void Add(const Page& page) {
    if (table == nullptr) {
      std::vector<Table::Column> columns = {{"account"}, {"value", Table::Align::kRight}};
      for (const std::string& name : page.columns())
        columns.push_back({name, Table::Align::kRight});
      table = std::make_unique<Table>(columns);
    }
    for (const v1::AnalysisValue& v : page.values()) AddValue(page, v);
  }
  void AddValue(const Page& page, const v1::AnalysisValue& v) {
    std::vector<std::string> cells = {v.external_id(), ValueText(v)};
    json->BeginObject().Key("external_id").String(v.external_id());
    v.group().empty() ? json->Key("value").Number(v.value()) : json->Key("group").String(v.group());
    for (int i = 0; i < std::min(page.columns_size(), v.columns_size()); ++i) {
      json->Key(page.columns(i)).Number(v.columns(i));
      JsonWriter number;
      cells.push_back(number.Number(v.columns(i)).text());
    }
    json->End();
    table->AddRow(cells);
  }
};

absl::Status Print(v1::JobService::Stub& stub, const v1::Job& job, const GraphAnalysis& what) {
  const std::string analysis = job.result().at("analysis");
  std::map<std::string, std::string> figures(job.result().begin(), job.result().end());
  JsonWriter json;
  json.BeginObject().Key("algorithm").String(what.algorithm).Key("figures").BeginObject();
  for (const auto& [name, value] : figures) json.Key(name).String(value);
  json.End().Key("accounts").BeginArray();
  Shown shown{nullptr, &json};
  HALQA_RETURN_IF_ERROR(ForEachPage(stub, analysis, what.top, [&](const Page& page) {
    shown.Add(page);
    return absl::OkStatus();
  }));
  if (what.json) {
    std::printf("%s\n", json.End().End().text().c_str());
    return absl::OkStatus();
  }
  std::printf("%s\n", shown.table->Render().c_str());
  for (const auto& [name, value] : figures) std::printf("%s: %s\n", name.c_str(), value.c_str());
  return absl::OkStatus();
}

}  // namespace

absl::Status AnalyzeGraph(const Backend& backend, const GraphAnalysis& what) {
  const auto stub = v1::JobService::NewStub(backend.channel());
  v1::RunAlgorithmRequest request;
  request.set_algorithm(what.algorithm);
  request.mutable_parameters()->insert(what.parameters.begin(), what.parameters.end());
  HALQA_ASSIGN_OR_RETURN(const auto started,
                         rpc::CallUnary(*stub, &v1::JobService::Stub::RunAlgorithm, request));
  HALQA_ASSIGN_OR_RETURN(const v1::Job job,
                         FollowJob(backend.channel(), started.job(), what.algorithm));
  if (!what.output.empty())
    HALQA_RETURN_IF_ERROR(WriteAll(*stub, job.result().at("analysis"), what.output));
  return Print(*stub, job, what);
}

}  // namespace halqa::cli
