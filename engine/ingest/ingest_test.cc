#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/graph/neighbours.h"
#include "engine/ingest/bulk_import.h"
#include "engine/ingest/live_graph.h"
#include "engine/store/posting_list.h"

namespace halqa::ingest {
namespace {

constexpr UnixSeconds kNow = 1700000000;

class IngestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = (std::filesystem::temp_directory_path() / ("halqa_ingest_" + std::to_string(::getpid())))
               .string();
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void Open(bool create = true) {
    graph_.reset();
    auto graph = LiveGraph::Open(dir_, {.create_if_missing = create}, {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    graph_ = std::move(*graph);
  }
  static std::string Id(uint64_t i) { return "instagram:" + std::to_string(i); }
  absl::StatusOr<WriteAck> Follow(uint64_t a, uint64_t b, UnixSeconds t, bool removed = false) {
    WriteRequestBuilder builder;
    const std::string x = Id(a), y = Id(b);
    EXPECT_TRUE(builder.OnFollow({x, y, t, removed}).ok());
    return graph_->Write(builder.Take());
  }
  AccountId IdOf(uint64_t i) {
    const auto hash = store::HashExternalId(graph_->db().id_key(), Id(i));
    auto value = graph_->db().Get(store::Family::kExternalToId, store::AsBytes(hash));
    return value.ok() && value->has_value() ? AccountId{DecodeFixed32BE(**value)} : kNoAccount;
  }
  std::set<uint32_t> Neighbours(uint64_t account, Direction direction) {
    const auto epoch = graph_->epoch();
    auto page = MergedNeighbours(epoch->At(), {IdOf(account), direction});
    EXPECT_TRUE(page.ok()) << page.status();
    std::set<uint32_t> out;
    for (AccountId id : page->accounts) out.insert(Raw(id));
    return out;
  }
  std::string dir_;
  std::unique_ptr<LiveGraph> graph_;
};

TEST_F(IngestTest, AcknowledgedFollowIsVisibleAtOnceAndAfterReopenFoldAndReopen) {
  Open();
  ASSERT_TRUE(Follow(1, 2, kNow).ok());
  const std::set<uint32_t> two = {Raw(IdOf(2))};
  EXPECT_EQ(Neighbours(1, Direction::kOut), two);
  Open(false);
  EXPECT_EQ(Neighbours(1, Direction::kOut), two);
  RunContext run(1);
  ASSERT_TRUE(graph_->Fold(run).ok());
  EXPECT_EQ(graph_->epoch()->overlay.edges(), 0u);
  EXPECT_EQ(Neighbours(1, Direction::kOut), two);
  EXPECT_EQ(Neighbours(2, Direction::kIn), (std::set<uint32_t>{Raw(IdOf(1))}));
  Open(false);
  EXPECT_EQ(Neighbours(1, Direction::kOut), two);
}

// The store against a std::map of the newest event per pair, with random order, folds and reopens
// between.
TEST_F(IngestTest, RandomEventsFoldsAndReopensEqualAModel) {
  Open();
  CounterRng rng(5, 0);
  std::map<std::pair<uint64_t, uint64_t>, std::pair<int64_t, bool>> model;
  for (int step = 0; step < 400; ++step) {
    const uint64_t a = rng.Below(8), b = (a + 1 + rng.Below(7)) % 8;
    const int64_t t = kNow + static_cast<int64_t>(rng.Below(40));  // often late, often equal
    const bool removed = rng.Below(3) == 0;
    ASSERT_TRUE(Follow(a, b, t, removed).ok());
    auto& newest = model[{a, b}];
    newest = std::max(newest, {t, removed});
    if (rng.Below(25) == 0) {
      RunContext run(1);
      ASSERT_TRUE(graph_->Fold(run).ok());
    }
    if (rng.Below(60) == 0) Open(false);
    if (step % 20 != 0) continue;
    for (uint64_t v = 0; v < 8; ++v) {
      std::set<uint32_t> out, in;
      for (const auto& [pair, event] : model) {
        if (event.second) continue;
        if (pair.first == v) out.insert(Raw(IdOf(pair.second)));
        if (pair.second == v) in.insert(Raw(IdOf(pair.first)));
      }
      ASSERT_EQ(Neighbours(v, Direction::kOut), out) << "step " << step;
      ASSERT_EQ(Neighbours(v, Direction::kIn), in) << "step " << step;
    }
  }
}

TEST_F(IngestTest, RequestIdHasOneEffectAndRefusesOtherContent) {
  Open();
  const std::string request_id = absl::StrCat(std::time(nullptr), "-abc");
  auto make = [&](uint64_t b) {
    WriteRequestBuilder builder;
    const std::string x = Id(1), y = Id(b);
    EXPECT_TRUE(builder.OnFollow({x, y, kNow, false}).ok());
    WriteRequest r = builder.Take();
    r.request_id = request_id;
    return r;
  };
  auto first = graph_->Write(make(2));
  ASSERT_TRUE(first.ok());
  Open(false);
  auto again = graph_->Write(make(2));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->lsn, first->lsn);
  EXPECT_EQ(ErrorReason(graph_->Write(make(3)).status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Neighbours(1, Direction::kOut).size(), 1u);
}

TEST_F(IngestTest, RequestIdsCarryATimeAndExpire) {
  Open();
  auto reason = [&](const std::string& request_id) {
    WriteRequestBuilder builder;
    const std::string x = Id(1), y = Id(2);
    EXPECT_TRUE(builder.OnFollow({x, y, kNow, false}).ok());
    WriteRequest r = builder.Take();
    r.request_id = request_id;
    return ErrorReason(graph_->Write(std::move(r)).status());
  };
  const int64_t now = std::time(nullptr);
  EXPECT_EQ(reason("abc"), "REQUEST_ID_WITHOUT_TIME");
  EXPECT_EQ(reason(absl::StrCat(now - 90000, "-a")), "REQUEST_ID_EXPIRED");
  EXPECT_EQ(reason(absl::StrCat(now + 90000, "-a")), "TIME_IN_FUTURE");
  EXPECT_EQ(reason(absl::StrCat(now - 80000, "-a")), "");
  EXPECT_EQ(*RequestTime("018bcfe5-6800-7abc-8def-0123456789ab"), 1700000000);
  EXPECT_FALSE(RequestTime("018bcfe5-6800-4abc-8def-0123456789ab").has_value());
}

TEST_F(IngestTest, CursorsAreContiguous) {
  Open();
  auto send = [&](uint64_t cursor) {
    WriteRequestBuilder builder;
    const std::string x = Id(1), y = Id(100 + cursor);
    EXPECT_TRUE(builder.OnFollow({x, y, kNow, false}).ok());
    WriteRequest r = builder.Take();
    r.producer = "p";
    r.cursor = cursor;
    return graph_->Write(std::move(r));
  };
  ASSERT_TRUE(send(1).ok());
  auto gap = send(3);
  EXPECT_EQ(ErrorReason(gap.status()), "CURSOR_GAP");
  EXPECT_EQ(ErrorDetails(gap.status())["expected"], "2");
  ASSERT_TRUE(send(2).ok());
  auto old = send(1);
  ASSERT_TRUE(old.ok());
  EXPECT_TRUE(old->duplicate);
  EXPECT_EQ(Neighbours(1, Direction::kOut).size(), 2u);
}

TEST_F(IngestTest, BadBatchNamesTheRowAndChangesNothing) {
  Open();
  WriteRequestBuilder builder;
  const std::string a = Id(1), b = Id(2), broken = "no-platform";
  ASSERT_TRUE(builder.OnFollow({a, b, kNow, false}).ok());
  ASSERT_TRUE(builder.OnFollow({b, b, kNow, false}).ok());
  auto s = graph_->Write(builder.Take()).status();
  EXPECT_EQ(ErrorReason(s), "SELF_LOOP");
  EXPECT_EQ(ErrorDetails(s)["field"], "follows[1].followee");
  ASSERT_TRUE(builder.OnFollow({a, broken, kNow, false}).ok());
  EXPECT_EQ(ErrorReason(graph_->Write(builder.Take()).status()), "INVALID_EXTERNAL_ID");
  EXPECT_EQ(ErrorReason(Follow(1, 2, 4000000000).status()), "TIME_IN_FUTURE");
  EXPECT_EQ(graph_->epoch()->tail.lsn, 0u);
  EXPECT_EQ(graph_->epoch()->accounts, 0u);
}

TEST_F(IngestTest, DamagedSnapshotIsRebuiltAndAHoleInTheLogIsDataLoss) {
  Open();
  ASSERT_TRUE(Follow(1, 2, kNow).ok());
  RunContext run(1);
  ASSERT_TRUE(graph_->Fold(run).ok());
  for (int i = 3; i < 6; ++i) ASSERT_TRUE(Follow(1, i, kNow + i).ok());
  const auto all = Neighbours(1, Direction::kOut);
  graph_.reset();
  for (const auto& file : std::filesystem::directory_iterator(dir_ + "/snapshots")) {
    std::filesystem::resize_file(file, 100);
  }
  Open(false);
  EXPECT_EQ(Neighbours(1, Direction::kOut), all);
  store::Batch hole;
  hole.Delete(store::Family::kChange, store::LsnKey(3));
  ASSERT_TRUE(graph_->db().Write(hole, store::Durability::kSync).ok());
  graph_.reset();
  EXPECT_EQ(ErrorReason(LiveGraph::Open(dir_, {}, {}).status()), "LOG_HOLE");
}

TEST_F(IngestTest, BulkImportEqualsTheWritePath) {
  CounterRng rng(9, 0);
  struct Event {
    uint64_t a, b;
    int64_t t;
    bool removed;
  };
  std::vector<Event> events;
  for (int i = 0; i < 500; ++i) {
    const uint64_t a = rng.Below(20);
    events.push_back({a, (a + 1 + rng.Below(19)) % 20, kNow + static_cast<int64_t>(rng.Below(9)),
                      rng.Below(4) == 0});
  }
  BulkImporter importer({});
  AccountRecord star;
  star.external_id = Id(3);
  star.handle = "star";
  star.is_public = true;
  star.declared_followers = 5000;
  ASSERT_TRUE(importer.OnAccount(star).ok());
  for (const Event& e : events) {
    const std::string x = Id(e.a), y = Id(e.b);
    ASSERT_TRUE(importer.OnFollow({x, y, e.t, e.removed}).ok());
  }
  RunContext run(2);
  auto report = importer.Finish(dir_, run);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->accounts, 20u);
  EXPECT_EQ(report->named_accounts, 1u);
  Open(false);
  std::map<uint64_t, std::set<uint32_t>> bulk;
  auto names = [&](uint64_t v) {
    std::set<uint32_t> out;  // native ids, so that both stores can be compared
    const auto ids = Neighbours(v, Direction::kOut);
    for (uint64_t w = 0; w < 20; ++w) {
      if (ids.count(Raw(IdOf(w))) > 0) out.insert(static_cast<uint32_t>(w));
    }
    return out;
  };
  for (uint64_t v = 0; v < 20; ++v) bulk[v] = names(v);
  auto row =
      store::DecodeAccount(**graph_->db().Get(store::Family::kAccount, store::AccountKey(IdOf(3))));
  EXPECT_TRUE(row->named);
  EXPECT_EQ(row->record.external_id, Id(3));
  graph_.reset();
  std::filesystem::remove_all(dir_);
  Open();
  for (const Event& e : events) ASSERT_TRUE(Follow(e.a, e.b, e.t, e.removed).ok());
  for (uint64_t v = 0; v < 20; ++v) EXPECT_EQ(names(v), bulk[v]) << v;
}

std::map<std::string, std::string> AllPostings(const store::Store& db) {
  std::map<std::string, std::string> out;
  EXPECT_TRUE(
      db.Scan(store::Family::kPostings, "", "", [&](absl::string_view k, absl::string_view v) {
          out[std::string(k)] = std::string(v);
          return true;
        }).ok());
  return out;
}

// The index of the write path, changed step by step, says the same as the one of a bulk import of
// the final state.
TEST_F(IngestTest, StepwiseIndexEqualsBulkIndex) {
  auto profile = [](absl::string_view bio) {
    AccountRecord a;
    a.external_id = "instagram:1";
    a.is_public = true;
    a.declared_followers = 5000;
    a.bio = std::string(bio);
    return a;
  };
  PostRecord post;
  post.external_id = "instagram:p1";
  post.author = "instagram:1";
  post.time = kNow;
  post.text = "وصفة جديدة #chhiwat";
  Open();
  for (absl::string_view bio : {"football et voyages", "cuisine marocaine"}) {
    WriteRequestBuilder builder;
    ASSERT_TRUE(builder.OnAccount(profile(bio)).ok());
    ASSERT_TRUE(graph_->Write(builder.Take()).ok());
  }
  WriteRequestBuilder builder;
  ASSERT_TRUE(builder.OnPost(post).ok());
  ASSERT_TRUE(graph_->Write(builder.Take()).ok());
  auto users = [&](const std::map<std::string, std::string>& postings) {
    std::map<std::string, std::array<uint8_t, store::kPostingFields>> out;
    for (const auto& [term, bytes] : postings) {
      auto list = store::DecodePostings(bytes);
      EXPECT_TRUE(list.ok());
      for (const auto& p : *list) {
        if (!p.tombstone()) out[term] = p.tf;
      }
    }
    return out;
  };
  const auto stepwise = users(AllPostings(graph_->db()));
  const auto sums = *graph_->db().Get(store::Family::kMeta, store::meta::kIndexStatistics);
  EXPECT_EQ(stepwise.count(text::ExactTerm("cuisine")), 1u);
  EXPECT_EQ(stepwise.count("t:food"), 1u);
  EXPECT_EQ(stepwise.count(text::ExactTerm("football")), 0u);
  graph_.reset();
  std::filesystem::remove_all(dir_);
  BulkImporter importer({});
  ASSERT_TRUE(importer.OnAccount(profile("cuisine marocaine")).ok());
  ASSERT_TRUE(importer.OnPost(post).ok());
  RunContext run(2);
  ASSERT_TRUE(importer.Finish(dir_, run).ok());
  Open(false);
  EXPECT_EQ(users(AllPostings(graph_->db())), stepwise);
  EXPECT_EQ(*graph_->db().Get(store::Family::kMeta, store::meta::kIndexStatistics), sums);
}

// A post sent again, changed or not, and posts beyond the document's limit keep the index sums
// exact.
TEST_F(IngestTest, RepeatedAndManyPostsKeepTheSumsExact) {
  Open();
  AccountRecord author;
  author.external_id = "instagram:1";
  author.opted_in = true;
  WriteRequestBuilder builder;
  ASSERT_TRUE(builder.OnAccount(author).ok());
  ASSERT_TRUE(graph_->Write(builder.Take()).ok());
  CounterRng rng(21, 0);
  std::vector<PostRecord> posts;
  for (int i = 0; i < 120; ++i) {
    PostRecord post;
    post.external_id = "instagram:p" + std::to_string(rng.Below(70));
    post.author = author.external_id;
    post.time = kNow + static_cast<int64_t>(rng.Below(60));
    post.text = "mot" + std::to_string(rng.Below(9)) + " recette";
    posts.push_back(post);
    ASSERT_TRUE(builder.OnPost(post).ok());
    if (rng.Below(3) == 0) {
      ASSERT_TRUE(graph_->Write(builder.Take()).ok());
    }
  }
  if (builder.request().rows() > 0) {
    ASSERT_TRUE(graph_->Write(builder.Take()).ok());
  }
  auto sums = index::IndexStatistics::Decode(
      **graph_->db().Get(store::Family::kMeta, store::meta::kIndexStatistics));
  ASSERT_TRUE(sums.ok());
  auto stored = LoadPosts(graph_->db(), IdOf(1));
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->size(), kDocumentPostsMax);
  store::AccountRow row{author, true, 1};
  index::IndexStatistics expected;
  expected.Add(AnalyzeRow(row, *stored, text::Taxonomy::Default()));
  EXPECT_EQ(*sums, expected);
}

TEST_F(IngestTest, TheSameInputAfterABulkImportIsFoundStored) {
  BulkImportOptions options;
  options.producer = "import-1";
  BulkImporter importer(options);
  ASSERT_TRUE(importer.OnFollow({"instagram:1", "instagram:2", kNow, false}).ok());
  RunContext run(1);
  ASSERT_TRUE(importer.Finish(dir_ + "/", run).ok());  // the slash is no directory of its own
  Open(false);
  for (uint64_t cursor : {1, 2, 3}) {
    WriteRequestBuilder builder;
    ASSERT_TRUE(builder.OnFollow({"instagram:1", "instagram:3", kNow, false}).ok());
    WriteRequest request = builder.Take();
    request.producer = "import-1";
    request.cursor = cursor;
    auto ack = graph_->Write(std::move(request));
    ASSERT_TRUE(ack.ok()) << ack.status();
    EXPECT_TRUE(ack->duplicate);
  }
  EXPECT_EQ(graph_->epoch()->accounts, 2u);
}

TEST_F(IngestTest, BulkImportRefusesWhatTheWriterRefusesAndKeepsNothingOfIt) {
  BulkImporter importer({});
  const UnixSeconds future = std::time(nullptr) + 2 * kFutureSecondsMax;
  EXPECT_EQ(ErrorReason(importer.OnFollow({"x:1", "x:2", future, false})), "TIME_IN_FUTURE");
  EXPECT_EQ(ErrorReason(importer.OnFollow({"x:1", "x:1", kNow, false})), "SELF_LOOP");
  EXPECT_EQ(ErrorReason(importer.OnFollow({"x:1", "bad", kNow, false})), "INVALID_EXTERNAL_ID");
  EXPECT_EQ(ErrorReason(importer.OnFollow({"bad", "x:1", kNow, false})), "INVALID_EXTERNAL_ID");
  InteractionRecord like;
  like.actor = "x:1";
  like.target = "x:2";
  like.time = future;
  EXPECT_EQ(ErrorReason(importer.OnInteraction(like)), "TIME_IN_FUTURE");
  ASSERT_TRUE(importer.OnFollow({"x:3", "x:4", kNow, false}).ok());
  RunContext run(1);
  auto report = importer.Finish(dir_, run);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->accounts, 2u);
}

