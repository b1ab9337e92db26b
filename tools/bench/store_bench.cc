#include "tools/bench/store_bench.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "tools/bench/follow_load.h"
#include "tools/bench/offline.h"
#include "tools/bench/programs.h"
#include "tools/bench/rows.h"
#include "tools/common/child_process.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string Range(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return absl::StrFormat("%d runs, %.0f to %.0f", values.size(), *low, *high);
}

constexpr uint32_t kHubs = 50;

class StoreBench {
 public:
  explicit StoreBench(StoreBenchOptions options) : o_(std::move(options)) {}
  absl::Status Run();
  const std::vector<Figure>& figures() const { return figures_; }

 private:
  bool Wanted(const char* part) const { return o_.only.empty() || o_.only == part; }
  std::string Dir(const char* name) const { return absl::StrCat(o_.directory, "/", name); }
  void Add(std::string what, double value, std::string unit, std::string goal = "",
           std::string note = "") {
    figures_.push_back({std::move(what), value, std::move(unit), std::move(goal), std::move(note)});
    std::fprintf(stderr, "%s: %.2f %s\n", figures_.back().what.c_str(), value,
                 figures_.back().unit.c_str());
  }
  absl::StatusOr<std::unique_ptr<ServiceProcess>> Serve(const std::string& data);
  absl::StatusOr<FollowLoadResult> Load(const ServiceProcess& service, uint64_t edges,
                                        double rate = 0);
  // Gives every account its id: half a follow each.
  absl::Status MeetAccounts(const ServiceProcess& service);
  absl::Status Peer();
  absl::Status Burst();
  absl::Status Sustained();
  void AddWriterFigures(const v1::GetGraphStatsResponse& stats);
  absl::Status MakeHubs(v1::GraphService::Stub& stub);
  absl::Status TimePages(v1::GraphService::Stub& stub, v1::AccountDetail detail,
                         const std::string& what, const std::string& when);
  absl::Status Pages(const ServiceProcess& service, double ingest_rate);
  absl::Status KeptPages();
  absl::Status Restart(std::unique_ptr<ServiceProcess> service);
  absl::Status Offline();
  absl::Status Import();
  void AddLatencies(const std::string& when, const FollowLoadResult& load);

  const StoreBenchOptions o_;
  std::string db_bench_;
  std::vector<Figure> figures_;
  std::vector<double> peer_;
  int loads_ = 0;
};

absl::StatusOr<std::unique_ptr<ServiceProcess>> StoreBench::Serve(const std::string& data) {
  return ServiceProcess::Start(o_.halqad, data, "127.0.0.1:0", Dir("halqad.log"), {"--create"});
}

absl::StatusOr<FollowLoadResult> StoreBench::Load(const ServiceProcess& service, uint64_t edges,
                                                  double rate) {
  FollowLoadOptions load;
  load.accounts = o_.accounts;
  load.edges = edges;
  load.batch = o_.batch;
  load.streams = o_.streams;
  load.window = o_.window;
  load.edges_per_second = rate;
  load.seed = static_cast<uint64_t>(++loads_);
  load.producer = absl::StrCat("bench", loads_);
  return WriteFollows(service.address(), load);
}

absl::Status StoreBench::MeetAccounts(const ServiceProcess& service) {
  FollowLoadOptions load;
  load.accounts = o_.accounts / 2 * 2;
  load.edges = o_.accounts / 2;
  load.each_once = true;
  load.producer = absl::StrCat("meet", ++loads_);
  return WriteFollows(service.address(), load).status();
}

absl::Status StoreBench::Peer() {
  HALQA_ASSIGN_OR_RETURN(const double rate,
                         PeerEdgesPerSecond(db_bench_, Dir("peer"), o_.burst_edges));
  peer_.push_back(rate);
  return absl::OkStatus();
}

void StoreBench::AddLatencies(const std::string& when, const FollowLoadResult& load) {
  Add(absl::StrCat("acknowledged, ", when, ", p50"), load.LatencyMs(0.5), "ms");
  Add(absl::StrCat("acknowledged, ", when, ", p99"), load.LatencyMs(0.99), "ms", "<= 50");
  Add(absl::StrCat("acknowledged, ", when, ", longest"), load.LatencyMs(1), "ms");
}

