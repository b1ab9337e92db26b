// The graph against a model in a std::map while everything happens to it: late events, removals,
// folds, snapshots, reopens, erased and merged accounts, undone imports, forgotten history.

#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/graph/neighbours.h"
#include "engine/ingest/find_account.h"
#include "engine/ingest/live_graph.h"
#include "engine/projection/projection.h"

namespace halqa::ingest {
namespace {

constexpr uint64_t kAccounts = 12;
constexpr UnixSeconds kStart = 1700000000;

std::string Id(uint64_t i) { return absl::StrCat("instagram:", i); }

// An event: time and whether it removes; newest and then removals win.
struct Event {
  UnixSeconds time;
  bool removed;
  std::string producer;
  auto operator<=>(const Event&) const = default;
};

class Model {
 public:
  void Add(uint64_t a, uint64_t b, const Event& event) {
    a = Canonical(a), b = Canonical(b);
    if (a != b && !erased_.contains(a) && !erased_.contains(b)) events_[{a, b}].insert(event);
  }
  void Erase(uint64_t a) {
    a = Canonical(a);
    erased_.insert(a);
    std::erase_if(events_,
                  [&](const auto& e) { return e.first.first == a || e.first.second == a; });
  }
  void Merge(uint64_t alias, uint64_t canonical) {
    alias = Canonical(alias), canonical = Canonical(canonical);
    if (alias == canonical || erased_.contains(alias) || erased_.contains(canonical)) return;
    for (auto& [from, to] : aliases_) {
      if (to == alias) to = canonical;
    }
    aliases_[alias] = canonical;
    const auto before = std::exchange(events_, {});
    for (const auto& [pair, events] : before) {
      for (const Event& e : events) Add(pair.first, pair.second, e);
    }
  }
  void Undo(const std::string& producer) {
    for (auto& [pair, events] : events_)
      std::erase_if(events, [&](const Event& e) { return e.producer == producer; });
  }
  bool Gone(uint64_t a) const { return erased_.contains(Canonical(a)); }
  uint64_t Canonical(uint64_t a) const {
    auto it = aliases_.find(a);
    return it == aliases_.end() ? a : it->second;
  }
  // Active pairs as of a time.
  std::set<std::pair<uint64_t, uint64_t>> Active(UnixSeconds as_of) const {
    std::set<std::pair<uint64_t, uint64_t>> active;
    for (const auto& [pair, events] : events_) {
      const Event* newest = nullptr;
      for (const Event& e : events) {
        if (e.time > as_of) continue;
        if (newest == nullptr ||
            std::tie(e.time, e.removed) > std::tie(newest->time, newest->removed))
          newest = &e;
      }
      if (newest != nullptr && !newest->removed) active.insert(pair);
    }
    return active;
  }

 private:
  std::map<std::pair<uint64_t, uint64_t>, std::set<Event>> events_;
  std::map<uint64_t, uint64_t> aliases_;
  std::set<uint64_t> erased_;
};

class ModelTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  using Pairs = std::set<std::pair<uint64_t, uint64_t>>;

