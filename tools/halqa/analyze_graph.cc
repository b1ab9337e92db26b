#include "tools/halqa/analyze_graph.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

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

// Calls fn for the values in their order, `limit` of them (0 = all).
absl::Status ForEachValue(v1::JobService::Stub& stub, const std::string& analysis, uint64_t limit,
                          const std::function<absl::Status(const v1::AnalysisValue&)>& fn) {
  v1::ListAnalysisValuesRequest request;
  request.set_parent(analysis);
  uint64_t left = limit == 0 ? ~uint64_t{0} : limit;
  do {
    request.set_page_size(static_cast<int32_t>(std::min<uint64_t>(left, 1000)));
    HALQA_ASSIGN_OR_RETURN(
        const auto page, rpc::CallUnary(stub, &v1::JobService::Stub::ListAnalysisValues, request));
    for (const v1::AnalysisValue& value : page.values()) HALQA_RETURN_IF_ERROR(fn(value));
    left -= std::min<uint64_t>(left, static_cast<uint64_t>(request.page_size()));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && left > 0);
  return absl::OkStatus();
}

absl::Status WriteAll(v1::JobService::Stub& stub, const std::string& analysis,
                      const std::string& path) {
  HALQA_ASSIGN_OR_RETURN(
      const auto file,
      TableWriter::Create(path, TableFormat::kCsv,
                          {{"external_id"}, {"value", ColumnType::kNumber}, {"group"}}));
  HALQA_RETURN_IF_ERROR(
      ForEachValue(stub, analysis, 0, [&](const v1::AnalysisValue& v) -> absl::Status {
        const bool group = !v.group().empty();
        return file->Row({TableCell(v.external_id()), group ? TableCell() : TableCell(v.value()),
                          group ? TableCell(v.group()) : TableCell()});
      }));
  return file->Close();
}

absl::Status Print(v1::JobService::Stub& stub, const v1::Job& job, const GraphAnalysis& what) {
  const std::string analysis = job.result().at("analysis");
  std::map<std::string, std::string> figures(job.result().begin(), job.result().end());
  Table table({{"account"}, {"value", Table::Align::kRight}});
  JsonWriter json;
  json.BeginObject().Key("algorithm").String(what.algorithm).Key("figures").BeginObject();
  for (const auto& [name, value] : figures) json.Key(name).String(value);
  json.End().Key("accounts").BeginArray();
  HALQA_RETURN_IF_ERROR(
      ForEachValue(stub, analysis, what.top, [&](const v1::AnalysisValue& v) -> absl::Status {
        table.AddRow({v.external_id(), ValueText(v)});
        json.BeginObject().Key("external_id").String(v.external_id());
        v.group().empty() ? json.Key("value").Number(v.value())
                          : json.Key("group").String(v.group());
        json.End();
        return absl::OkStatus();
      }));
  if (what.json) {
    std::printf("%s\n", json.End().End().text().c_str());
    return absl::OkStatus();
  }
  std::printf("%s\n", table.Render().c_str());
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
