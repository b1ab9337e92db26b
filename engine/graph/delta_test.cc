#include "engine/graph/delta.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "engine/base/random.h"
#include "engine/graph/builder.h"
#include "engine/graph/neighbours.h"
#include "engine/graph/rank_bits.h"

namespace halqa {
namespace {

struct Change {
  Lsn lsn;
  DeltaEdge edge;
};

// Accounts with their winning words, the slow way.
std::map<uint32_t, uint32_t> Winners(const std::vector<Change>& log, AccountId account, Lsn upto,
                                     Lsn dropped, Direction direction) {
  std::map<uint32_t, uint32_t> words;
  for (const Change& c : log) {
    if (c.lsn > upto || c.lsn <= dropped) continue;
    const bool out = direction == Direction::kOut;
    if ((out ? c.edge.src : c.edge.dst) != account) continue;
    auto [it, fresh] = words.try_emplace(Raw(out ? c.edge.dst : c.edge.src), c.edge.state_word);
    if (!fresh) it->second = std::max(it->second, c.edge.state_word);
  }
  return words;
}

std::map<uint32_t, uint32_t> Got(const Delta& delta, AccountId account, Lsn upto,
                                 Direction direction,
                                 std::optional<AccountId> after = std::nullopt) {
  std::map<uint32_t, uint32_t> words;
  auto add = [&](AccountId other, uint32_t word, Lsn lsn) {
    EXPECT_LE(lsn, upto);
    EXPECT_TRUE(words.empty() || words.rbegin()->first < Raw(other)) << "not ascending";
    words[Raw(other)] = word;
  };
  if (direction == Direction::kOut) {
    delta.ForEachOut(account, upto, add, after);
  } else {
    delta.ForEachIn(account, upto, add, after);
  }
  return words;
}

std::map<uint32_t, uint32_t> GotPacked(const DeltaRun& run, AccountId account, Direction direction,
                                       std::optional<AccountId> after = std::nullopt) {
  std::map<uint32_t, uint32_t> words;
  auto add = [&](AccountId other, uint32_t word, Lsn) {
    EXPECT_TRUE(words.empty() || words.rbegin()->first < Raw(other)) << "not ascending";
    words[Raw(other)] = word;
  };
  direction == Direction::kOut ? run.ForEachOut(account, add, after)
                               : run.ForEachIn(account, add, after);
  return words;
}

std::vector<Change> RandomLog(uint64_t seed, uint32_t accounts, Lsn records) {
  CounterRng rng(seed, 0);
  std::vector<Change> log;
  for (Lsn lsn = 1; lsn <= records; ++lsn) {
    for (uint64_t i = rng.Below(6); i > 0; --i) {
      const auto src = AccountId(rng.Below(accounts));
      const auto dst = AccountId(rng.Below(accounts));
      log.push_back({lsn, {src, dst, static_cast<uint32_t>(rng.Below(200) << 2 | rng.Below(3))}});
    }
  }
  return log;
}

void ApplyAll(const std::vector<Change>& log, Lsn records, Delta* delta, Lsn first = 1) {
  size_t i = 0;
  while (i < log.size() && log[i].lsn < first) ++i;
  for (Lsn lsn = first; lsn <= records; ++lsn) {
    std::vector<DeltaEdge> batch;
    for (; i < log.size() && log[i].lsn == lsn; ++i) batch.push_back(log[i].edge);
    delta->Apply(lsn, batch);
  }
}

TEST(RankBits, TellsThePlaceOfEachMemberAndOfNobodyElse) {
  RankBits bits;
  std::map<uint32_t, uint32_t> want;
  CounterRng rng(3, 1);
  for (uint32_t number = 0; want.size() < 2000; number += 1 + rng.Below(200)) {
    want.emplace(number, bits.size());
    bits.Append(number);
  }
  for (uint32_t number = 0; number < want.rbegin()->first + 200; ++number) {
    const auto found = want.find(number);
    const auto rank = bits.RankOf(number);
    ASSERT_EQ(rank.has_value(), found != want.end()) << number;
    if (rank.has_value()) {
      ASSERT_EQ(*rank, found->second) << number;
    }
  }
}

TEST(Delta, MatchesAMapAtEveryLsn) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const uint32_t accounts = seed % 2 == 0 ? 4 : 30;  // few accounts: long rows with many runs
    const Lsn records = 300;
    const std::vector<Change> log = RandomLog(seed, accounts, records);
    Delta delta;
    ApplyAll(log, records, &delta);
    EXPECT_EQ(delta.edges(), log.size());
    EXPECT_EQ(delta.last_lsn(), records);
    const DeltaRun run(delta.Edges(), records);
    for (uint32_t a = 0; a < accounts; ++a) {
      for (const Lsn upto : {Lsn{0}, Lsn{1}, Lsn{17}, Lsn{150}, records}) {
        for (const Direction d : {Direction::kOut, Direction::kIn}) {
          auto want = Winners(log, AccountId{a}, upto, 0, d);
          EXPECT_EQ(Got(delta, AccountId{a}, upto, d), want) << seed << " " << a << " " << upto;
          if (upto == records) {
            EXPECT_EQ(GotPacked(run, AccountId{a}, d), want);
          }
          want.erase(want.begin(), want.upper_bound(accounts / 2));
          EXPECT_EQ(Got(delta, AccountId{a}, upto, d, AccountId{accounts / 2}), want);
          if (upto == records) {
            EXPECT_EQ(GotPacked(run, AccountId{a}, d, AccountId{accounts / 2}), want);
          }
        }
      }
    }
  }
}

