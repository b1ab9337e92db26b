#include "engine/runtime/niche_stage.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/algo/community/niche_tracking.h"
#include "engine/base/status_macros.h"
#include "engine/discovery/niches.h"
#include "engine/store/posting_list.h"
#include "engine/text/analyze_document.h"

namespace halqa::runtime {
namespace {

using store::Family;

constexpr size_t kLabelSupportMin = 3;

// Which accounts use which term: rows by vertex, made from postings that come by term.
struct TermTable {
  std::vector<std::string> names;
  std::vector<uint64_t> offsets;
  std::vector<uint32_t> ids;

  discovery::VertexTerms View() const { return {offsets, ids, names}; }
};

// Accounts of one posting list that really use the term.
absl::StatusOr<std::vector<uint32_t>> Users(absl::string_view bytes) {
  std::vector<uint32_t> users;
  store::PostingReader reader(bytes);
  store::Posting posting;
  while (reader.Next(&posting)) {
    if (!posting.tombstone()) users.push_back(Raw(posting.account));
  }
  HALQA_RETURN_IF_ERROR(reader.status());
  return users;
}

// Calls fn(term without prefix, users) for all terms of one namespace ("e:", "h:", "t:").
absl::Status ForEachTerm(
    const store::Store& db, const store::ReadView* view, absl::string_view space,
    const std::function<void(absl::string_view term, const std::vector<uint32_t>& users)>& fn) {
  std::string end(space);
  ++end.back();
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    auto users = Users(value);
    status = users.status();
    if (status.ok()) fn(key.substr(space.size()), *users);
    return status.ok();
  };
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kPostings, space, end, row, view, /*bulk=*/true));
  return status;
}

// Words and hashtags that at least a few accounts use and not nearly all.
absl::StatusOr<TermTable> ReadTerms(const store::Store& db, const store::ReadView* view,
                                    absl::Span<const VertexIndex> account_to_vertex) {
  TermTable table;
  std::vector<std::pair<VertexIndex, uint32_t>> uses;
  const size_t n = account_to_vertex.size();
  auto add = [&](absl::string_view prefix, absl::string_view term,
                 const std::vector<uint32_t>& users) {
    if (users.size() < kLabelSupportMin || users.size() * 2 > n) return;
    const auto id = static_cast<uint32_t>(table.names.size());
    table.names.push_back(absl::StrCat(prefix, term));
    for (uint32_t account : users) {
      if (account < n) uses.push_back({account_to_vertex[account], id});
    }
  };
  HALQA_RETURN_IF_ERROR(ForEachTerm(db, view, "e:", [&](auto term, const auto& users) {
    add("", text::SpellingOf(term), users);
  }));
  HALQA_RETURN_IF_ERROR(
      ForEachTerm(db, view, "h:", [&](auto term, const auto& users) { add("#", term, users); }));
  table.offsets.assign(n + 1, 0);
  for (const auto& [vertex, id] : uses) ++table.offsets[vertex + 1];
  std::partial_sum(table.offsets.begin(), table.offsets.end(), table.offsets.begin());
  table.ids.resize(uses.size());
  std::vector<uint64_t> next(table.offsets.begin(), table.offsets.end() - 1);
  for (const auto& [vertex, id] : uses) table.ids[next[vertex]++] = id;
  return table;
}

// Counts per niche: accounts that name each topic, and accounts with any text.
absl::Status CountTopics(const store::Store& db, const store::ReadView* view, Generation* g) {
  const auto& niche_of = g->columns.niche;
  auto niche_row = [&](uint32_t account) -> store::NicheRow* {
    if (account >= niche_of.size() || niche_of[account] == discovery::kNoNiche) return nullptr;
    return &g->niches[niche_of[account] - 1];
  };
  HALQA_RETURN_IF_ERROR(
      ForEachTerm(db, view, "t:", [&](absl::string_view topic, const auto& users) {
        for (uint32_t account : users) {
          if (store::NicheRow* row = niche_row(account)) row->topic_shares[std::string(topic)] += 1;
        }
      }));
  std::vector<bool> has_text(niche_of.size(), false);
  auto mark = [&](absl::string_view, const std::vector<uint32_t>& users) {
    for (uint32_t account : users) {
      if (account < has_text.size()) has_text[account] = true;
    }
  };
  for (const char* space : {"e:", "h:", "t:"})
    HALQA_RETURN_IF_ERROR(ForEachTerm(db, view, space, mark));
  double documents = 0;
  for (uint32_t account = 0; account < has_text.size(); ++account) {
    if (!has_text[account]) continue;
    ++documents;
    if (store::NicheRow* row = niche_row(account)) row->topic_shares[""] += 1;
  }
  g->info.figures["documents"] = documents;
  return absl::OkStatus();
}

