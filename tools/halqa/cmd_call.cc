#include "tools/halqa/cmd_call.h"

#include <unistd.h>

#include <cstdio>
#include <memory>

#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "tools/common/exit_codes.h"
#include "tools/halqa/backend.h"
#include "tools/rpc/dynamic_call.h"
#include "tools/rpc/schema.h"

namespace halqa::cli {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  halqa call --server 127.0.0.1:7411 --list\n"
    "  halqa call --server 127.0.0.1:7411 --describe DiscoveryService.SearchInfluencers\n"
    "  halqa call --server 127.0.0.1:7411 Health.Check\n"
    "  halqa call --data ./graph DiscoveryService.SearchInfluencers '{\"query\": \"chhiwat\"}'\n"
    "  halqa call --server 127.0.0.1:7411 GraphService.StreamWrites - < batches.ndjson\n"
    "Each response is one line of JSON on standard output.";

struct CallFlags {
  BackendOptions backend;
  std::string method, request, describe;
  bool list = false, json = false;
  double timeout = 0;
};

const char* CodeName(absl::StatusCode code) {
  static constexpr const char* kNames[] = {"OK",
                                           "CANCELLED",
                                           "UNKNOWN",
                                           "INVALID_ARGUMENT",
                                           "DEADLINE_EXCEEDED",
                                           "NOT_FOUND",
                                           "ALREADY_EXISTS",
                                           "PERMISSION_DENIED",
                                           "RESOURCE_EXHAUSTED",
                                           "FAILED_PRECONDITION",
                                           "ABORTED",
                                           "OUT_OF_RANGE",
                                           "UNIMPLEMENTED",
                                           "INTERNAL",
                                           "UNAVAILABLE",
                                           "DATA_LOSS",
                                           "UNAUTHENTICATED"};
  return kNames[static_cast<int>(code)];
}

// The error in full: code and named values under the line that every command prints.
[[noreturn]] void FailInFull(const absl::Status& status) {
  const int exit_code = ReportError(status);
  std::fprintf(stderr, "  code: %s\n", CodeName(status.code()));
  for (const auto& [key, value] : ErrorDetails(status)) {
    std::fprintf(stderr, "  %s: %s\n", key.c_str(), value.c_str());
  }
  EndWith(exit_code);
}

absl::Status List(const rpc::Schema& schema) {
  for (const std::string& name : schema.services()) {
    HALQA_ASSIGN_OR_RETURN(const auto* service, schema.FindService(name));
    std::printf("%s\n", name.c_str());
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& m = *service->method(i);
      std::printf("  %s(%s%s) returns (%s%s)\n", m.name().c_str(),
                  m.client_streaming() ? "stream " : "", m.input_type()->name().c_str(),
                  m.server_streaming() ? "stream " : "", m.output_type()->name().c_str());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<rpc::RequestSource>> Requests(const std::string& argument) {
  if (argument == "-") return std::make_unique<rpc::LineRequests>(STDIN_FILENO);
  HALQA_ASSIGN_OR_RETURN(auto values, rpc::SplitJson(argument));
  return std::make_unique<rpc::ListedRequests>(std::move(values));
}

absl::Status Call(const CallFlags& flags, const Backend& backend) {
  HALQA_ASSIGN_OR_RETURN(const auto schema, rpc::Schema::Load(backend.channel()));
  if (flags.list) return List(*schema);
  if (!flags.describe.empty()) {
    HALQA_ASSIGN_OR_RETURN(const auto* method, schema->FindMethod(flags.describe));
    std::fputs(rpc::DescribeMethod(*method).c_str(), stdout);
    return absl::OkStatus();
  }
  if (flags.method.empty()) {
    return FieldError("MISSING_FIELD", "method",
                      "give SERVICE.METHOD, --list or --describe METHOD");
  }
  HALQA_ASSIGN_OR_RETURN(const auto* method, schema->FindMethod(flags.method));
  HALQA_ASSIGN_OR_RETURN(const auto requests, Requests(flags.request));
  rpc::DynamicCallOptions options;
  options.timeout_seconds = flags.timeout;
  return rpc::CallDynamic(
      backend.channel(), *method, *requests,
      [](const std::string& json) {
        std::printf("%s\n", json.c_str());
        std::fflush(stdout);
      },
      options);
}

void Run(const CallFlags& flags) {
  const auto backend = Backend::Open(flags.backend);
  const absl::Status status = backend.ok() ? Call(flags, **backend) : backend.status();
  if (!status.ok()) FailInFull(status);
}

}  // namespace

void RegisterCall(Command app) {
  auto flags = std::make_shared<CallFlags>();
  Command call = app.Sub("call", "Call any RPC of a server, with JSON in and out");
  AddBackendFlags(call, &flags->backend);
  call.Add("method", flags->method, "SERVICE.METHOD; the service's last word is enough");
  call.Add("request", flags->request,
           "JSON, several values for a stream; - reads one per line from standard input");
  call.Switch("--list", flags->list, "List services and methods");
  call.Add("--describe", flags->describe, "Show the request fields of a method")
      .TypeName("SERVICE.METHOD");
  call.Add("--timeout", flags->timeout, "Seconds the call may take, 0 = no limit").NotNegative();
  call.Switch("--json", flags->json, "Responses are JSON anyway");
  call.Footer(kExamples);
  call.Run([flags] { Run(*flags); });
}

}  // namespace halqa::cli