// Peer and service in turns, each from nothing.
absl::Status StoreBench::Burst() {
  std::vector<double> rates;
  FollowLoadResult last;
  for (int round = 0; round < o_.rounds; ++round) {
    HALQA_RETURN_IF_ERROR(Peer());
    fs::remove_all(Dir("burst"));
    HALQA_ASSIGN_OR_RETURN(auto service, Serve(Dir("burst")));
    HALQA_RETURN_IF_ERROR(MeetAccounts(*service));
    HALQA_ASSIGN_OR_RETURN(last, Load(*service, o_.burst_edges));
    rates.push_back(last.rate());
    service->Stop();
  }
  fs::remove_all(Dir("burst"));
  Add("peer: RocksDB, a synced random key per edge", Median(peer_), "edges/s", "", Range(peer_));
  Add("durable follows, until the delta limit", Median(rates), "edges/s", "",
      absl::StrFormat("%s; %d edges between accounts that exist", Range(rates), o_.burst_edges));
  Add("  against the peer", Median(rates) / Median(peer_), "x", ">= 5");
  AddLatencies("until the limit", last);
  return absl::OkStatus();
}

void StoreBench::AddWriterFigures(const v1::GetGraphStatsResponse& stats) {
  auto counter = [&](const char* name) {
    const auto it = stats.counters().find(name);
    return it == stats.counters().end() ? 0.0 : static_cast<double>(it->second);
  };
  Add("folds", counter("folds"), "", ">= 10");
  Add("snapshots built", counter("snapshots"), "", ">= 2");
  Add("fold: read, sort, write, ingest",
      1e6 * counter("folded_rows") / std::max(counter("fold_micros"), 1.0), "edges/s", ">= 3 M",
      "while ingest runs");
  Add("longest swap of a snapshot", counter("swap_micros_max") / 1e3, "ms", "<= 50");
  Add("writers stood still", counter("full_wait_micros") / 1e6, "s");
  Add("resident id map, per account",
      static_cast<double>(stats.resident_id_bytes()) /
          static_cast<double>(std::max<uint64_t>(stats.resident_ids(), 1)),
      "bytes");
}

absl::Status StoreBench::Sustained() {
  fs::remove_all(Dir("live"));
  if (peer_.empty()) HALQA_RETURN_IF_ERROR(Peer());
  HALQA_ASSIGN_OR_RETURN(auto service, Serve(Dir("live")));
  HALQA_RETURN_IF_ERROR(MeetAccounts(*service));
  HALQA_ASSIGN_OR_RETURN(const FollowLoadResult load, Load(*service, o_.sustained_edges));
  HALQA_ASSIGN_OR_RETURN(const auto stats, Stats(service->address()));
  HALQA_RETURN_IF_ERROR(Peer());
  Add("durable follows, sustained", load.rate(), "edges/s", "",
      absl::StrFormat("%d edges; folds and snapshots in between", o_.sustained_edges));
  Add("  against the peer", load.rate() / Median(peer_), "x", ">= 3",
      absl::StrFormat("the peer writes %d keys", o_.burst_edges));
  AddLatencies("sustained", load);
  AddWriterFigures(stats);
  const Resident resident = ResidentBytes(service->pid());
  Add("service resident after it", static_cast<double>(resident.all) / (1 << 20), "MiB", "",
      absl::StrFormat("%d MiB of it not of files", resident.anonymous >> 20));
  HALQA_RETURN_IF_ERROR(Pages(*service, load.rate() / 2));
  return Restart(std::move(service));
}

// Accounts with many neighbours, in both directions.
absl::Status StoreBench::MakeHubs(v1::GraphService::Stub& stub) {
  constexpr uint32_t kNeighbours = 1500;
  for (uint32_t hub = 0; hub < kHubs; ++hub) {
    v1::WriteBatchRequest batch;
    v1::FollowTable* table = batch.mutable_follow_table();
    table->add_ids(LoadId(hub));
    for (uint32_t i = 1; i <= kNeighbours; ++i) {
      table->add_ids(LoadId((hub + i * 601) % o_.accounts));
      table->add_followers(0);
      table->add_followees(i);
      table->add_followers(i);
      table->add_followees(0);
    }
    HALQA_RETURN_IF_ERROR(
        rpc::CallUnary(stub, &v1::GraphService::Stub::WriteBatch, batch).status());
  }
  return absl::OkStatus();
}

