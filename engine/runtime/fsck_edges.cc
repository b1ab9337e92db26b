// The check of the edge families, and of the snapshot against them.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/parallel.h"
#include "engine/base/status_macros.h"
#include "engine/projection/scan.h"
#include "engine/runtime/fsck_context.h"
#include "engine/store/edge_list.h"

namespace halqa::runtime {
namespace {

using store::Family;
using store::FollowEntry;
using store::InteractionEntry;

// Scans all rows of an edge family block by block on all threads, decoding each.
template <typename Entry, typename Decode, typename Fn>
absl::Status ForEachRow(CheckContext& c, Family family, Decode decode, Fn fn, RunContext& run) {
  auto block = [&](uint32_t, uint32_t from, uint32_t to) {
    std::vector<Entry> entries;
    uint64_t rows = 0;
    const std::string first = store::AccountKey(AccountId{from});
    const std::string last = store::AccountKey(AccountId{to});
    c.Scan(family, first, last, [&](absl::string_view key, absl::string_view value) {
      entries.clear();
      ++rows;
      fn(key, decode(value, &entries), entries);
      return true;
    });
    c.findings->Checked(rows);
    return absl::OkStatus();
  };
  HALQA_RETURN_IF_ERROR(projection::ForEachBlock(c.accounts, run, 1, block));
  // Rows of accounts that do not exist.
  c.Scan(family, store::AccountKey(AccountId{c.accounts}), "",
         [&](absl::string_view key, absl::string_view) {
           c.Add("edge-account-unknown", store::FamilyName(family), HexText(key),
                 "the row is of an account that does not exist");
           return true;
         });
  return absl::OkStatus();
}

void CheckFollow(const CheckContext& c, uint32_t src, const FollowEntry* before,
                 const FollowEntry& e) {
  const auto add = [&](absl::string_view kind, absl::string_view what) {
    c.Add(kind, "f_out", EdgeText(src, e.dst), what);
  };
  if (e.dst >= c.accounts) add("edge-account-unknown", "the followee does not exist");
  if (e.dst == src) add("edge-self-loop", "an account follows itself");
  const auto place = [](const FollowEntry& x) { return std::tuple(x.dst, ~x.word, x.source); };
  if (before != nullptr && place(*before) >= place(e))
    add("edge-order", absl::StrCat("stands after an event of ", before->dst));
  if (!c.KnowsSource(e.source))
    add("edge-source-unknown", absl::StrCat("source ", e.source, " does not exist"));
  if ((e.word & 3) != 0 && (e.word & 3) != 2)
    add("edge-state-unknown", absl::StrCat("state ", e.word & 3));
  if (e.word > c.newest_word)
    add("edge-newer-than-marker",
        absl::StrCat("word ", e.word, ", the fold marker has ", c.newest_word));
}

void CheckInteraction(const CheckContext& c, uint32_t src, const InteractionEntry* before,
                      const InteractionEntry& e) {
  const auto add = [&](absl::string_view kind, absl::string_view what) {
    c.Add(kind, "x_out", EdgeText(src, e.dst), what);
  };
  if (e.dst >= c.accounts) add("edge-account-unknown", "the target does not exist");
  if (e.kind < 1 || e.kind > 8) add("edge-state-unknown", absl::StrCat("kind ", e.kind));
  if (!c.KnowsSource(e.source))
    add("edge-source-unknown", absl::StrCat("source ", e.source, " does not exist"));
  if (before == nullptr) return;
  const auto place = [](const InteractionEntry& x) {
    return std::tuple(x.dst, x.kind, x.hour, x.source);
  };
  if (place(*before) >= place(e)) add("edge-order", "buckets do not ascend");
}

// Whether an edge may differ between the snapshot and the rows: it changed after the snapshot.
bool ChangedSince(const CheckContext& c, uint32_t src, uint32_t dst) {
  return c.moved_since.contains(dst) ||
         std::binary_search(c.folded_since.begin(), c.folded_since.end(), EdgeKey{src, dst});
}

// The accounts that `src` follows by its row, leaving out what changed after the snapshot.
void ActiveTargets(const CheckContext& c, uint32_t src, std::vector<FollowEntry>* entries,
                   std::vector<uint32_t>* out) {
  out->clear();
  if (c.mask->Hidden(src)) return;
  c.mask->Apply(src, entries);
  store::KeepNewest(entries);
  for (const FollowEntry& e : *entries) {
    if (store::IsActive(e.word) && !ChangedSince(c, src, e.dst)) out->push_back(e.dst);
  }
}

// The same by the snapshot.
bool SnapshotTargets(const CheckContext& c, uint32_t src, std::vector<uint32_t>* out) {
  out->clear();
  const VertexIndex v = c.snapshot->VertexOf(AccountId{src});
  if (v == kNoVertex) return true;
  const auto row = c.snapshot->OutRow(v);
  if (!row.ok()) return false;
  for (VertexIndex target : *row) {
    const uint32_t dst = Raw(c.snapshot->AccountOf(target));
    if (!ChangedSince(c, src, dst)) out->push_back(dst);
  }
  std::sort(out->begin(), out->end());
  return true;
}

// Names every element of one list that the other lacks.
void CompareTargets(const CheckContext& c, uint32_t src, const std::vector<uint32_t>& wanted,
                    const std::vector<uint32_t>& found) {
  size_t i = 0, j = 0;
  while (i < wanted.size() || j < found.size()) {
    if (j == found.size() || (i < wanted.size() && wanted[i] < found[j])) {
      c.Add("snapshot-edge-missing", "snapshot", EdgeText(src, wanted[i++]),
            "is active in f_out, not in the snapshot");
    } else if (i == wanted.size() || found[j] < wanted[i]) {
      c.Add("snapshot-edge-extra", "snapshot", EdgeText(src, found[j++]),
            "is in the snapshot, not active in f_out");
    } else {
      ++i, ++j;
    }
  }
}

absl::Status CompareWithRows(CheckContext& c, RunContext& run) {
  auto block = [&](uint32_t, uint32_t from, uint32_t to) {
    std::vector<FollowEntry> entries;
    std::vector<uint32_t> wanted, found;
    uint32_t next = from;  // the first account not compared yet
    uint64_t arcs = 0;
    const auto compare = [&](uint32_t src) {
      if (c.moved_since.contains(src)) return;
      if (!SnapshotTargets(c, src, &found)) return;  // its damaged block is named already
      arcs += found.size();
      if (wanted != found) CompareTargets(c, src, wanted, found);
    };
    const auto skip_to = [&](uint32_t src) {
      for (wanted.clear(); next < src; ++next) compare(next);
    };
    c.Scan(Family::kFollowOut, store::AccountKey(AccountId{from}), store::AccountKey(AccountId{to}),
           [&](absl::string_view key, absl::string_view value) {
             if (key.size() < 4) return true;
             const uint32_t src = DecodeFixed32BE(key);
             skip_to(src);
             entries.clear();
             next = src + 1;
             if (!store::DecodeFollows(value, &entries).ok()) return true;
             ActiveTargets(c, src, &entries, &wanted);
             compare(src);
             return true;
           });
    skip_to(to);
    c.findings->Checked(arcs);
    return absl::OkStatus();
  };
  return projection::ForEachBlock(c.accounts, run, 0.5, block);
}

// One pass over the out-rows in order: the in-row of v must then list its sources in that order.
absl::Status CheckTranspose(CheckContext& c, const CsrView& g, RunContext& run) {
  std::vector<uint64_t> at(g.in_offsets.begin(), g.in_offsets.end());
  const auto name = [&](VertexIndex u, VertexIndex v) {
    return EdgeText(Raw(c.snapshot->AccountOf(u)), Raw(c.snapshot->AccountOf(v)));
  };
  const auto extra = [&](VertexIndex u, VertexIndex v) {
    c.Add("snapshot-in-extra", "snapshot", u < g.vertices ? name(u, v) : "an unknown vertex",
          "is in the in-direction only");
  };
  for (VertexIndex u = 0; u < g.vertices; ++u) {
    if (u % 10000 == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(0.5 + 0.5 * u / g.vertices, 1));
    for (VertexIndex v : g.Out(u)) {
      if (v >= g.vertices) {
        c.Add("snapshot-edge-extra", "snapshot", AccountText(Raw(c.snapshot->AccountOf(u))),
              "points at a vertex that does not exist");
        continue;
      }
      const uint64_t end = g.in_offsets[v + 1];
      while (at[v] < end && g.in_sources[at[v]] < u) extra(g.in_sources[at[v]++], v);
      if (at[v] < end && g.in_sources[at[v]] == u) {
        ++at[v];
      } else {
        c.Add("snapshot-in-missing", "snapshot", name(u, v), "is in the out-direction only");
      }
    }
  }
  for (VertexIndex v = 0; v < g.vertices; ++v) {
    while (at[v] < g.in_offsets[v + 1]) extra(g.in_sources[at[v]++], v);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckFollows(CheckContext& c, RunContext& run) {
  return ForEachRow<FollowEntry>(
      c, Family::kFollowOut, store::DecodeFollows,
      [&](absl::string_view key, const absl::Status& status,
          const std::vector<FollowEntry>& entries) {
        if (key.size() != 5 || key[4] != 0)
          return c.Add("row-damaged", "f_out", HexText(key), "is no key of this family");
        const uint32_t src = DecodeFixed32BE(key);
        if (!status.ok())
          return c.Add("edge-list-damaged", "f_out", AccountText(src), status.message());
        for (size_t i = 0; i < entries.size(); ++i)
          CheckFollow(c, src, i == 0 ? nullptr : &entries[i - 1], entries[i]);
      },
      run);
}

absl::Status CheckInteractions(CheckContext& c, RunContext& run) {
  return ForEachRow<InteractionEntry>(
      c, Family::kInteractOut, store::DecodeInteractions,
      [&](absl::string_view key, const absl::Status& status,
          const std::vector<InteractionEntry>& entries) {
        if (key.size() != 4)
          return c.Add("row-damaged", "x_out", HexText(key), "is no key of this family");
        const uint32_t src = DecodeFixed32BE(key);
        if (!status.ok())
          return c.Add("edge-list-damaged", "x_out", AccountText(src), status.message());
        for (size_t i = 0; i < entries.size(); ++i)
          CheckInteraction(c, src, i == 0 ? nullptr : &entries[i - 1], entries[i]);
      },
      run);
}

absl::Status CheckSnapshot(CheckContext& c, RunContext& run) {
  if (c.snapshot == nullptr) return run.Checkpoint(1, 1);
  if (auto s = c.snapshot->VerifyAll(run.threads()); !s.ok()) {
    c.Add("snapshot-damaged", "snapshot", "", s.message());
    c.broken_snapshot = true;
    return run.Checkpoint(1, 1);
  }
  if (c.snapshot->accounts_limit() > c.accounts) {
    c.Add("snapshot-damaged", "snapshot", AccountText(c.snapshot->accounts_limit() - 1),
          "is in the snapshot and does not exist");
  }
  const uint64_t before = c.findings->total();
  // While an import is being undone the rows show less than the snapshot; it is built at its end.
  if (!c.undone_since) HALQA_RETURN_IF_ERROR(CompareWithRows(c, run));
  HALQA_RETURN_IF_ERROR(CheckTranspose(c, c.snapshot->UnverifiedView(), run));
  c.broken_snapshot = c.broken_snapshot || c.findings->total() != before;
  return absl::OkStatus();
}

}  // namespace halqa::runtime