// A niche that no word tells from the rest is called by the topic that most of its texts name.
void LabelByTopic(store::NicheRow* row) {
  const auto texts = row->topic_shares.find("");
  if (!row->labels.empty() || texts == row->topic_shares.end()) return;
  double most = texts->second / 2;
  for (const auto& [topic, accounts] : row->topic_shares) {
    if (topic.empty() || accounts < most) continue;
    most = accounts;
    row->labels = {topic};
  }
}

store::NicheRow MakeRow(uint32_t id, const discovery::NicheCard& card, const NicheInput& input) {
  store::NicheRow row;
  row.id = id;
  row.size = card.size;
  row.insularity = card.insularity;
  for (const discovery::NicheLabel& label : card.labels) row.labels.push_back(label.term);
  for (const discovery::NicheMember& m : card.top) {
    row.top_accounts.push_back(Raw(input.vertex_to_account[m.vertex]));
  }
  return row;
}

// Niches as the tracking takes them: kUntracked where an account has none, or was not there yet.
std::vector<uint32_t> Tracked(const std::vector<uint32_t>& niches, size_t accounts,
                              uint32_t shift) {
  std::vector<uint32_t> out(accounts, kUntracked);
  for (size_t i = 0; i < std::min(accounts, niches.size()); ++i) {
    if (niches[i] != discovery::kNoNiche) out[i] = niches[i] - shift;
  }
  return out;
}

// Counts of what became of the niches of the run before.
void TellFates(const NicheTrackingResult& tracking, std::map<std::string, double>* figures) {
  static constexpr std::pair<NicheFate, const char*> kNames[] = {
      {NicheFate::kContinued, "niches_continued"},
      {NicheFate::kBorn, "niches_born"},
      {NicheFate::kSplit, "niches_split"},
      {NicheFate::kMerged, "niches_merged"},
      {NicheFate::kDied, "niches_died"}};
  for (const auto& [fate, name] : kNames) {
    (*figures)[name] = static_cast<double>(
        std::count_if(tracking.changes.begin(), tracking.changes.end(),
                      [fate = fate](const NicheChange& c) { return c.fate == fate; }));
  }
  (*figures)["next_niche_id"] = tracking.next_id;
}

// Gives each niche the id of the one that it continues, or one that was never given.
absl::Status KeepIds(const NichesBefore& before, Generation* g, RunContext& run) {
  const size_t accounts = g->columns.niche.size();
  NicheTrackingOptions options;
  options.next_id = before.next_id;
  HALQA_ASSIGN_OR_RETURN(const NicheTrackingResult tracking,
                         TrackNiches(Tracked(before.niches, accounts, 0),
                                     Tracked(g->columns.niche, accounts, 1), options, run));
  for (uint32_t& niche : g->columns.niche) {
    if (niche != discovery::kNoNiche) niche = tracking.ids[niche - 1];
  }
  for (store::NicheRow& row : g->niches) row.id = tracking.ids[row.id - 1];
  std::sort(g->niches.begin(), g->niches.end(),
            [](const store::NicheRow& a, const store::NicheRow& b) { return a.id < b.id; });
  TellFates(tracking, &g->info.figures);
  return absl::OkStatus();
}

}  // namespace

absl::Status BuildNiches(const store::Store& db, const store::ReadView* view,
                         const NicheInput& input, Generation* generation, RunContext& run) {
  const size_t n = input.vertex_to_account.size();
  std::vector<VertexIndex> account_to_vertex(n);
  for (size_t v = 0; v < n; ++v)
    account_to_vertex[Raw(input.vertex_to_account[v])] = static_cast<VertexIndex>(v);
  HALQA_ASSIGN_OR_RETURN(const TermTable terms, ReadTerms(db, view, account_to_vertex));
  HALQA_ASSIGN_OR_RETURN(const auto cards,
                         discovery::MakeNicheCards(input.graph, input.communities, input.page_rank,
                                                   terms.View(), {}, run));
  std::vector<uint32_t> niche_of_community(n, discovery::kNoNiche);
  for (const discovery::NicheCard& card : cards) {
    const auto id = static_cast<uint32_t>(generation->niches.size() + 1);
    niche_of_community[card.community] = id;
    generation->niches.push_back(MakeRow(id, card, input));
  }
  generation->columns.niche.assign(n, discovery::kNoNiche);
  for (size_t v = 0; v < n; ++v) {
    generation->columns.niche[Raw(input.vertex_to_account[v])] =
        niche_of_community[input.communities[v]];
  }
  HALQA_RETURN_IF_ERROR(CountTopics(db, view, generation));
  for (store::NicheRow& row : generation->niches) LabelByTopic(&row);
  RunContext last = run.Part(1, 1);
  return KeepIds(input.before, generation, last);
}

}  // namespace halqa::runtime