// Times pages of 1,000 of the hubs' neighbours.
absl::Status StoreBench::TimePages(v1::GraphService::Stub& stub, v1::AccountDetail detail,
                                   const std::string& what, const std::string& when) {
  std::vector<double> times;
  CounterRng rng(5, 5);
  for (int i = 0; i < 2000; ++i) {
    v1::ListFollowingRequest following;
    following.set_parent(LoadId(static_cast<uint32_t>(rng.Below(kHubs))));
    following.set_page_size(1000);
    following.set_detail(detail);
    v1::ListFollowersRequest followers;
    followers.set_parent(following.parent());
    followers.set_page_size(1000);
    followers.set_detail(detail);
    const auto start = Clock::now();
    HALQA_RETURN_IF_ERROR(
        i % 2 == 0
            ? rpc::CallUnary(stub, &v1::GraphService::Stub::ListFollowing, following).status()
            : rpc::CallUnary(stub, &v1::GraphService::Stub::ListFollowers, followers).status());
    times.push_back(Since(start) * 1e3);
  }
  std::sort(times.begin(), times.end());
  const std::string name = absl::StrCat("page of 1,000 neighbours, ", what, ", ", when);
  Add(name + ", p50", Median(times), "ms", "", "client included");
  Add(name + ", p99", times[times.size() * 99 / 100], "ms", "<= 1", "client included");
  return absl::OkStatus();
}

// Pages of neighbours, at rest and while ingest runs.
absl::Status StoreBench::Pages(const ServiceProcess& service, double ingest_rate) {
  auto stub = v1::GraphService::NewStub(
      grpc::CreateChannel(service.address(), grpc::InsecureChannelCredentials()));
  HALQA_RETURN_IF_ERROR(MakeHubs(*stub));
  HALQA_RETURN_IF_ERROR(TimePages(*stub, v1::ACCOUNT_DETAIL_ID, "ids", "at rest"));
  HALQA_RETURN_IF_ERROR(TimePages(*stub, v1::ACCOUNT_DETAIL_FULL, "with counts", "at rest"));
  const std::string when = absl::StrFormat("at %.0f edges/s", ingest_rate);
  absl::StatusOr<FollowLoadResult> load = FollowLoadResult();
  const auto edges = static_cast<uint64_t>(std::max(ingest_rate * 10, 1e5));
  std::thread writer([&] { load = Load(service, edges, ingest_rate); });
  absl::Status status = TimePages(*stub, v1::ACCOUNT_DETAIL_ID, "ids", when);
  status.Update(TimePages(*stub, v1::ACCOUNT_DETAIL_FULL, "with counts", when));
  writer.join();
  HALQA_RETURN_IF_ERROR(status);
  return load.status();
}

