#include "services/common/status_convert.h"

#include <google/protobuf/any.pb.h>

#include "absl/strings/numbers.h"
#include "engine/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace halqa::services {
namespace {

constexpr char kDomain[] = "halqa";

int64_t RetryDelayMs(const absl::Status& status,
                     const std::map<std::string, std::string>& details) {
  int64_t ms = 0;
  if (auto it = details.find("retry_delay_ms");
      it != details.end() && absl::SimpleAtoi(it->second, &ms)) {
    return ms;
  }
  return status.code() == absl::StatusCode::kUnavailable ? 1000 : 0;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto details = ErrorDetails(status);
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(std::string(status.message()));
  google::rpc::ErrorInfo info;
  const std::string reason = ErrorReason(status);
  info.set_reason(reason.empty() ? "UNSPECIFIED" : reason);
  info.set_domain(kDomain);
  info.mutable_metadata()->insert(details.begin(), details.end());
  proto.add_details()->PackFrom(info);
  if (auto field = details.find("field"); field != details.end()) {
    google::rpc::BadRequest bad;
    auto* violation = bad.add_field_violations();
    violation->set_field(field->second);
    violation->set_description(std::string(status.message()));
    proto.add_details()->PackFrom(bad);
  }
  if (const int64_t ms = RetryDelayMs(status, details); ms > 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(ms / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(ms % 1000) * 1000000);
    proto.add_details()->PackFrom(retry);
  }
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
          proto.SerializeAsString()};
}

DecodedError DecodeError(const grpc::Status& status) {
  DecodedError out;
  google::rpc::Status proto;
  if (!proto.ParseFromString(status.error_details())) return out;
  for (const auto& any : proto.details()) {
    google::rpc::ErrorInfo info;
    if (!any.UnpackTo(&info)) continue;
    out.reason = info.reason();
    out.metadata.insert(info.metadata().begin(), info.metadata().end());
  }
  return out;
}

}  // namespace halqa::services
