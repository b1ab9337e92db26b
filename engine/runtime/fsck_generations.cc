// The check of generations. It reads the bytes by itself and shares nothing with generation.cc.

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/status_macros.h"
#include "engine/discovery/sources.h"
#include "engine/projection/scan.h"
#include "engine/runtime/fsck_context.h"
#include "engine/store/edge_list.h"
#include "engine/store/state_codec.h"

namespace halqa::runtime {
namespace {

using store::Family;

constexpr uint32_t kBlockValues = 1 << 16;

struct ColumnShape {
  absl::string_view name;
  uint32_t value_bytes;
};
constexpr ColumnShape kColumns[] = {
    {"core_number", 4}, {"engaged_followers", 4}, {"followers", 4},      {"niche", 4},
    {"page_rank", 8},   {"strong_component", 4},  {"weak_component", 4}, {"weighted_in_degree", 8}};

// One generation under the check.
struct Walk {
  CheckContext& c;
  uint32_t number = 0;
  std::string family;
  store::GenerationInfo info;
  std::map<std::string, uint32_t> next_block;  // per column
  std::vector<uint32_t> niche_ids;
  std::vector<uint32_t> niches, followers;  // values of two columns
  bool damaged = false;

  void Add(absl::string_view key, absl::string_view what) {
    damaged = true;
    c.Add("generation-damaged", family, key, what);
  }
};

bool ReadInfo(Walk* w) {
  const auto bytes = w->c.db->Get(store::GenerationFamily(w->number), "i", w->c.view);
  if (!bytes.ok() || !bytes->has_value()) {
    w->Add("i", "its description is missing");
    return false;
  }
  auto info = store::DecodeGeneration(**bytes);
  if (!info.ok()) {
    w->Add("i", info.status().message());
    return false;
  }
  w->info = *std::move(info);
  if (w->info.generation != w->number)
    w->Add("i", absl::StrCat("describes generation ", w->info.generation));
  if (w->info.accounts > w->c.accounts)
    w->Add("i", absl::StrCat("has ", w->info.accounts, " accounts, the graph ", w->c.accounts));
  return true;
}

void KeepColumn(Walk* w, absl::string_view column, absl::string_view bytes) {
  std::vector<uint32_t>* into = column == "niche"       ? &w->niches
                                : column == "followers" ? &w->followers
                                                        : nullptr;
  if (into == nullptr) return;
  const size_t before = into->size();
  into->resize(before + bytes.size() / 4);
  std::memcpy(into->data() + before, bytes.data(), bytes.size());
}

void VisitBlock(Walk* w, absl::string_view key, absl::string_view value) {
  const absl::string_view rest = key.substr(2);
  const size_t slash = rest.find('/');
  const std::string column(rest.substr(0, slash));
  const auto shape = std::find_if(std::begin(kColumns), std::end(kColumns),
                                  [&](const ColumnShape& s) { return s.name == column; });
  if (slash == absl::string_view::npos || rest.size() != slash + 5 || shape == std::end(kColumns))
    return w->Add(absl::CHexEscape(key), "is a block of no known column");
  const uint32_t block = DecodeFixed32BE(rest.substr(slash + 1));
  const std::string name = absl::StrCat(column, " block ", block);
  uint32_t& next = w->next_block[column];
  if (block != next) w->Add(name, absl::StrCat("block ", next, " was expected"));
  next = block + 1;
  const uint64_t first = uint64_t{block} * kBlockValues;
  const uint64_t values =
      w->info.accounts > first ? std::min<uint64_t>(kBlockValues, w->info.accounts - first) : 0;
  if (value.size() != values * shape->value_bytes + 8)
    return w->Add(name,
                  absl::StrCat(value.size(), " bytes, not ", values * shape->value_bytes + 8));
  const absl::string_view bytes = value.substr(0, value.size() - 8);
  if (Checksum64(bytes) != DecodeFixed64BE(value.substr(bytes.size())))
    return w->Add(name, "has a wrong checksum");
  KeepColumn(w, column, bytes);
}

void VisitNiche(Walk* w, absl::string_view key, absl::string_view value) {
  const auto niche = store::DecodeNiche(value);
  if (key.size() != 6 || !niche.ok() || niche->id != DecodeFixed32BE(key.substr(2)))
    return w->Add(HexText(key), "is no niche of that number");
  for (uint32_t account : niche->top_accounts) {
    if (account >= w->info.accounts)
      w->Add(absl::StrCat("niche ", niche->id), "a top account does not exist");
  }
  w->niche_ids.push_back(niche->id);
}

// What follows the leaders: entries that ascend. Returns what is wrong.
std::string EntriesProblem(absl::string_view in, uint32_t accounts) {
  uint64_t count = 0, gap = 0, bits = 0, account = 0;
  if (!GetVarint64(&in, &count)) return "is cut";
  for (uint64_t i = 0; i < count; ++i) {
    if (!GetVarint64(&in, &gap) || !GetFixed64BE(&in, &bits)) return "is cut";
    if (i > 0 && gap == 0) return "its accounts do not ascend";
    account += gap;
    if (account >= accounts) return "an account does not exist";
  }
  return in.empty() ? "" : "has bytes too many";
}

std::string TopicProblem(absl::string_view value, uint32_t accounts) {
  if (value.size() < 8) return "is cut";
  absl::string_view in = value.substr(0, value.size() - 8);
  if (Checksum64(in) != DecodeFixed64BE(value.substr(in.size()))) return "has a wrong checksum";
  uint64_t evidence = 0, mass = 0, leaders = 0, leader = 0;
  if (!GetVarint64(&in, &evidence) || !GetFixed64BE(&in, &mass) || !GetVarint64(&in, &leaders))
    return "is cut";
  for (uint64_t i = 0; i < leaders; ++i) {
    if (!GetVarint64(&in, &leader)) return "is cut";
    if (leader >= accounts) return "a leader does not exist";
  }
  return EntriesProblem(in, accounts);
}

void VisitRow(Walk* w, absl::string_view key, absl::string_view value) {
  w->c.findings->Checked(1);
  if (absl::StartsWith(key, "c/")) return VisitBlock(w, key, value);
  if (absl::StartsWith(key, "n/")) return VisitNiche(w, key, value);
  if (absl::StartsWith(key, "t/")) {
    const std::string problem = TopicProblem(value, w->info.accounts);
    if (!problem.empty()) w->Add(absl::StrCat("topic ", key.substr(2)), problem);
    return;
  }
  if (key != "i") w->Add(absl::CHexEscape(key), "is no row of a generation");
}

void CheckWhole(Walk* w) {
  const uint32_t blocks = (w->info.accounts + kBlockValues - 1) / kBlockValues;
  for (const ColumnShape& column : kColumns) {
    const uint32_t found = w->next_block[std::string(column.name)];
    if (found != blocks)
      w->Add(column.name, absl::StrCat("ends after block ", found, " of ", blocks));
  }
  std::sort(w->niche_ids.begin(), w->niche_ids.end());
  for (size_t i = 0; i < w->niches.size(); ++i) {
    if (w->niches[i] == discovery::kNoNiche) continue;
    if (!std::binary_search(w->niche_ids.begin(), w->niche_ids.end(), w->niches[i]))
      w->Add(AccountText(static_cast<uint32_t>(i)),
             absl::StrCat("is in niche ", w->niches[i], ", which does not exist"));
  }
}

// A generation of the very state that the snapshot holds: its follower counts are the degrees.
void CheckDegrees(Walk* w) {
  if (w->c.snapshot == nullptr || w->info.lsn != w->c.snapshot->identity().lsn ||
      w->info.chain != w->c.snapshot->identity().chain)
    return;
  const CsrView g = w->c.snapshot->UnverifiedView();
  std::vector<uint64_t> wanted(w->followers.size());
  for (VertexIndex v = 0; v < g.vertices; ++v) {
    const uint32_t account = Raw(w->c.snapshot->AccountOf(v));
    if (account < wanted.size()) wanted[account] = g.InDegree(v);
  }
  w->c.findings->Checked(wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (w->followers[i] == wanted[i]) continue;
    w->damaged = true;
    w->c.Add("degree-differs", w->family, AccountText(static_cast<uint32_t>(i)),
             absl::StrCat(w->followers[i], " followers, the snapshot has ", wanted[i]));
  }
}

}  // namespace

absl::Status CheckGenerations(CheckContext& c, RunContext& run) {
  const std::vector<uint32_t> generations = c.db->Generations();
  for (uint32_t number : generations) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
    Walk walk{c, number, absl::StrCat("gen_", number), {}, {}, {}, {}, {}, false};
    // A ranking that publishes right now, or one that was killed while it did: the next start drops
    // what was never published.
    if (number > c.current_generation) continue;
    if (ReadInfo(&walk)) {
      c.Scan(store::GenerationFamily(number), "", "",
             [&](absl::string_view key, absl::string_view value) {
               VisitRow(&walk, key, value);
               return true;
             });
      CheckWhole(&walk);
      if (!walk.damaged) CheckDegrees(&walk);
    }
    if (walk.damaged) c.broken_generations.push_back(number);
  }
  if (c.current_generation != 0 &&
      !std::binary_search(generations.begin(), generations.end(), c.current_generation)) {
    c.Add("generation-missing", "default", store::meta::kCurrentGeneration,
          absl::StrCat("generation ", c.current_generation, " does not exist"));
    c.broken_generations.push_back(c.current_generation);
  }
  return run.Checkpoint(1, 1);
}

}  // namespace halqa::runtime
