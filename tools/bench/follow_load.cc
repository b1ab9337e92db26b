#include "tools/bench/follow_load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::bench {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What all streams share.
struct Shared {
  const FollowLoadOptions& options;
  std::vector<std::string> ids;
  Clock::time_point start;
  std::atomic<uint64_t> taken{0};  // edges given to a stream

  std::mutex mutex;  // guards what follows
  FollowLoadResult result;
  absl::Status status;
};

// One StreamWrites call.
class Stream {
 public:
  Stream(const std::string& address, int number, Shared* shared)
      : shared_(shared),
        number_(number),
        rng_(shared->options.seed, static_cast<uint64_t>(number)),
        place_(shared->options.accounts) {
    // A connection of its own: else all streams share one reading thread of the service.
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto channel =
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    stub_ = v1::GraphService::NewStub(channel);
  }

  void Run() {
    absl::Status status = Write();
    std::lock_guard lock(shared_->mutex);
    if (shared_->status.ok()) shared_->status = status;
    auto& all = shared_->result.latencies_ms;
    all.insert(all.end(), latencies_ms_.begin(), latencies_ms_.end());
    auto& marks = shared_->result.second_marks;
    if (marks.size() < marks_.size()) marks.resize(marks_.size());
    for (size_t i = 0; i < marks_.size(); ++i) marks[i] += marks_[i];
  }

 private:
  struct Sent {
    uint64_t cursor, edges;
    Clock::time_point at;
  };

  absl::Status Write() {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    auto call = stub_->StreamWrites(&context);
    v1::StreamWritesRequest request;
    request.set_producer(absl::StrCat(shared_->options.producer, "-", number_));
    bool broken = false;
    while (!broken && Fill(&request)) {
      request.set_cursor(++cursor_);
      const auto edges = static_cast<uint64_t>(request.batch().follow_table().followers_size());
      sent_.push_back({cursor_, edges, Clock::now()});
      broken = !call->Write(request);
      while (!broken && sent_.size() >= static_cast<size_t>(shared_->options.window)) {
        broken = !ReadAck(call.get());
      }
    }
    call->WritesDone();
    while (ReadAck(call.get())) {
    }
    const grpc::Status status = call->Finish();
    if (!status.ok()) return rpc::FromGrpc(status);
    return absl::OkStatus();
  }

  bool ReadAck(grpc::ClientReaderWriter<v1::StreamWritesRequest, v1::StreamWritesResponse>* call) {
    v1::StreamWritesResponse ack;
    if (!call->Read(&ack)) return false;
    const auto now = Clock::now();
    while (!sent_.empty() && sent_.front().cursor <= ack.durable_cursor()) {
      const Sent& sent = sent_.front();
      latencies_ms_.push_back(std::chrono::duration<double>(now - sent.at).count() * 1e3);
      const auto second = static_cast<size_t>(Since(shared_->start));
      if (marks_.size() <= second) marks_.resize(second + 1);
      marks_[second] += static_cast<double>(sent.edges);
      sent_.pop_front();
    }
    return true;
  }

  // The next batch; false when all edges were given out.
  bool Fill(v1::StreamWritesRequest* request) {
    const FollowLoadOptions& o = shared_->options;
    const uint64_t first = shared_->taken.fetch_add(o.batch);
    if (first >= o.edges) return false;
    if (o.edges_per_second > 0) {
      const std::chrono::duration<double> due(static_cast<double>(first) / o.edges_per_second);
      std::this_thread::sleep_until(shared_->start +
                                    std::chrono::duration_cast<Clock::duration>(due));
    }
    const uint64_t count = std::min<uint64_t>(o.batch, o.edges - first);
    v1::FollowTable* table = request->mutable_batch()->mutable_follow_table();
    table->Clear();
    ++round_;
    for (uint64_t i = 0; i < count; ++i) {
      const auto [from, to] = o.each_once ? Neighbours(first + i) : RandomPair();
      table->add_followers(PlaceOf(from, table));
      table->add_followees(PlaceOf(to, table));
    }
    return true;
  }

  static std::pair<uint32_t, uint32_t> Neighbours(uint64_t i) {
    return {static_cast<uint32_t>(2 * i), static_cast<uint32_t>(2 * i + 1)};
  }
  std::pair<uint32_t, uint32_t> RandomPair() {
    const uint32_t n = shared_->options.accounts;
    const auto from = static_cast<uint32_t>(rng_.Below(n));
    const auto step = static_cast<uint32_t>(1 + rng_.Below(n - 1));
    return {from, from < n - step ? from + step : from - (n - step)};
  }

  // The place of an account in the table's ids: each stands there once.
  uint32_t PlaceOf(uint32_t account, v1::FollowTable* table) {
    Place& place = place_[account];
    if (place.round != round_) {
      place = {round_, static_cast<uint32_t>(table->ids_size())};
      table->add_ids(shared_->ids[account]);
    }
    return place.place;
  }

  struct Place {
    uint32_t round = 0, place = 0;
  };
  Shared* const shared_;
  const int number_;
  CounterRng rng_;
  std::vector<Place> place_;
  uint32_t round_ = 0;
  uint64_t cursor_ = 0;
  std::deque<Sent> sent_;
  std::vector<double> latencies_ms_, marks_;
  std::unique_ptr<v1::GraphService::Stub> stub_;
};

}  // namespace

double FollowLoadResult::LatencyMs(double p) const {
  if (latencies_ms.empty()) return 0;
  const auto last = static_cast<double>(latencies_ms.size() - 1);
  return latencies_ms[static_cast<size_t>(p * last + 0.5)];
}

std::string LoadId(uint32_t account) { return absl::StrCat("instagram:u", account); }

absl::StatusOr<FollowLoadResult> WriteFollows(const std::string& address,
                                              const FollowLoadOptions& options) {
  Shared shared{options, {}, {}, {}, {}, {}, {}};
  shared.ids.reserve(options.accounts);
  for (uint32_t i = 0; i < options.accounts; ++i) shared.ids.push_back(LoadId(i));
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < options.streams; ++i) {
    streams.push_back(std::make_unique<Stream>(address, i, &shared));
  }
  shared.start = Clock::now();
  std::vector<std::thread> threads;
  for (auto& stream : streams) threads.emplace_back([&stream] { stream->Run(); });
  for (std::thread& thread : threads) thread.join();
  if (!shared.status.ok()) return shared.status;
  shared.result.seconds = Since(shared.start);
  shared.result.edges = options.edges;
  std::sort(shared.result.latencies_ms.begin(), shared.result.latencies_ms.end());
  return std::move(shared.result);
}

}  // namespace halqa::bench