  void SetUp() override {
    dir_ = (std::filesystem::temp_directory_path() / absl::StrCat("halqa_model_", ::getpid()))
               .string();
    std::filesystem::remove_all(dir_);
    Open();
  }
  void TearDown() override {
    graph_.reset();
    std::filesystem::remove_all(dir_);
  }
  void Open() {
    graph_.reset();
    LiveGraphOptions options;
    options.threads = 2;
    auto graph = LiveGraph::Open(dir_, {.create_if_missing = true}, options);
    ASSERT_TRUE(graph.ok()) << graph.status();
    graph_ = std::move(*graph);
    RememberIds();
  }
  void RememberIds() {
    for (uint64_t i = 0; i < kAccounts; ++i) {
      const auto id = FindAccount(graph_->db(), Id(i));
      ASSERT_TRUE(id.ok());
      // An alias leads to the account it was merged into, which has a number of its own.
      if (*id) number_.try_emplace(Raw(**id), i);
    }
  }
  void Follow(uint64_t a, uint64_t b, const Event& event) {
    WriteRequestBuilder builder;
    const std::string x = Id(a), y = Id(b);
    ASSERT_TRUE(builder.OnFollow({x, y, event.time, event.removed}).ok());
    WriteRequest request = builder.Take();
    request.producer = event.producer;
    if (!event.producer.empty()) request.cursor = ++cursors_[event.producer];
    request.relaxed = event.time % 3 == 0;
    const auto ack = graph_->Write(std::move(request));
    ASSERT_TRUE(ack.ok()) << ack.status();
    RememberIds();
  }
  // Pairs as the readers of an epoch see them, found in one direction.
  Pairs Seen(Direction direction) {
    const auto epoch = graph_->epoch();
    Pairs pairs;
    for (const auto& [id, i] : number_) {
      if (epoch->Hidden(AccountId{id})) continue;
      const auto page = MergedNeighbours(epoch->At(), {AccountId{id}, direction});
      EXPECT_TRUE(page.ok());
      for (const AccountId other : page->accounts) {
        const uint64_t j = number_.at(Raw(other));
        pairs.insert(direction == Direction::kOut ? std::pair{i, j} : std::pair{j, i});
      }
      EXPECT_EQ(*MergedDegree(epoch->At(), AccountId{id}, direction), page->accounts.size());
    }
    return pairs;
  }
  // Pairs that a projection of the store gives.
  Pairs Projected(UnixSeconds as_of) {
    RunContext run(2);
    projection::ProjectionOptions options;
    options.as_of = as_of;
    const auto view = graph_->db().NewView();
    const auto p = projection::BuildProjection(graph_->db(), view.get(), graph_->epoch()->accounts,
                                               options, run);
    EXPECT_TRUE(p.ok()) << p.status();
    Pairs pairs;
    const CsrView csr = p->graph.View();
    for (uint32_t v = 0; v < csr.vertices; ++v) {
      for (uint64_t e = csr.out_offsets[v]; e < csr.out_offsets[v + 1]; ++e) {
        pairs.insert({number_.at(Raw(p->vertex_to_account[v])),
                      number_.at(Raw(p->vertex_to_account[csr.out_targets[e]]))});
      }
    }
    return pairs;
  }
  std::string dir_;
  std::unique_ptr<LiveGraph> graph_;
  std::map<uint32_t, uint64_t> number_;  // account -> our number
  std::map<std::string, uint64_t> cursors_;
};

TEST_P(ModelTest, EverythingThatCanHappen) {
  CounterRng rng(GetParam(), 0);
  Model model;
  std::set<std::string> undone;
  RunContext run(2);
  for (int step = 0; step < 300; ++step) {
    const uint64_t a = rng.Below(kAccounts), b = (a + 1 + rng.Below(kAccounts - 1)) % kAccounts;
    const uint64_t what = rng.Below(100);
    if (what < 86) {
      Event event{kStart + static_cast<int64_t>(rng.Below(50)) * 3600, rng.Below(3) == 0, ""};
      if (rng.Below(2) == 0) event.producer = absl::StrCat("p", rng.Below(4));
      if (undone.contains(event.producer)) continue;
      Follow(a, b, event);
      model.Add(a, b, event);
    } else if (what < 90) {
      ASSERT_TRUE(graph_->FoldOnly(run).ok());
    } else if (what < 94) {
      ASSERT_TRUE(graph_->Fold(run).ok());
    } else if (what < 96) {
      ASSERT_TRUE(graph_->Sync().ok());
      Open();
    } else if (what == 96 && step > 100) {
      ASSERT_TRUE(graph_->Write(EraseRequest{Id(a)}).ok());
      model.Erase(a);
    } else if (what == 97 && step > 50 && !model.Gone(a) && !model.Gone(b)) {
      ASSERT_TRUE(graph_->Write(AliasRequest{Id(a), Id(b)}).ok());
      RememberIds();
      model.Merge(a, b);
      ASSERT_TRUE(graph_->Fold(run).ok());  // a merge is whole with the next snapshot
    } else if (what == 98 && step > 150) {
      const std::string producer = absl::StrCat("p", rng.Below(4));
      const auto sources = SourceTable::Load(graph_->db());
      ASSERT_TRUE(sources.ok());
      if (!sources->numbers.contains(producer)) continue;
      ASSERT_TRUE(graph_->UndoImport(sources->numbers.at(producer), run).ok());
      model.Undo(producer);
      undone.insert(producer);
    } else if (what == 99) {
      ASSERT_TRUE(graph_->Purge(0, run).ok());
    }
    const Pairs want = model.Active(kStart + 1000 * 3600);
    ASSERT_EQ(Seen(Direction::kOut), want) << "seed " << GetParam() << " step " << step;
    ASSERT_EQ(Seen(Direction::kIn), want) << "seed " << GetParam() << " step " << step;
    if (step % 30 != 0) continue;
    ASSERT_TRUE(graph_->FoldOnly(run).ok());
    for (const int64_t hour : {0, 13, 30, 1000}) {
      const UnixSeconds as_of = kStart + hour * 3600;
      ASSERT_EQ(Projected(as_of), model.Active(as_of)) << "seed " << GetParam() << " step " << step;
    }
  }
}

// From the horizon on, every moment is what it was; before it, events are refused.
TEST_P(ModelTest, AHorizonForgetsThePastOnly) {
  CounterRng rng(GetParam(), 1);
  Model model;
  RunContext run(2);
  for (int step = 0; step < 200; ++step) {
    const uint64_t a = rng.Below(kAccounts), b = (a + 1 + rng.Below(kAccounts - 1)) % kAccounts;
    const Event event{kStart + static_cast<int64_t>(rng.Below(50)) * 3600, rng.Below(2) == 0, ""};
    Follow(a, b, event);
    model.Add(a, b, event);
    if (rng.Below(20) != 0) continue;
    ASSERT_TRUE(graph_->FoldOnly(run).ok());
  }
  const UnixSeconds horizon = kStart + 25 * 3600;
  const uint64_t before = graph_->db().SstBytes(store::Family::kFollowOut);
  ASSERT_TRUE(graph_->Purge(horizon, run).ok());
  EXPECT_LT(graph_->db().SstBytes(store::Family::kFollowOut), before);
  for (const int64_t hour : {25, 30, 49, 1000}) {
    const UnixSeconds as_of = kStart + hour * 3600;
    ASSERT_EQ(Projected(as_of), model.Active(as_of)) << "seed " << GetParam() << " " << hour;
  }
  Open();
  EXPECT_EQ(Seen(Direction::kOut), model.Active(kStart + 1000 * 3600));
  WriteRequestBuilder builder;
  const std::string x = Id(1), y = Id(2);
  ASSERT_TRUE(builder.OnFollow({x, y, horizon - 1, false}).ok());
  EXPECT_EQ(ErrorReason(graph_->Write(builder.Take()).status()), "EVENT_TOO_OLD");
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Range(uint64_t{1}, uint64_t{7}));

}  // namespace
}  // namespace halqa::ingest
