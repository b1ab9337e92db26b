#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace halqa::services {

// The one place where our errors become gRPC's: same code, and google.rpc details with one
// ErrorInfo (reason, domain "halqa", every named value), BadRequest where a field is wrong and
// RetryInfo where a retry helps.
grpc::Status ToGrpc(const absl::Status& status);

// What a stock client can read back from the details.
struct DecodedError {
  std::string reason;
  std::map<std::string, std::string> metadata;
};
DecodedError DecodeError(const grpc::Status& status);

}  // namespace halqa::services
