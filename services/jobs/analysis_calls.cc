// Running any algorithm on the graph, and reading what it found.

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/analysis.h"
#include "engine/runtime/subject.h"
#include "services/common/job_convert.h"
#include "services/common/names.h"
#include "services/common/unary.h"
#include "services/jobs/job_service.h"

namespace halqa::services {
namespace {

void ToProto(const AlgorithmDescriptor& in, v1::Algorithm* out) {
  out->set_name(in.name);
  out->set_version(static_cast<uint32_t>(in.version));
  out->set_summary(in.summary);
  out->set_undirected(in.undirected);
  out->set_superlinear(in.superlinear);
  out->set_adaptive(in.adaptive);
  out->set_time(in.time);
  out->set_memory(in.memory);
  out->set_paper(in.paper);
  for (const ParameterDescriptor& p : in.parameters) {
    v1::AlgorithmParameter* parameter = out->add_parameters();
    parameter->set_name(p.name);
    parameter->set_type(std::string(ParameterTypeName(p.type)));
    parameter->set_low(p.low);
    parameter->set_high(p.high);
    parameter->set_default_value(p.default_value);
    parameter->mutable_choices()->Add(p.choices.begin(), p.choices.end());
    parameter->set_doc(p.doc);
  }
}

// One account's line; nothing where the account was erased since.
absl::Status AddValue(const store::Store& db, const runtime::Analysis& analysis, AccountId account,
                      v1::ListAnalysisValuesResponse* response) {
  HALQA_ASSIGN_OR_RETURN(const std::string name, runtime::ShownName(db, account));
  if (name.empty()) return absl::OkStatus();
  v1::AnalysisValue* out = response->add_values();
  out->set_account(NameOf("accounts", name));
  out->set_external_id(name);
  for (const ValueColumn& column : analysis.columns) {
    out->add_columns(column.values[Raw(account)]);
  }
  const double value = analysis.values[Raw(account)];
  if (analysis.type != ValueType::kVertex) {
    out->set_value(value);
    return absl::OkStatus();
  }
  HALQA_ASSIGN_OR_RETURN(*out->mutable_group(),
                         runtime::ShownName(db, AccountId{static_cast<uint32_t>(value)}));
  return absl::OkStatus();
}

absl::Status ListValues(const ServiceContext& context, const v1::ListAnalysisValuesRequest& request,
                        v1::ListAnalysisValuesResponse* response) {
  HALQA_ASSIGN_OR_RETURN(const uint64_t number, NumberIn(request.parent(), "analyses", "parent"));
  HALQA_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 50, 1000));
  const store::Store& db = context.graph->live().db();
  HALQA_ASSIGN_OR_RETURN(const runtime::Analysis analysis, runtime::LoadAnalysis(db, number));
  const uint64_t hash = Checksum64("ListAnalysisValues", number);
  uint64_t from = 0;
  if (!request.page_token().empty()) {
    HALQA_ASSIGN_OR_RETURN(const PageToken token,
                           context.tokens->Check(request.page_token(), hash));
    from = token.position;
  }
  for (const AccountId account : runtime::ByValue(analysis, from, static_cast<uint64_t>(size)))
    HALQA_RETURN_IF_ERROR(AddValue(db, analysis, account, response));
  from += static_cast<uint64_t>(size);
  if (from < analysis.values.size())
    response->set_next_page_token(context.tokens->Sign({0, 0, hash, from}));
  response->set_total_size(analysis.values.size());
  response->set_algorithm(analysis.algorithm);
  for (const ValueColumn& column : analysis.columns) response->add_columns(column.name);
  response->set_version(analysis.version);
  response->set_snapshot_id(absl::StrCat(absl::Hex(analysis.timeline), "-", analysis.lsn));
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* JobServiceImpl::RunAlgorithm(grpc::CallbackServerContext* call,
                                                       const v1::RunAlgorithmRequest* request,
                                                       v1::RunAlgorithmResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
    const ParameterValues parameters(request->parameters().begin(), request->parameters().end());
    runtime::Graph& graph = *context_.graph;
    const uint64_t allowed =
        request->memory_bytes_max() != 0 ? request->memory_bytes_max() : graph.memory_bytes_max();
    const auto start =
        request->validate_only()
            ? runtime::PlanAnalysis(graph, request->algorithm(), parameters, allowed)
            : runtime::StartAnalysis(graph, request->algorithm(), parameters, allowed);
    HALQA_RETURN_IF_ERROR(start.status());
    ToProto(*start, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* JobServiceImpl::ListAlgorithms(grpc::CallbackServerContext* call,
                                                         const v1::ListAlgorithmsRequest*,
                                                         v1::ListAlgorithmsResponse* response) {
  return RunUnary(call, *context_.executor, [response](RunContext&) -> absl::Status {
    for (const AlgorithmDescriptor& a : Algorithms()) ToProto(a, response->add_algorithms());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* JobServiceImpl::ListAnalysisValues(
    grpc::CallbackServerContext* call, const v1::ListAnalysisValuesRequest* request,
    v1::ListAnalysisValuesResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) {
    return ListValues(context_, *request, response);
  });
}

}  // namespace halqa::services