// Pages alone, of a directory that an earlier run kept.
absl::Status StoreBench::KeptPages() {
  HALQA_ASSIGN_OR_RETURN(auto service, Serve(Dir("live")));
  HALQA_RETURN_IF_ERROR(Pages(*service, 600'000));
  service->Stop();
  return absl::OkStatus();
}

absl::Status StoreBench::Restart(std::unique_ptr<ServiceProcess> service) {
  HALQA_RETURN_IF_ERROR(Load(*service, o_.burst_edges).status());
  HALQA_ASSIGN_OR_RETURN(const auto stats, Stats(service->address()));
  service->Kill();
  const auto start = Clock::now();
  HALQA_ASSIGN_OR_RETURN(service, Serve(Dir("live")));
  Add("restart after kill -9", Since(start), "s", "<= 10",
      absl::StrFormat("%d changes to replay", stats.delta_edges()));
  service->Stop();
  return absl::OkStatus();
}

absl::Status StoreBench::Offline() {
  HALQA_ASSIGN_OR_RETURN(const OfflineFigures f, MeasureOffline(Dir("live")));
  const double edges = static_cast<double>(std::max<uint64_t>(f.follows, 1));
  Add("active follows", edges, "");
  Add("scan before compaction", f.scan_before, "edges/s per core");
  Add("compaction", f.compact_seconds, "s");
  Add("scan after compaction", f.scan, "edges/s per core", ">= 20 M");
  Add("complete rebuild", f.rebuild, "edges/s per core", ">= 10 M",
      absl::StrFormat("file written and synced; %.1f M by the clock", f.rebuild_wall / 1e6));
  Add("fold alone", f.fold, "edges/s per core", ">= 3 M", absl::StrFormat("%d rows", f.folded));
  Add("store, per follow", static_cast<double>(f.store_bytes) / edges, "bytes", "", "f_out");
  Add("snapshot, per follow", static_cast<double>(f.snapshot_bytes) / edges, "bytes", "",
      absl::StrFormat("plain CSR, both directions: %.2f", f.plain_csr_bytes / edges));
  Add("snapshot opens in", f.open_seconds * 1e3, "ms", "<= 1000");
  return absl::OkStatus();
}

absl::Status StoreBench::Import() {
  const std::string file = Dir("follows.csv");
  HALQA_RETURN_IF_ERROR(WriteFollowFile(file, o_.accounts, o_.import_edges));
  fs::remove_all(Dir("imported"));
  HALQA_ASSIGN_OR_RETURN(const Finished run,
                         RunProgram({o_.halqa, "import", "--data", Dir("imported"), file}));
  fs::remove(file);
  Add("bulk import from a file", static_cast<double>(o_.import_edges) / run.seconds, "edges/s",
      ">= 1 M", absl::StrFormat("%d edges, peak %d MiB", o_.import_edges, run.peak_bytes >> 20));
  const auto start = Clock::now();
  HALQA_ASSIGN_OR_RETURN(auto service, Serve(Dir("imported")));
  Add("start of the service on it", Since(start), "s", "<= 1");
  HALQA_ASSIGN_OR_RETURN(const auto stats, Stats(service->address()));
  const double edges = static_cast<double>(std::max<uint64_t>(stats.snapshot_follows(), 1));
  const Resident resident = ResidentBytes(service->pid());
  Add("imported, on disk per follow", static_cast<double>(DirectoryBytes(Dir("imported"))) / edges,
      "bytes", "", "everything: accounts, ids, follows, snapshot");
  Add("imported, resident per follow",
      (static_cast<double>(resident.anonymous) + static_cast<double>(stats.snapshot_bytes())) /
          edges,
      "bytes", "<= 12", "all of the snapshot counted as resident");
  service->Stop();
  fs::remove_all(Dir("imported"));
  return absl::OkStatus();
}

absl::Status StoreBench::Run() {
  db_bench_ = FindProgram("", "db_bench");
  for (const auto& [program, name] :
       {std::pair(db_bench_, "db_bench (package rocksdb-tools)"), std::pair(o_.halqad, "halqad"),
        std::pair(o_.halqa, "halqa")}) {
    if (!program.empty()) continue;
    return MakeError(absl::StatusCode::kFailedPrecondition, "PROGRAM_MISSING",
                     absl::StrCat("no program ", name));
  }
  fs::create_directories(o_.directory);
  if (Wanted("burst")) HALQA_RETURN_IF_ERROR(Burst());
  if (Wanted("sustained")) HALQA_RETURN_IF_ERROR(Sustained());
  if (o_.only == "pages") HALQA_RETURN_IF_ERROR(KeptPages());
  if (Wanted("offline") || Wanted("sustained")) HALQA_RETURN_IF_ERROR(Offline());
  if (Wanted("import")) HALQA_RETURN_IF_ERROR(Import());
  if (!o_.keep) fs::remove_all(o_.directory);
  return absl::OkStatus();
}

}  // namespace

void StoreBenchOptions::MakeQuick() {
  accounts = 100'000;
  burst_edges = 500'000;
  sustained_edges = 6'000'000;
  import_edges = 1'000'000;
  rounds = 1;
}

absl::Status RunStoreBench(StoreBenchOptions options) {
  options.halqad = FindProgram(options.halqad, "halqad");
  options.halqa = FindProgram(options.halqa, "halqa");
  StoreBench bench(options);
  const absl::Status status = bench.Run();
  std::fputs(Render(bench.figures(), options.json).c_str(), stdout);
  return status;
}

}  // namespace halqa::bench
