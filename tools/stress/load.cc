#include "tools/stress/load.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::stress {

absl::Status SetUp(Client& client, Ledger* ledger) {
  if (ledger->set_up) return absl::OkStatus();
  v1::WriteBatchRequest request;
  content::FillSetup(&request);
  request.set_request_id(ledger->RequestId("setup"));
  HALQA_RETURN_IF_ERROR(client.Write(request).status());
  ledger->set_up = true;
  return absl::OkStatus();
}

absl::Status SendStream(Client& client, Ledger* ledger, uint64_t stream, uint64_t last,
                        const std::atomic<bool>& stop) {
  grpc::ClientContext context;
  auto call = client.graph().StreamWrites(&context);
  std::thread reader([&] {
    v1::StreamWritesResponse response;
    while (call->Read(&response)) ledger->Acknowledged(stream, response.durable_cursor());
  });
  for (uint64_t c = ledger->streams[stream].acknowledged + 1; c <= last && !stop.load(); ++c) {
    v1::StreamWritesRequest request;
    request.set_producer(absl::StrCat("p", stream));
    request.set_cursor(c);
    content::Fill(stream, c, request.mutable_batch());
    ledger->Sent(stream, c);
    if (!call->Write(request)) break;
  }
  if (stop.load()) context.TryCancel();
  call->WritesDone();
  reader.join();
  const grpc::Status status = call->Finish();
  return status.ok() ? absl::OkStatus() : rpc::FromGrpc(status);
}

absl::Status SendSingle(Client& client, Ledger* ledger) {
  const uint64_t batch = ledger->NextSingle();
  v1::WriteBatchRequest request;
  request.set_request_id(ledger->RequestId(absl::StrCat("single-", batch)));
  content::Fill(ledger->single_stream(), batch, &request);
  const absl::Status status = client.Write(request).status();
  ledger->SingleDone(batch, status.ok());
  return status;
}

Load::Load(const std::string& address, Ledger* ledger, const Options& options) : client_(address) {
  for (uint64_t s = 0; s < ledger->streams.size(); ++s) {
    threads_.emplace_back([this, ledger, s, options] {
      const uint64_t last = ledger->streams[s].acknowledged + options.stream_batches;
      if (!SendStream(client_, ledger, s, last, stop_).ok()) failed_.store(true);
    });
  }
  for (int i = 0; i < options.single_threads; ++i) {
    threads_.emplace_back([this, ledger] {
      while (!stop_.load()) {
        if (SendSingle(client_, ledger).ok()) continue;
        failed_.store(true);
        return;
      }
    });
  }
}

void Load::Stop() {
  stop_.store(true);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace halqa::stress
