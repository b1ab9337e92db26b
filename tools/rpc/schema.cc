#include "tools/rpc/schema.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "tools/rpc/reflection.pb.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::rpc {
namespace {

namespace pb = google::protobuf;
constexpr char kMethod[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
constexpr int kDescribeDepthMax = 4;

}  // namespace

// Fetches files as the pool asks for them and keeps them.
class Schema::Database : public pb::DescriptorDatabase {
 public:
  explicit Database(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}

  // One stream per question: reflection is asked a handful of them.
  absl::StatusOr<reflection::Response> Ask(const reflection::Request& request) {
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    reflection::Response response;
    grpc::Status status;
    const auto stream = stub_.PrepareCall(&context, kMethod, &queue);
    stream->StartCall(&queue);
    bool ok = Done(&queue);
    if (ok) stream->WriteLast(request, grpc::WriteOptions(), &queue);
    ok = ok && Done(&queue);
    if (ok) stream->Read(&response, &queue);
    const bool answered = ok && Done(&queue);
    stream->Finish(&status, &queue);
    Done(&queue);
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "NO_REFLECTION",
                       "the server does not offer reflection, so its methods are not known");
    }
    if (!status.ok()) return FromGrpc(status);
    if (!answered) return absl::InternalError("the reflection service sent no answer");
    return response;
  }

  bool FindFileByName(const std::string& name, pb::FileDescriptorProto* out) override {
    if (known_.FindFileByName(name, out)) return true;
    reflection::Request request;
    request.set_file_by_filename(name);
    return Fetch(request) && known_.FindFileByName(name, out);
  }
  bool FindFileContainingSymbol(const std::string& symbol, pb::FileDescriptorProto* out) override {
    if (known_.FindFileContainingSymbol(symbol, out)) return true;
    reflection::Request request;
    request.set_file_containing_symbol(symbol);
    return Fetch(request) && known_.FindFileContainingSymbol(symbol, out);
  }
  bool FindFileContainingExtension(const std::string&, int, pb::FileDescriptorProto*) override {
    return false;
  }

 private:
  bool Fetch(const reflection::Request& request) {
    const auto response = Ask(request);
    if (!response.ok() || !response->has_file_descriptor_response()) return false;
    for (const auto& bytes : response->file_descriptor_response().file_descriptor_proto()) {
      pb::FileDescriptorProto file, unused;
      if (!file.ParseFromString(bytes)) return false;
      if (!known_.FindFileByName(file.name(), &unused)) known_.Add(file);
    }
    return true;
  }
  static bool Done(grpc::CompletionQueue* queue) {
    void* tag = nullptr;
    bool ok = false;
    return queue->Next(&tag, &ok) && ok;
  }
  grpc::TemplatedGenericStub<reflection::Request, reflection::Response> stub_;
  pb::SimpleDescriptorDatabase known_;
};

Schema::~Schema() = default;

absl::StatusOr<std::unique_ptr<Schema>> Schema::Load(
    const std::shared_ptr<grpc::Channel>& channel) {
  std::unique_ptr<Schema> schema(new Schema);
  schema->database_ = std::make_unique<Database>(channel);
  reflection::Request request;
  request.set_list_services("");
  HALQA_ASSIGN_OR_RETURN(const auto response, schema->database_->Ask(request));
  for (const auto& service : response.list_services_response().service()) {
    schema->services_.push_back(service.name());
  }
  std::sort(schema->services_.begin(), schema->services_.end());
  schema->pool_ = std::make_unique<pb::DescriptorPool>(schema->database_.get());
  return schema;
}