TEST(Delta, BytesFollowTheEdges) {
  Delta delta;
  const uint64_t empty = delta.bytes();
  CounterRng rng(1, 1);
  std::vector<DeltaEdge> batch;
  for (int i = 0; i < 100000; ++i) {
    batch.push_back({AccountId(rng.Below(20000)), AccountId(rng.Below(20000)), 4});
  }
  delta.Apply(1, batch);
  EXPECT_GT(delta.bytes(), empty + 100000 * 24);
  EXPECT_LT(delta.bytes(), empty + 100000 * 48);
  const DeltaRun run(delta.Edges(), 1);
  EXPECT_LT(run.bytes(), 100000 * 24);
}

TEST(Delta, ReadersNeverSeeBeyondTheirLsn) {
  const uint32_t accounts = 8;
  const Lsn records = 3000;
  const std::vector<Change> log = RandomLog(77, accounts, records);
  Delta delta;
  std::atomic<Lsn> published{0};
  std::vector<std::thread> readers;
  for (uint64_t r = 0; r < 2; ++r) {
    readers.emplace_back([&, r] {
      CounterRng rng(r, 5);
      while (published.load() < records) {
        const Lsn upto = published.load();
        const auto account = AccountId(rng.Below(accounts));
        const Direction d = rng.Below(2) == 0 ? Direction::kOut : Direction::kIn;
        EXPECT_EQ(Got(delta, account, upto, d), Winners(log, account, upto, 0, d)) << upto;
      }
    });
  }
  size_t i = 0;
  for (Lsn lsn = 1; lsn <= records; ++lsn) {
    std::vector<DeltaEdge> batch;
    for (; i < log.size() && log[i].lsn == lsn; ++i) batch.push_back(log[i].edge);
    delta.Apply(lsn, batch);
    published.store(lsn);
    if (lsn % 200 == 0) std::this_thread::yield();
  }
  for (std::thread& t : readers) t.join();
}

// A snapshot of the follows that are active in the log up to `lsn`.
Snapshot MakeSnapshot(const std::vector<Change>& log, uint32_t accounts, Lsn lsn) {
  std::vector<VertexIndex> u, v;
  std::vector<AccountId> ids;
  for (uint32_t a = 0; a < accounts; a += 1) {
    if (a % 7 != 6) ids.push_back(AccountId{accounts - 1 - a});  // some accounts are unknown to it
  }
  std::vector<VertexIndex> vertex(accounts, kNoVertex);
  for (uint32_t i = 0; i < ids.size(); ++i) vertex[Raw(ids[i])] = i;
  for (const AccountId a : ids) {
    for (const auto& [other, word] : Winners(log, a, lsn, 0, Direction::kOut)) {
      if (StateOf(word) != EdgeState::kActive || vertex[other] == kNoVertex) continue;
      u.push_back(vertex[Raw(a)]);
      v.push_back(vertex[other]);
    }
  }
  RunContext run(1);
  BuildOptions options;
  options.vertices = static_cast<uint32_t>(ids.size());
  const Csr graph = *BuildCsr({u, v, {}}, options, run);
  const std::string path = ::testing::TempDir() + "halqa_delta_snapshot";
  EXPECT_TRUE(WriteSnapshot(path, {1, lsn, 0}, graph.View(), ids).ok());
  return *Snapshot::Open(path);
}

std::vector<AccountId> AllPages(const GraphAt& at, NeighbourQuery query) {
  std::vector<AccountId> all;
  for (;;) {
    const auto page = MergedNeighbours(at, query);
    EXPECT_TRUE(page.ok());
    EXPECT_LE(page->accounts.size(), query.limit);
    all.insert(all.end(), page->accounts.begin(), page->accounts.end());
    if (!page->more) return all;
    EXPECT_EQ(page->accounts.size(), query.limit);
    query.after = page->accounts.back();
  }
}

