#include "tools/rpc/dynamic_call.h"

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::rpc {
namespace {

namespace pb = google::protobuf;

constexpr auto kPoll = std::chrono::milliseconds(20);  // while the next request is awaited

// All four kinds of calls are one on the wire: messages out, end, messages in, status.
class Call {
 public:
  Call(const std::shared_ptr<grpc::Channel>& channel, const pb::MethodDescriptor& method,
       RequestSource& requests, const std::function<void(const std::string&)>& on_response)
      : method_(method), requests_(requests), on_response_(on_response), stub_(channel) {}

  absl::Status Run(const DynamicCallOptions& options);

 private:
  enum Tag : intptr_t { kStart = 1, kWrite, kWritesDone, kRead, kFinish };
  static void* Of(Tag tag) { return reinterpret_cast<void*>(tag); }

  void Send();          // the next request, or the end
  absl::Status Take();  // next request of the source into outgoing_
  void OnRead(bool ok);
  bool Handle(Tag tag, bool ok);  // false when the call has ended
  absl::Status Parse(const std::string& json);

  const pb::MethodDescriptor& method_;
  RequestSource& requests_;
  const std::function<void(const std::string&)>& on_response_;
  grpc::GenericStub stub_;
  pb::DynamicMessageFactory factory_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer outgoing_, incoming_;
  grpc::Status status_;
  absl::Status local_;  // an error on our side, which cancelled the call
  uint64_t sent_ = 0;
  bool ready_to_write_ = false, writes_over_ = false;
  RequestSource::State taken_ = RequestSource::State::kNotYet;
};

absl::Status Call::Parse(const std::string& json) {
  const std::unique_ptr<pb::Message> message(factory_.GetPrototype(method_.input_type())->New());
  const auto parsed = pb::util::JsonStringToMessage(json, message.get());
  if (!parsed.ok()) {
    return FieldError("INVALID_JSON", "request",
                      absl::StrCat("request ", sent_ + 1, " is no ", method_.input_type()->name(),
                                   ": ", std::string(parsed.message())));
  }
  grpc::Slice slice(message->SerializeAsString());
  outgoing_ = grpc::ByteBuffer(&slice, 1);
  return absl::OkStatus();
}

absl::Status Call::Take() {
  std::string json;
  HALQA_ASSIGN_OR_RETURN(taken_, requests_.Next(&json));
  const bool unary = !method_.client_streaming();
  if (taken_ == RequestSource::State::kEnd && unary && sent_ == 0) {
    taken_ = RequestSource::State::kRequest;
    json = "{}";
  }
  if (taken_ != RequestSource::State::kRequest) return absl::OkStatus();
  if (unary && sent_ > 0) {
    return FieldError("TOO_MANY_REQUESTS", "request",
                      absl::StrCat(method_.full_name(), " takes one request"));
  }
  return Parse(json);
}

void Call::Send() {
  if (!ready_to_write_ || writes_over_ || !local_.ok()) return;
  local_ = Take();
  if (!local_.ok()) {
    context_.TryCancel();
  } else if (taken_ == RequestSource::State::kRequest) {
    ready_to_write_ = false;
    ++sent_;
    stream_->Write(outgoing_, Of(kWrite));
  } else if (taken_ == RequestSource::State::kEnd) {
    writes_over_ = true;
    stream_->WritesDone(Of(kWritesDone));
  }
}

void Call::OnRead(bool ok) {
  if (!ok) {
    writes_over_ = true;
    return stream_->Finish(&status_, Of(kFinish));
  }
  const std::unique_ptr<pb::Message> message(factory_.GetPrototype(method_.output_type())->New());
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (incoming_.Dump(&slices).ok()) {
    for (const grpc::Slice& s : slices) {
      bytes.append(reinterpret_cast<const char*>(s.begin()), s.size());
    }
  }
  if (message->ParseFromString(bytes)) {
    on_response_(ToJson(*message));
  } else if (local_.ok()) {
    local_ = MakeError(absl::StatusCode::kInternal, "BAD_RESPONSE",
                       "a response does not match the server's own description");
    context_.TryCancel();
  }
  stream_->Read(&incoming_, Of(kRead));
}

bool Call::Handle(Tag tag, bool ok) {
  if (tag == kFinish) return false;
  if (tag == kRead) OnRead(ok);
  if (tag == kStart) stream_->Read(&incoming_, Of(kRead));
  if (tag == kStart || tag == kWrite) {
    ready_to_write_ = ok;
    writes_over_ = writes_over_ || !ok;
  }
  return true;
}

absl::Status Call::Run(const DynamicCallOptions& options) {
  if (options.timeout_seconds > 0) {
    context_.set_deadline(
        std::chrono::system_clock::now() +
        std::chrono::milliseconds(static_cast<int64_t>(options.timeout_seconds * 1000)));
  }
  stream_ = stub_.PrepareCall(
      &context_, absl::StrCat("/", method_.service()->full_name(), "/", method_.name()), &queue_);
  stream_->StartCall(Of(kStart));
  while (true) {
    Send();
    void* tag = nullptr;
    bool ok = false;
    const auto next =
        queue_.AsyncNext(&tag, &ok,
                         ready_to_write_ && !writes_over_ && local_.ok()
                             ? std::chrono::system_clock::now() + kPoll
                             : std::chrono::system_clock::now() + std::chrono::hours(24));
    if (next != grpc::CompletionQueue::GOT_EVENT) continue;
    if (!Handle(static_cast<Tag>(reinterpret_cast<intptr_t>(tag)), ok)) break;
  }
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
  return local_.ok() ? FromGrpc(status_) : local_;
}

}  // namespace

absl::Status CallDynamic(const std::shared_ptr<grpc::Channel>& channel,
                         const pb::MethodDescriptor& method, RequestSource& requests,
                         const std::function<void(const std::string&)>& on_response,
                         const DynamicCallOptions& options) {
  return Call(channel, method, requests, on_response).Run(options);
}

}  // namespace halqa::rpc
