#pragma once
// Errors and answers of gRPC calls as the rest of a program uses them.

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace halqa::rpc {

// The same code, message, reason and named values as the server's status had.
absl::Status FromGrpc(const grpc::Status& status);

// `message` as one line of JSON: proto field names, fields at their default included.
std::string ToJson(const google::protobuf::Message& message);

// A channel that has reached its server. Errors: InvalidArgument (BAD_ADDRESS); Unavailable
// (SERVER_UNREACHABLE) within `timeout`.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                       std::chrono::milliseconds timeout);

// Calls one unary method of a generated stub.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallUnary(Stub& stub,
                                   grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                                   const Request& request) {
  grpc::ClientContext context;
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromGrpc(status);
  return response;
}

}  // namespace halqa::rpc
