#pragma once
// What a running server offers, learnt from it by server reflection.

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa::rpc {

// Thread safety: one thread at a time. Descriptors live as long as the schema.
class Schema {
 public:
  // Asks for the list of services. Errors: FailedPrecondition (NO_REFLECTION); those of the call.
  static absl::StatusOr<std::unique_ptr<Schema>> Load(
      const std::shared_ptr<grpc::Channel>& channel);
  ~Schema();

  // Full names, sorted.
  const std::vector<std::string>& services() const { return services_; }
  // By full name or by its last part. Errors: NotFound (UNKNOWN_SERVICE) with the known ones;
  // InvalidArgument (AMBIGUOUS_SERVICE).
  absl::StatusOr<const google::protobuf::ServiceDescriptor*> FindService(
      absl::string_view name) const;
  // "SERVICE.METHOD" or "SERVICE/METHOD". Errors: those of FindService; InvalidArgument
  // (BAD_METHOD_NAME); NotFound (UNKNOWN_METHOD) with the known ones.
  absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(
      absl::string_view name) const;

 private:
  class Database;
  Schema() = default;
  std::unique_ptr<Database> database_;
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::vector<std::string> services_;
};

// The request fields of a method, one per line, nested messages indented, with their comments where
// the server sends them.
std::string DescribeMethod(const google::protobuf::MethodDescriptor& method);

}  // namespace halqa::rpc