// An account that its known followers named at import keeps its name when its profile is updated,
// and loses name and texts when it goes private, those of the same group of batches included.
TEST_F(IngestTest, ANameStaysWhilePublicAndTextsGoWithIt) {
  BulkImportOptions options;
  options.settings.name_threshold = 2;
  BulkImporter importer(options);
  AccountRecord star;
  star.external_id = Id(1);
  star.bio = "cuisine";
  star.is_public = true;
  star.provenance.collected_at = kNow;  // the updates below do not say when: they are newer
  PostRecord post;
  post.external_id = "instagram:p1";
  post.author = Id(1);
  post.time = kNow;
  post.text = "recette";
  ASSERT_TRUE(importer.OnAccount(star).ok());
  ASSERT_TRUE(importer.OnPost(post).ok());
  for (uint64_t fan : {2, 3}) ASSERT_TRUE(importer.OnFollow({Id(fan), Id(1), kNow, false}).ok());
  RunContext run(1);
  ASSERT_TRUE(importer.Finish(dir_, run).ok());
  Open(false);
  auto write = [&](const AccountRecord& profile, bool with_post) {
    WriteRequestBuilder builder;
    EXPECT_TRUE(builder.OnAccount(profile).ok());
    post.external_id = "instagram:p2";
    if (with_post) {
      EXPECT_TRUE(builder.OnPost(post).ok());
    }
    ASSERT_TRUE(graph_->Write(builder.Take()).ok());
  };
  auto row = [&] {
    return *store::DecodeAccount(
        **graph_->db().Get(store::Family::kAccount, store::AccountKey(IdOf(1))));
  };
  AccountRecord update;
  update.external_id = Id(1);
  update.bio = "cuisine marocaine";
  write(update, true);
  EXPECT_TRUE(row().named);
  EXPECT_EQ(LoadPosts(graph_->db(), IdOf(1))->size(), 2u);
  update.is_public = false;
  write(update, false);
  EXPECT_FALSE(row().named);
  EXPECT_EQ(LoadPosts(graph_->db(), IdOf(1))->size(), 0u);
  auto sums = index::IndexStatistics::Decode(
      **graph_->db().Get(store::Family::kMeta, store::meta::kIndexStatistics));
  EXPECT_EQ(sums->weighted_length, 0u);
  // Whoever writes to the pseudonym reaches the same account, and cannot name it.
  AccountRecord by_pseudonym;
  by_pseudonym.external_id = row().record.external_id;
  by_pseudonym.opted_in = true;
  by_pseudonym.bio = "x";
  const uint32_t accounts = graph_->epoch()->accounts;
  write(by_pseudonym, false);
  EXPECT_EQ(graph_->epoch()->accounts, accounts);
  EXPECT_FALSE(row().named);
  EXPECT_EQ(row().record.external_id, by_pseudonym.external_id);
  // Under another platform's name it is somebody else, who cannot be named either.
  by_pseudonym.external_id = "tiktok:" + by_pseudonym.external_id.substr(10);
  write(by_pseudonym, false);
  EXPECT_EQ(graph_->epoch()->accounts, accounts + 1);
  EXPECT_FALSE(row().named);
}