TEST(MergedNeighbours, SnapshotAndDeltaAreOneList) {
  const uint32_t accounts = 40;
  const Lsn records = 600;
  std::vector<Change> log = RandomLog(5, accounts, records);
  // Accounts that the snapshot does not know are known to the delta only: no change before 301.
  for (Change& c : log) {
    if (c.lsn > 300) continue;
    for (AccountId* a : {&c.edge.src, &c.edge.dst}) {
      if ((accounts - 1 - Raw(*a)) % 7 == 6) *a = AccountId{Raw(*a) + 1};
    }
  }
  // Words brought later are never older.
  for (Change& c : log) c.edge.state_word += static_cast<uint32_t>(c.lsn > 300 ? 1000 << 2 : 0);
  const Snapshot snapshot = MakeSnapshot(log, accounts, 300);
  // Three layers: one packed, one that takes no more writes, one that does.
  Delta first;
  ApplyAll(log, 400, &first, 301);
  auto second = std::make_shared<Delta>(), third = std::make_shared<Delta>();
  ApplyAll(log, 440, second.get(), 401);
  ApplyAll(log, records, third.get(), 441);
  Overlay overlay;
  overlay.runs = {std::make_shared<DeltaRun>(first.Edges(), 400)};
  overlay.deltas = {second, third};
  EXPECT_EQ(overlay.After(400).runs.size(), 0u);
  EXPECT_EQ(overlay.After(440).deltas.size(), 1u);
  for (const Lsn lsn : {Lsn{400}, Lsn{401}, Lsn{450}, records}) {
    const GraphAt at{&snapshot, &overlay, lsn};
    for (uint32_t a = 0; a < accounts; ++a) {
      for (const Direction d : {Direction::kOut, Direction::kIn}) {
        std::vector<AccountId> want;
        for (const auto& [other, word] : Winners(log, AccountId{a}, lsn, 0, d)) {
          if (StateOf(word) == EdgeState::kActive) want.push_back(AccountId{other});
        }
        for (const uint64_t limit : {uint64_t{1}, uint64_t{3}, uint64_t{1000}}) {
          EXPECT_EQ(AllPages(at, {AccountId{a}, d, std::nullopt, limit}), want) << a << " " << lsn;
        }
        EXPECT_EQ(*MergedDegree(at, AccountId{a}, d), want.size());
      }
    }
  }
}

TEST(MergedNeighbours, HiddenAccountsAreNobodysNeighbours) {
  const uint32_t accounts = 20;
  std::vector<Change> log = RandomLog(8, accounts, 200);
  std::erase_if(log, [&](const Change& c) {
    return (accounts - 1 - Raw(c.edge.src)) % 7 == 6 || (accounts - 1 - Raw(c.edge.dst)) % 7 == 6;
  });
  for (Change& c : log) c.edge.state_word += static_cast<uint32_t>(c.lsn > 100 ? 1000 << 2 : 0);
  const Snapshot snapshot = MakeSnapshot(log, accounts, 100);
  auto delta = std::make_shared<Delta>();
  ApplyAll(log, 200, delta.get(), 101);
  Overlay overlay;
  overlay.deltas = {delta};
  const std::vector<AccountId> hidden = {AccountId{3}, AccountId{12}};
  const GraphAt at{&snapshot, &overlay, 200, hidden};
  for (uint32_t a = 0; a < accounts; ++a) {
    for (const Direction d : {Direction::kOut, Direction::kIn}) {
      std::vector<AccountId> want;
      for (const auto& [other, word] : Winners(log, AccountId{a}, 200, 0, d)) {
        if (a == 3 || a == 12 || other == 3 || other == 12) continue;
        if (StateOf(word) == EdgeState::kActive) want.push_back(AccountId{other});
      }
      EXPECT_EQ(AllPages(at, {AccountId{a}, d, std::nullopt, 2}), want);
      EXPECT_EQ(*MergedDegree(at, AccountId{a}, d), want.size());
    }
  }
}

TEST(MergedNeighbours, NothingYet) {
  EXPECT_TRUE(MergedNeighbours({}, {AccountId{3}})->accounts.empty());
  EXPECT_EQ(*MergedDegree({}, AccountId{3}, Direction::kIn), 0u);
  NeighbourQuery none{AccountId{3}};
  none.limit = 0;
  EXPECT_EQ(MergedNeighbours({}, none).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace halqa
