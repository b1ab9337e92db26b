#include "tools/halqa/cmd_stats.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/discovery_service.grpc.pb.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/facts.h"
#include "tools/halqa/search_table.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

struct StatsFlags {
  BackendOptions backend;
  bool json = false, all = false;
};

std::string StatsText(const v1::GetGraphStatsResponse& r) {
  Facts facts;
  facts.Add("accounts", WithThousands(r.accounts()));
  facts.Add("follows in the snapshot", WithThousands(r.snapshot_follows()));
  facts.Add("changes after it", WithThousands(r.delta_edges()));
  facts.Add("memory of these changes", BytesText(r.delta_bytes()));
  facts.Add("snapshot file", BytesText(r.snapshot_bytes()));
  facts.Add("records folded, in the snapshot",
            absl::StrCat(WithThousands(r.folded_lsn()), ", ", WithThousands(r.snapshot_lsn())));
  facts.Add("ids resident", absl::StrCat(WithThousands(r.resident_ids()), " in ",
                                         BytesText(r.resident_id_bytes())));
  if (r.horizon() != 0) {
    facts.Add("history kept since",
              absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixSeconds(r.horizon()),
                               absl::UTCTimeZone()));
  }
  for (const auto& [name, count] : Sorted(r.counters())) {
    if (count > 0) facts.Add(absl::StrCat("since the start: ", name), WithThousands(count));
  }
  facts.Add("generations kept", absl::StrJoin(r.generations(), ", "));
  facts.Add("niches", WithThousands(r.niches()));
  facts.Add("topics ranked", absl::StrJoin(r.topics(), ", "));
  facts.Add("named from", absl::StrCat(WithThousands(r.name_threshold()), " followers"));
  for (const auto& [family, bytes] : Sorted(r.family_bytes())) {
    facts.Add(absl::StrCat("on disk: ", family), BytesText(bytes));
  }
  if (r.data_version().data_as_of() > 0) {
    facts.Add(
        "newest event ranked",
        absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixSeconds(r.data_version().data_as_of()),
                         absl::UTCTimeZone()));
  }
  return absl::StrCat(ShownVersion(r.data_version()), "\n", facts.Text());
}

std::string LabelsOf(const v1::Topic& topic) {
  std::vector<std::string> labels;
  for (const auto& [language, label] : Sorted(topic.labels())) labels.push_back(Isolated(label));
  return absl::StrJoin(labels, ", ");
}

std::string TopicsText(const v1::ListTopicsResponse& r, bool all) {
  Table table({{"topic"},
               {"names", Table::Align::kLeft, 60},
               {"under", Table::Align::kLeft, 24},
               {"accounts with evidence", Table::Align::kRight}});
  size_t left_out = 0;
  for (const v1::Topic& t : r.topics()) {
    if (!all && t.evidence_accounts() == 0 && r.data_version().generation() != 0) {
      ++left_out;
      continue;
    }
    table.AddRow({absl::StrCat(t.id(), t.sensitive() ? " (sensitive)" : ""), LabelsOf(t),
                  absl::StrJoin(t.parents(), ", "), WithThousands(t.evidence_accounts())});
  }
  std::string out = absl::StrCat(ShownVersion(r.data_version()), "\n", table.Render());
  if (left_out > 0) {
    absl::StrAppend(&out, left_out, " topics without evidence are left out; --all shows them\n");
  }
  return out;
}

absl::Status Stats(const StatsFlags& flags, const Backend& backend) {
  const auto stub = v1::GraphService::NewStub(backend.channel());
  HALQA_ASSIGN_OR_RETURN(
      const auto response,
      rpc::CallUnary(*stub, &v1::GraphService::Stub::GetGraphStats, v1::GetGraphStatsRequest()));
  std::fputs((flags.json ? rpc::ToJson(response) + "\n" : StatsText(response)).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Topics(const StatsFlags& flags, const Backend& backend) {
  const auto stub = v1::DiscoveryService::NewStub(backend.channel());
  HALQA_ASSIGN_OR_RETURN(
      const auto response,
      rpc::CallUnary(*stub, &v1::DiscoveryService::Stub::ListTopics, v1::ListTopicsRequest()));
  const std::string text =
      flags.json ? rpc::ToJson(response) + "\n" : TopicsText(response, flags.all);
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void RegisterStats(Command app) {
  auto flags = std::make_shared<StatsFlags>();
  Command stats = app.Sub("stats", "Show size and state of the graph");
  AddBackendFlags(stats, &flags->backend);
  stats.Switch("--json", flags->json, "Print the response as JSON");
  stats.Footer("Example:\n  halqa stats --data ./graph");
  stats.Run([flags] {
    RunOn(flags->backend, [&](const Backend& backend) { return Stats(*flags, backend); });
  });

  auto topic_flags = std::make_shared<StatsFlags>();
  Command topics = app.Sub("topics", "List the topics that can be searched");
  AddBackendFlags(topics, &topic_flags->backend);
  topics.Switch("--all", topic_flags->all, "Also those no account has evidence for");
  topics.Switch("--json", topic_flags->json, "Print the response as JSON");
  topics.Footer("Example:\n  halqa topics --server 127.0.0.1:7411");
  topics.Run([topic_flags] {
    RunOn(topic_flags->backend,
          [&](const Backend& backend) { return Topics(*topic_flags, backend); });
  });
}

}  // namespace halqa::cli
