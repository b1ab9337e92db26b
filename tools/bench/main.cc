// halqa_bench: kernels in passes over their graph, and the store beside its peer.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "tools/bench/boost_bench.h"
#include "tools/bench/communities.h"
#include "tools/bench/contract.h"
#include "tools/bench/follow_load.h"
#include "tools/bench/generate.h"
#include "tools/bench/graph_file.h"
#include "tools/bench/kernels.h"
#include "tools/bench/peer_bench.h"
#include "tools/bench/scaling.h"
#include "tools/bench/store_bench.h"

namespace halqa::bench {
namespace {

int Ended(const absl::Status& status) {
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}

void AddKernels(CLI::App& app, KernelOptions* o) {
  app.add_option("--only", o->only, "One group")
      ->check(CLI::IsMember({"page_rank", "topics", "structure", "communities", "build"}));
  app.add_option("--graph", o->graphs, "kronecker:SCALE or planted:VERTICES");
  app.add_option("--threads", o->threads)->check(CLI::Range(1, 1024));
  app.add_option("--repeats", o->repeats)->check(CLI::Range(1, 1000));
  app.add_flag("--json", o->json);
  CLI::Option* baseline = app.add_option("--baseline", o->baseline, "Former figures to hold");
  app.add_flag("--update", o->update, "Write them anew")->needs(baseline);
}

CLI::App* AddCommunities(CLI::App& app, CommunityOptions* o) {
  CLI::App* command =
      app.add_subcommand("communities", "Times one community kernel and says how good it is");
  command->add_option("--graph", o->graph)->capture_default_str();
  command->add_option("--algorithm", o->algorithm)
      ->check(CLI::IsMember({"leiden", "louvain", "label_propagation"}))
      ->capture_default_str();
  command->add_option("--iterations", o->iterations, "Runs of leiden, 0 = as many as standard");
  command->add_option("--threads", o->threads)->check(CLI::Range(1, 1024));
  command->add_option("--repeats", o->repeats)->check(CLI::Range(0, 1000));
  command->add_option("--write", o->write, "Also write the graph as MatrixMarket, for peers");
  return command;
}

CLI::App* AddContract(CLI::App& app, ContractOptions* o) {
  CLI::App* command =
      app.add_subcommand("contract", "Stops every algorithm at random moments and times it");
  command->add_option("--graph", o->graph, "As those of `graph`")->capture_default_str();
  command->add_flag("--directed", o->directed, "Half of its arcs, each in one direction");
  command->add_option("--only", o->only, "Names as in the table");
  command->add_option("--moments", o->moments)->check(CLI::Range(1, 10000))->capture_default_str();
  command->add_option("--threads", o->threads)->check(CLI::Range(1, 1024))->capture_default_str();
  command->add_option("--seconds", o->seconds_max, "Of a run, from its start")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  command->add_option("--limit", o->limit_ms, "Milliseconds")->capture_default_str();
  return command;
}

struct LoadCommand {
  std::string server;
  FollowLoadOptions load;
};

CLI::App* AddLoad(CLI::App& app, LoadCommand* o) {
  CLI::App* load = app.add_subcommand("load", "Writes random follows into a running service");
  load->add_option("--server", o->server, "HOST:PORT")->required();
  load->add_option("--edges", o->load.edges)->capture_default_str();
  load->add_option("--accounts", o->load.accounts)->capture_default_str();
  load->add_option("--batch", o->load.batch)->check(CLI::Range(1, 20000))->capture_default_str();
  load->add_option("--streams", o->load.streams)->check(CLI::Range(1, 64))->capture_default_str();
  load->add_option("--window", o->load.window)->check(CLI::Range(1, 64))->capture_default_str();
  load->add_option("--rate", o->load.edges_per_second, "Edges per second, 0 = all");
  load->add_option("--seed", o->load.seed)->capture_default_str();
  load->add_option("--producer", o->load.producer)->capture_default_str();
  return load;
}

struct StoreCommand {
  StoreBenchOptions store;
  bool quick = false;
};

CLI::App* AddStore(CLI::App& app, StoreCommand* o) {
  CLI::App* store = app.add_subcommand("store", "Measures the store beside RocksDB's own db_bench");
  store->add_flag("--quick", o->quick, "Small: shows that it runs");
  store->add_option("--dir", o->store.directory, "Where to work; removed at the end")
      ->capture_default_str();
  store->add_option("--halqad", o->store.halqad, "The service, instead of the one beside this");
  store->add_option("--halqa", o->store.halqa, "The importer, instead of the one beside this");
  store->add_option("--accounts", o->store.accounts)->capture_default_str();
  store->add_option("--burst", o->store.burst_edges)->capture_default_str();
  store->add_option("--sustained", o->store.sustained_edges)->capture_default_str();
  store->add_option("--import", o->store.import_edges)->capture_default_str();
  store->add_option("--rounds", o->store.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  store->add_option("--streams", o->store.streams)->check(CLI::Range(1, 64))->capture_default_str();
  store->add_option("--window", o->store.window)->check(CLI::Range(1, 64))->capture_default_str();
  store->add_option("--batch", o->store.batch)->check(CLI::Range(1, 20000))->capture_default_str();
  store->add_option("--only", o->store.only, "One part")
      ->check(CLI::IsMember({"burst", "sustained", "pages", "offline", "import"}));
  store->add_flag("--keep", o->store.keep, "Leave the directory");
  store->add_flag("--json", o->store.json);
  return store;
}

struct GraphCommand {
  std::string name, output;
};

CLI::App* AddGraph(CLI::App& app, GraphCommand* o) {
  CLI::App* graph = app.add_subcommand("graph", "Writes a measuring graph to a file");
  graph->add_option("graph", o->name, "kronecker:SCALE or planted:VERTICES, and :ordered")
      ->required();
  graph->add_option("--output", o->output, "FILE.sg for the GAP suite, else one edge per line")
      ->required();
  return graph;
}

int RunGraph(const GraphCommand& o) {
  RunContext run;
  const auto csr = Generate(o.name, run);
  return Ended(csr.ok() ? WriteGraphFile(csr->View(), o.output) : csr.status());
}

CLI::App* AddPeer(CLI::App& app, PeerBenchOptions* o) {
  CLI::App* peer = app.add_subcommand("peer", "Kernels beside the GAP suite: A B A B, one graph");
  peer->add_option("--gap", o->gap, "The folder of its programs pr, bfs, cc, tc, bc")->required();
  peer->add_option("--graph", o->graphs, "As those of `graph`")->capture_default_str();
  peer->add_option("--kernels", o->kernels)
      ->check(CLI::IsMember({"page_rank", "bfs", "weak_components", "triangles", "betweenness"}));
  peer->add_option("--threads", o->threads)->check(CLI::Range(1, 1024))->capture_default_str();
  peer->add_option("--rounds", o->rounds)->check(CLI::Range(1, 1000))->capture_default_str();
  peer->add_option("--dir", o->directory, "For the graph's file")->capture_default_str();
  peer->add_flag("--peer-unordered", o->peer_unordered,
                 "Ours reads GRAPH:ordered, the peer GRAPH as it was");
  return peer;
}

CLI::App* AddBoost(CLI::App& app, BoostBenchOptions* o) {
  CLI::App* boost = app.add_subcommand("boost", "Kernels beside Boost.Graph's, where it has them");
  boost->add_option("--graph", o->graph, "As those of `graph`")->capture_default_str();
  boost->add_option("--small-graph", o->small_graph, "For betweenness and clustering")
      ->capture_default_str();
  boost->add_option("--rounds", o->rounds)->check(CLI::Range(1, 1000))->capture_default_str();
  return boost;
}

CLI::App* AddScaling(CLI::App& app, ScalingOptions* o) {
  CLI::App* scaling = app.add_subcommand("scaling", "Time and memory with the size of the graph");
  scaling->add_option("--scales", o->scales, "Kronecker graphs of 2^SCALE vertices")
      ->check(CLI::Range(4, 26))
      ->capture_default_str();
  scaling->add_option("--only", o->only, "Algorithms, instead of all that are near linear");
  scaling->add_option("--threads", o->threads)->check(CLI::Range(1, 1024))->capture_default_str();
  scaling->add_option("--repeats", o->repeats)->check(CLI::Range(1, 1000))->capture_default_str();
  scaling->add_option("--page", o->page, "Where the tables go, instead of to stdout")->take_last();
  scaling->add_option("--svg", o->svg, "Where the plot goes")->take_last();
  scaling->add_option("--note", o->note, "A sentence for the page");
  return scaling;
}

int RunStore(StoreCommand o) {
  if (o.quick) o.store.MakeQuick();
  return Ended(RunStoreBench(o.store));
}

int RunLoad(const LoadCommand& o) {
  const auto result = WriteFollows(o.server, o.load);
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", std::string(result.status().message()).c_str());
    return 1;
  }
  std::printf("%.0f edges/s, %.1f s; acknowledged after p50 %.1f, p99 %.1f, at most %.1f ms\n",
              result->rate(), result->seconds, result->LatencyMs(0.5), result->LatencyMs(0.99),
              result->LatencyMs(1));
  return 0;
}

}  // namespace
}  // namespace halqa::bench

