#include "tools/rpc/rpc_error.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "services/common/status_convert.h"

namespace halqa::rpc {

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const services::DecodedError decoded = services::DecodeError(status);
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  absl::Status out = MakeError(code, decoded.reason, status.error_message());
  if (decoded.reason.empty()) out = absl::Status(code, status.error_message());
  for (const auto& [key, value] : decoded.metadata) out = WithDetail(out, key, value);
  return out;
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : "null";
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                       std::chrono::milliseconds timeout) {
  if (address.find(':') == std::string::npos) {
    return FieldError("BAD_ADDRESS", "server",
                      absl::StrCat("'", address, "' is not of the form HOST:PORT"));
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  const auto deadline = std::chrono::system_clock::now() + timeout;
  // A refused connection is an answer: there is no need to wait for the deadline then.
  grpc_connectivity_state state = channel->GetState(true);
  while (state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_TRANSIENT_FAILURE &&
         channel->WaitForStateChange(state, deadline)) {
    state = channel->GetState(true);
  }
  if (state == GRPC_CHANNEL_READY) return channel;
  return MakeError(absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE",
                   absl::StrCat("nothing answers gRPC on ", address,
                                "; start a server with: halqad --data DIR --listen ", address),
                   {{"server", address}});
}

}  // namespace halqa::rpc