// A named account that is written to by its old pseudonym keeps its own id, and its pseudonym when
// it turns private.
TEST_F(IngestTest, AnOldPseudonymStillMeansTheNamedAccount) {
  Open();
  auto write = [&](const std::string& id, std::optional<bool> opted_in, std::optional<bool> open) {
    AccountRecord profile;
    profile.external_id = id;
    profile.opted_in = opted_in;
    profile.is_public = open;
    WriteRequestBuilder builder;
    EXPECT_TRUE(builder.OnAccount(profile).ok());
    ASSERT_TRUE(graph_->Write(builder.Take()).ok());
  };
  auto row = [&] {
    return *store::DecodeAccount(
        **graph_->db().Get(store::Family::kAccount, store::AccountKey(IdOf(1))));
  };
  write(Id(1), std::nullopt, true);
  const std::string pseudonym = row().record.external_id;
  EXPECT_NE(pseudonym, Id(1));
  write(Id(1), true, std::nullopt);
  EXPECT_TRUE(row().named);
  write(pseudonym, std::nullopt, true);
  EXPECT_TRUE(row().named);
  EXPECT_EQ(row().record.external_id, Id(1));
  // Consent withdrawn: public, but nothing else names it.
  write(pseudonym, false, std::nullopt);
  EXPECT_FALSE(row().named);
  EXPECT_EQ(row().record.external_id, pseudonym);
  EXPECT_EQ(graph_->epoch()->accounts, 1u);
}

TEST_F(IngestTest, PrivatePeopleLeaveNoNameBehind) {
  Open();
  WriteRequestBuilder builder;
  AccountRecord person;
  person.external_id = "instagram:secret_person";
  person.handle = "secret_handle";
  person.bio = "secret_bio";
  person.is_public = false;
  ASSERT_TRUE(builder.OnAccount(person).ok());
  ASSERT_TRUE(builder.OnFollow({"instagram:secret_person", "instagram:7", kNow, false}).ok());
  ASSERT_TRUE(graph_->Write(builder.Take()).ok());
  ASSERT_TRUE(graph_->db().Flush().ok());
  graph_.reset();
  for (const auto& file : std::filesystem::recursive_directory_iterator(dir_)) {
    if (!file.is_regular_file()) continue;
    FILE* f = std::fopen(file.path().c_str(), "rb");
    std::string bytes(std::filesystem::file_size(file), '\0');
    ASSERT_EQ(std::fread(bytes.data(), 1, bytes.size(), f), bytes.size());
    std::fclose(f);
    EXPECT_EQ(bytes.find("secret_"), std::string::npos) << file.path();
  }
}

}  // namespace
}  // namespace halqa::ingest