int main(int argc, char** argv) {
  CLI::App app("Measures kernels in passes over the same graph, and the store beside its peer");
  app.require_subcommand(0, 1);
  halqa::bench::KernelOptions kernels;
  halqa::bench::AddKernels(app, &kernels);
  halqa::bench::LoadCommand load;
  const CLI::App* load_command = halqa::bench::AddLoad(app, &load);
  halqa::bench::CommunityOptions communities;
  const CLI::App* communities_command = halqa::bench::AddCommunities(app, &communities);
  halqa::bench::ContractOptions contract;
  const CLI::App* contract_command = halqa::bench::AddContract(app, &contract);
  halqa::bench::StoreCommand store;
  const CLI::App* store_command = halqa::bench::AddStore(app, &store);
  halqa::bench::GraphCommand graph;
  const CLI::App* graph_command = halqa::bench::AddGraph(app, &graph);
  halqa::bench::PeerBenchOptions peer;
  const CLI::App* peer_command = halqa::bench::AddPeer(app, &peer);
  halqa::bench::BoostBenchOptions boost;
  const CLI::App* boost_command = halqa::bench::AddBoost(app, &boost);
  halqa::bench::ScalingOptions scaling;
  const CLI::App* scaling_command = halqa::bench::AddScaling(app, &scaling);
  CLI11_PARSE(app, argc, argv);
  if (store_command->parsed()) return halqa::bench::RunStore(store);
  if (graph_command->parsed()) return halqa::bench::RunGraph(graph);
  if (peer_command->parsed()) {
    return halqa::bench::Ended(halqa::bench::RunPeerBench(peer));
  }
  if (scaling_command->parsed()) {
    return halqa::bench::Ended(halqa::bench::RunScaling(scaling));
  }
  if (boost_command->parsed()) {
    return halqa::bench::Ended(halqa::bench::RunBoostBench(boost));
  }
  if (communities_command->parsed()) return halqa::bench::RunCommunities(communities);
  if (contract_command->parsed()) return halqa::bench::RunContract(contract);
  if (load_command->parsed()) return halqa::bench::RunLoad(load);
  return halqa::bench::RunKernels(kernels);
}