absl::StatusOr<const pb::ServiceDescriptor*> Schema::FindService(absl::string_view name) const {
  std::vector<std::string> matches;
  for (const std::string& service : services_) {
    if (service == name) {
      matches = {service};
      break;
    }
    if (absl::EndsWith(service, absl::StrCat(".", name))) matches.push_back(service);
  }
  if (matches.size() > 1) {
    return FieldError("AMBIGUOUS_SERVICE", "method",
                      absl::StrCat("'", name, "' may be ", absl::StrJoin(matches, " or ")));
  }
  const pb::ServiceDescriptor* found =
      matches.empty() ? nullptr : pool_->FindServiceByName(matches[0]);
  if (found != nullptr) return found;
  return MakeError(absl::StatusCode::kNotFound, "UNKNOWN_SERVICE",
                   absl::StrCat("the server has no service '", name,
                                "'; it has: ", absl::StrJoin(services_, ", ")),
                   {{"service", std::string(name)}});
}

absl::StatusOr<const pb::MethodDescriptor*> Schema::FindMethod(absl::string_view name) const {
  size_t cut = name.rfind('/');
  if (cut == absl::string_view::npos) cut = name.rfind('.');
  if (cut == absl::string_view::npos || cut == 0 || cut + 1 == name.size()) {
    return FieldError("BAD_METHOD_NAME", "method",
                      absl::StrCat("'", name, "' is not of the form SERVICE.METHOD"));
  }
  HALQA_ASSIGN_OR_RETURN(const auto* service, FindService(name.substr(0, cut)));
  const std::string method(name.substr(cut + 1));
  if (const auto* found = service->FindMethodByName(method); found != nullptr) return found;
  std::vector<std::string> known;
  for (int i = 0; i < service->method_count(); ++i) known.push_back(service->method(i)->name());
  return MakeError(absl::StatusCode::kNotFound, "UNKNOWN_METHOD",
                   absl::StrCat(service->full_name(), " has no method '", method,
                                "'; it has: ", absl::StrJoin(known, ", ")),
                   {{"method", method}});
}

namespace {

std::string TypeOf(const pb::FieldDescriptor& field) {
  std::string type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->name();
  if (field.is_map()) {
    const auto& entry = *field.message_type();
    return absl::StrCat("map<", TypeOf(*entry.field(0)), ", ", TypeOf(*entry.field(1)), ">");
  }
  if (field.enum_type() != nullptr) {
    std::vector<std::string> names;
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      names.push_back(field.enum_type()->value(i)->name());
    }
    type = absl::StrJoin(names, " | ");
  }
  if (field.is_repeated()) return absl::StrCat("list of ", type);
  return field.has_optional_keyword() ? absl::StrCat(type, ", optional") : type;
}

template <typename Descriptor>
std::string CommentOf(const Descriptor& descriptor) {
  pb::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return "";
  std::string text = location.leading_comments + location.trailing_comments;
  absl::StripAsciiWhitespace(&text);
  return absl::StrReplaceAll(text, {{"\n ", " "}, {"\n", " "}});
}

void DescribeFields(const pb::Descriptor& message, int depth, std::set<std::string>* seen,
                    std::string* out) {
  const std::string indent(static_cast<size_t>(2 * depth), ' ');
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    const std::string comment = CommentOf(field);
    absl::StrAppend(out, indent, field.name(), "  (", TypeOf(field), ")",
                    comment.empty() ? "" : "  ", comment, "\n");
    const pb::Descriptor* inner = field.is_map() ? nullptr : field.message_type();
    if (inner == nullptr || depth >= kDescribeDepthMax) continue;
    if (!seen->insert(inner->full_name()).second) continue;
    DescribeFields(*inner, depth + 1, seen, out);
  }
}

}  // namespace

std::string DescribeMethod(const pb::MethodDescriptor& method) {
  std::string out =
      absl::StrCat(method.full_name(), "(", method.client_streaming() ? "stream " : "",
                   method.input_type()->name(), ") returns (",
                   method.server_streaming() ? "stream " : "", method.output_type()->name(), ")\n");
  const std::string comment = CommentOf(method);
  if (!comment.empty()) absl::StrAppend(&out, "  ", comment, "\n");
  if (method.input_type()->field_count() == 0) return out + "  (no fields)\n";
  std::set<std::string> seen = {method.input_type()->full_name()};
  DescribeFields(*method.input_type(), 1, &seen, &out);
  return out;
}

}  // namespace halqa::rpc
