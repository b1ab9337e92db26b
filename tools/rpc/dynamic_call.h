#pragma once
// One call of a method that is known only by its descriptor.

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "tools/rpc/json_requests.h"

namespace halqa::rpc {

struct DynamicCallOptions {
  double timeout_seconds = 0;  // of the whole call; 0 = none
};

// Sends the requests as they come and hands each response over as one line of JSON, for unary and
// all streaming methods alike. A method that takes one request gets an empty one when the source
// has none. Errors: InvalidArgument (INVALID_JSON with the number of the request, TOO_MANY_REQUESTS
// for a unary method); else what the server said, with reason and values.
absl::Status CallDynamic(const std::shared_ptr<grpc::Channel>& channel,
                         const google::protobuf::MethodDescriptor& method, RequestSource& requests,
                         const std::function<void(const std::string&)>& on_response,
                         const DynamicCallOptions& options = {});

}  // namespace halqa::rpc
