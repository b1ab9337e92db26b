#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/formats/byte_sink.h"
#include "engine/formats/formats.h"
#include "engine/formats/mapping.h"
#include "engine/formats/mapping_reader.h"
#include "engine/formats/ndjson_writer.h"

namespace halqa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string Data(absl::string_view path) {
  return absl::StrCat(HALQA_SOURCE_DIR, "/tests/data/", path);
}

// Keeps what it is given, edges as "a>b".
class Collector : public RecordVisitor {
 public:
  absl::Status OnAccount(const AccountRecord& r) override {
    accounts[r.external_id] = r;
    return absl::OkStatus();
  }
  absl::Status OnFollow(const FollowRecord& r) override {
    follows.push_back(absl::StrCat(r.follower, ">", r.followee));
    times.push_back(r.time);
    return absl::OkStatus();
  }
  absl::Status OnInteraction(const InteractionRecord& r) override {
    interactions.push_back(
        absl::StrCat(r.actor, ">", r.target, " ", InteractionKindName(r.kind), " ", r.count));
    return absl::OkStatus();
  }
  absl::Status OnPost(const PostRecord& r) override {
    posts.push_back(r);
    return absl::OkStatus();
  }
  std::map<std::string, AccountRecord> accounts;
  std::vector<std::string> follows, interactions;
  std::vector<UnixSeconds> times;
  std::vector<PostRecord> posts;
};

ReadStats MustRead(const std::string& format, const std::string& path, Collector* out,
                   ReadOptions options = {}) {
  auto stats = ReadRecords(format, {path}, options, *out);
  EXPECT_TRUE(stats.ok()) << stats.status();
  return stats.ok() ? *stats : ReadStats();
}

absl::Status ReadError(const std::string& format, const std::string& path) {
  Collector out;
  return ReadRecords(format, {path}, {}, out).status();
}

TEST(Mappings, AllParseAndAreListed) {
  std::vector<std::string> names;
  for (const auto& [name, description] : MappingNames()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("ego_twitter", "facebook_pages", "french_office",
                                 "instagram_archive", "meta_csv", "shortlist", "standard",
                                 "timme_politicians", "twitch_musae", "x_archive", "youtube_csv"));
  for (const EmbeddedMapping& m : EmbeddedMappings()) {
    const auto parsed = ParseMapping(m.toml, m.name);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->name, m.name);
    EXPECT_FALSE(parsed->description.empty());
  }
}

TEST(Mappings, EgoTwitter) {
  Collector c;
  const ReadStats stats = MustRead("ego_twitter", Data("ego_twitter"), &c);
  EXPECT_THAT(c.accounts["twitter:101"].hashtags, ElementsAre("Tajine", "couscous", "halqa"));
  EXPECT_EQ(c.accounts["twitter:101"].is_public, true);
  EXPECT_THAT(c.accounts["twitter:103"].lists, ElementsAre("circle 101/0"));
  EXPECT_THAT(c.accounts["twitter:104"].lists, ElementsAre("circle 101/1"));
  EXPECT_THAT(c.follows, ElementsAre("twitter:101>twitter:102", "twitter:102>twitter:103",
                                     "twitter:103>twitter:101"));
  EXPECT_EQ(stats.self_loops_dropped, 1u);
  EXPECT_EQ(stats.accounts, 4u);
}

TEST(Mappings, TwitchMusae) {
  Collector c;
  MustRead("twitch_musae", Data("twitch_musae"), &c);
  EXPECT_EQ(c.accounts.size(), 5u);
  const AccountRecord& a = c.accounts["twitch:FR-0"];
  EXPECT_THAT(a.languages, ElementsAre("fr"));
  EXPECT_THAT(a.hashtags, ElementsAre("f3", "f14"));
  EXPECT_EQ(a.attributes.at("views"), "775");
  EXPECT_EQ(c.accounts["twitch:FR-1"].attributes.at("partner"), "True");
  EXPECT_EQ(c.follows.size(), 6u);  // both ways
  EXPECT_THAT(c.follows, testing::Contains("twitch:RU-1>twitch:RU-0"));
}

TEST(Mappings, FacebookPages) {
  Collector c;
  const ReadStats stats = MustRead("facebook_pages", Data("facebook_pages"), &c);
  EXPECT_EQ(*c.accounts["facebook:70001"].display_name, "Halqa, la page");
  EXPECT_THAT(c.accounts["facebook:70001"].hashtags, ElementsAre("w7", "w8"));
  EXPECT_EQ(*c.accounts["facebook:70002"].category, "tvshow");
  EXPECT_THAT(c.follows,
              ElementsAre("facebook:70001>facebook:70002", "facebook:70002>facebook:70001",
                          "facebook:70002>facebook:70003", "facebook:70003>facebook:70002"));
  EXPECT_EQ(stats.self_loops_dropped, 1u);
}

TEST(Mappings, TimmePoliticians) {
  Collector c;
  const ReadStats stats = MustRead("timme_politicians", Data("timme_politicians"), &c);
  EXPECT_EQ(c.accounts["twitter:501"].attributes.at("party"), "R");
  EXPECT_EQ(c.accounts["twitter:502"].handle, "BobInv");
  EXPECT_EQ(stats.duplicates_dropped, 1u);
  EXPECT_EQ(c.follows.size(), 2u);
  EXPECT_THAT(c.interactions,
              ElementsAre("twitter:501>twitter:502 like 4", "twitter:501>twitter:502 mention 2",
                          "twitter:502>twitter:501 share 8", "twitter:501>twitter:502 reply 3"));
  EXPECT_EQ(stats.self_loops_dropped, 2u);
}

TEST(Mappings, FrenchOfficeReadsTheSameInEveryEncoding) {
  for (absl::string_view file : {"windows-1252.csv", "utf-16.csv", "utf-8.csv"}) {
    Collector c;
    MustRead("french_office", Data(absl::StrCat("french_office/", file)), &c);
    ASSERT_EQ(c.accounts.size(), 3u) << file;
    const AccountRecord& a = c.accounts["instagram:amal.zaytoun"];
    EXPECT_EQ(a.handle, "Amal.Zaytoun");
    EXPECT_EQ(a.category, "Pâtisserie");
    EXPECT_EQ(a.city, "Fès");
    EXPECT_EQ(a.declared_followers, 12500u);
    EXPECT_EQ(a.verified, true);
    EXPECT_EQ(a.attributes.at("engagement"), "4,2 %");
    EXPECT_EQ(a.provenance.collected_at, 1759449600);
    ASSERT_EQ(a.prices.size(), 2u);
    for (const Price& p : a.prices) {
      EXPECT_EQ(p.currency, "MAD");
      EXPECT_EQ(p.amount_micros, p.format == "story" ? 1'500'000'000 : 2'500'500'000);
    }
    EXPECT_EQ(c.accounts["tiktok:redaatlas"].declared_followers, 1250300u);
    const AccountRecord& k = c.accounts["youtube:UCinvented01"];
    EXPECT_EQ(k.display_name, "Kenza; la vraie");
    EXPECT_EQ(k.category, "Cuisine \"maison\"");
    EXPECT_EQ(k.declared_followers, 3400000u);
    ASSERT_EQ(k.prices.size(), 1u);
    EXPECT_EQ(k.prices[0].currency, "EUR");
    EXPECT_FALSE(k.verified.has_value()) << "unknown is not no";
  }
}

TEST(Mappings, Archives) {
  Collector insta;
  MustRead("instagram_archive", Data("instagram_archive"), &insta);
  EXPECT_THAT(insta.follows, ElementsAre("instagram:halqa.owner>instagram:amal.zaytoun",
                                         "instagram:halqa.owner>instagram:reda_atlas",
                                         "instagram:nour.qamar>instagram:halqa.owner"));
  EXPECT_EQ(insta.times[0], 1664755200);
  Collector named;
  ReadOptions options;
  options.variables["owner"] = "me";
  MustRead("instagram_archive", Data("instagram_archive/following.json"), &named, options);
  EXPECT_EQ(named.follows[0], "instagram:me>instagram:amal.zaytoun");
  EXPECT_EQ(ErrorReason(ReadError("instagram_archive", Data("instagram_archive/following.json"))),
            "MISSING_VARIABLE");
  Collector x;
  MustRead("x_archive", Data("x_archive"), &x);
  EXPECT_THAT(x.follows, ElementsAre("twitter:900>twitter:901", "twitter:900>twitter:902",
                                     "twitter:903>twitter:900"));
  ASSERT_EQ(x.posts.size(), 1u);
  EXPECT_EQ(x.posts[0].author, "twitter:900");
  EXPECT_EQ(x.posts[0].time, 1539202764);
  EXPECT_EQ(x.posts[0].metrics.at("likes"), 12u);
}

TEST(Mappings, PlatformExports) {
  Collector meta;
  const ReadStats stats = MustRead("meta_csv", Data("meta_csv"), &meta);
  EXPECT_EQ(meta.accounts["instagram:3001"].handle, "amal.zaytoun");
  EXPECT_EQ(stats.duplicates_dropped, 1u);
  ASSERT_EQ(meta.posts.size(), 2u);
  EXPECT_EQ(meta.posts[0].text, "Tajine du jour\n#chhiwat");
  EXPECT_EQ(meta.posts[0].metrics.at("views"), 1200u);
  EXPECT_EQ(meta.posts[0].media_kind, "image");
  EXPECT_EQ(meta.posts[1].time, 1759601100);
  Collector youtube;
  ReadOptions options;
  options.variables["owner"] = "UCinvented01";
  const ReadStats y = MustRead("youtube_csv", Data("youtube_csv"), &youtube, options);
  EXPECT_EQ(y.rows_skipped, 1u);
  ASSERT_EQ(youtube.posts.size(), 2u);
  EXPECT_EQ(youtube.posts[0].author, "youtube:UCinvented01");
  EXPECT_EQ(youtube.posts[0].external_id, "youtube:vidInvent01");
  EXPECT_EQ(youtube.posts[0].time, 1759449600);
  EXPECT_EQ(ErrorReason(ReadError("youtube_csv", Data("youtube_csv"))), "MISSING_VARIABLE");
}

TEST(Mappings, ShortlistHasNoEdges) {
  Collector c;
  const ReadStats stats = MustRead("shortlist", Data("shortlist"), &c);
  EXPECT_EQ(stats.follows, 0u);
  EXPECT_EQ(c.accounts["instagram:amal.zaytoun"].declared_followers, 18400u);
  EXPECT_FALSE(c.accounts["twitter:redaatlas"].declared_followers.has_value());
  EXPECT_EQ(c.accounts["linkedin:salma-invented"].declared_followers, 2100u);
}

TEST(BuiltIn, StandardTablesAndRecordsAndEdgeLists) {
  Collector csv;
  MustRead("csv", Data("standard"), &csv);
  EXPECT_THAT(csv.accounts["instagram:1"].languages, ElementsAre("fr", "ary"));
  EXPECT_EQ(csv.accounts["instagram:1"].prices[0].amount_micros, 1'500'000'000);
  EXPECT_THAT(csv.follows, ElementsAre("instagram:2>instagram:1"));
  EXPECT_THAT(csv.interactions, ElementsAre("instagram:2>instagram:1 like 3"));
  EXPECT_EQ(csv.posts[0].metrics.at("views"), 1200u);

  Collector records;
  MustRead("ndjson", Data("records/records.ndjson"), &records);
  EXPECT_EQ(records.accounts["instagram:1"].prices[0].format, "story");
  EXPECT_EQ(records.times[0], 1664755200);
  EXPECT_THAT(records.interactions, ElementsAre("instagram:2>instagram:1 comment 2"));

  Collector snap;
  ReadOptions options;
  options.platform = "twitter";
  MustRead("snap", Data("snap/edges.txt"), &snap, options);
  EXPECT_THAT(snap.follows, ElementsAre("twitter:0>twitter:1", "twitter:1>twitter:2"));

  Collector ldbc;
  options.undirected = true;
  MustRead("ldbc", Data("ldbc"), &ldbc, options);
  EXPECT_EQ(ldbc.accounts.size(), 3u);
  EXPECT_EQ(ldbc.follows.size(), 4u);

  Collector gml;
  MustRead("gml", Data("gml/tiny.gml"), &gml);
  EXPECT_EQ(gml.accounts["graph:0"].display_name, "Amal \"Z\"");
  EXPECT_EQ(gml.accounts["graph:0"].attributes.at("value"), "3");
  EXPECT_EQ(gml.follows.size(), 4u);
}

TEST(BuiltIn, WhatIsWrittenAsNdjsonReadsBackTheSame) {
  Collector first;
  MustRead("csv", Data("standard"), &first);
  const std::string path = ::testing::TempDir() + "round.ndjson.gz";
  auto sink = ByteSink::Create(path);
  ASSERT_TRUE(sink.ok());
  NdjsonWriter writer(std::move(*sink));
  ASSERT_TRUE(ReadRecords("csv", {Data("standard")}, {}, writer).ok());
  ASSERT_TRUE(writer.Close().ok());
  Collector second;
  MustRead("auto", path, &second);
  EXPECT_EQ(first.follows, second.follows);
  EXPECT_EQ(first.interactions, second.interactions);
  ASSERT_EQ(second.accounts.size(), first.accounts.size());
  std::string a, b;
  AppendRecordJson(first.accounts["instagram:1"], &a);
  AppendRecordJson(second.accounts["instagram:1"], &b);
  EXPECT_EQ(a, b);
  std::filesystem::remove(path);
}

struct Bad {
  absl::string_view format, path, reason, line, field;
};

TEST(BadInput, EachIsAClearErrorWithFileLineFieldAndReason) {
  const Bad cases[] = {
      {"csv", "bad/standard_unknown", "UNKNOWN_COLUMN", "", "followers_of_mine"},
      {"csv", "bad/duplicate", "DUPLICATE_ID", "4", ""},
      {"csv", "bad/self_loop", "SELF_LOOP", "3", ""},
      {"csv", "bad/ragged", "RAGGED_ROW", "3", ""},
      {"csv", "bad/encoding", "INVALID_ENCODING", "3", ""},
      {"csv", "bad/number", "NOT_A_NUMBER", "2", "declared_followers"},
      {"csv", "bad/id", "INVALID_EXTERNAL_ID", "2", ""},
      {"ndjson", "bad/unknown_field.ndjson", "UNKNOWN_FIELD", "1", "colour"},
      {"ndjson", "bad/latin1.ndjson", "INVALID_ENCODING", "2", ""},
      {"ndjson", "bad/cut.ndjson", "INVALID_JSON", "2", ""},
      {"csv", "bad/nothing_here", "FILE_NOT_FOUND", "", ""},
      {"ego_twitter", "standard", "MISSING_FILE", "", "hashtags.tsv*"},
      {"ego_twitter", "standard/follows.csv", "UNMATCHED_FILE", "", ""},
      {"shortlist", "standard/follows.csv", "MISSING_COLUMN", "", "id"},
      {"no_such_format", "standard", "UNKNOWN_FORMAT", "", ""},
  };
  for (const Bad& bad : cases) {
    const absl::Status s = ReadError(std::string(bad.format), Data(bad.path));
    EXPECT_EQ(ErrorReason(s), bad.reason) << s;
    if (!bad.line.empty()) {
      EXPECT_EQ(ErrorDetails(s)["line"], bad.line) << s;
      EXPECT_THAT(std::string(s.message()), HasSubstr(absl::StrCat(":", bad.line, ": "))) << s;
      EXPECT_THAT(std::string(s.message()), HasSubstr("tests/data/bad")) << s;
    }
    if (!bad.field.empty()) {
      EXPECT_EQ(ErrorDetails(s)["field"], bad.field) << s;
    }
  }
}

TEST(BadInput, LenientReadsTheRestAndNamesEveryRefusedLine) {
  for (absl::string_view path : {"bad/duplicate", "bad/self_loop", "bad/ragged", "bad/number"}) {
    std::vector<RejectedLine> rejects;
    ReadOptions options;
    options.lenient = true;
    options.on_reject = [&](const RejectedLine& r) {
      rejects.push_back(r);
      return absl::OkStatus();
    };
    Collector c;
    const ReadStats stats = MustRead("csv", Data(path), &c, options);
    EXPECT_EQ(stats.rejected, 1u) << path;
    ASSERT_EQ(rejects.size(), 1u);
    EXPECT_GT(rejects[0].line, 1u);
    EXPECT_FALSE(rejects[0].raw.empty());
    if (path == "bad/ragged") {
      EXPECT_EQ(rejects[0].raw, "instagram:3");
      EXPECT_EQ(c.follows.size(), 2u);
    }
  }
}

TEST(BadInput, CutFilesAreDataLossInBothModes) {
  const std::string dir = ::testing::TempDir() + "cut";
  std::filesystem::create_directories(dir);
  std::string text = "follower,followee\n";
  for (int i = 0; i < 50000; ++i) absl::StrAppend(&text, "a:", i * 7 % 9973, ",b:", i, "\n");
  for (absl::string_view suffix : {".zst", ".gz"}) {
    const std::string path = absl::StrCat(dir, "/follows.csv", suffix);
    auto sink = ByteSink::Create(path);
    ASSERT_TRUE((*sink)->Write(text).ok());
    ASSERT_TRUE((*sink)->Close().ok());
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    for (bool lenient : {false, true}) {
      Collector c;
      ReadOptions options;
      options.lenient = lenient;
      const absl::Status s = ReadRecords("csv", {path}, options, c).status();
      EXPECT_EQ(ErrorReason(s), "FILE_TRUNCATED") << s;
      EXPECT_THAT(std::string(s.message()), HasSubstr(path));
    }
  }
  std::filesystem::remove_all(dir);
}

TEST(BadInput, MappingsNameTheWrongKey) {
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {"name = 1\n", "name"},
      {"name = \"x\"\ncolour = \"red\"\n[[file]]\nmatch = \"a\"\nrecord = \"account\"\n"
       "fields = { id = \"id\" }\n",
       "colour"},
      {"[[file]]\nmatch = \"a\"\nrecord = \"person\"\n", "record"},
      {"[[file]]\nmatch = \"a\"\nrecord = \"account\"\nfields = { id = \"id\", shoe = \"s\" }\n",
       "shoe"},
      {"[[file]]\nmatch = \"a\"\nrecord = \"follow\"\nfields = { follower = \"f\" }\n", "fields"},
      {"[[file]]\nmatch = \"a\"\nrecord = \"account\"\nfields = { id = { colum = \"id\" } }\n",
       "colum"},
  };
  for (const auto& [toml, field] : cases) {
    const absl::Status s = ParseMapping(toml, "test.toml").status();
    EXPECT_EQ(ErrorReason(s), "INVALID_MAPPING") << toml;
    EXPECT_EQ(ErrorDetails(s)["field"], field) << s;
    EXPECT_THAT(std::string(s.message()), HasSubstr("test.toml"));
  }
  EXPECT_EQ(ErrorReason(ParseMapping("a = = b", "t").status()), "INVALID_MAPPING");
}

TEST(Progress, GrowsToTheEndAndCanStop) {
  const std::string path = ::testing::TempDir() + "follows.csv";
  std::string text = "follower,followee\n";
  for (int i = 0; i < 50000; ++i) absl::StrAppend(&text, "a:", i, ",b:", i, "\n");
  ASSERT_TRUE(WriteFileDurably(path, text).ok());
  uint64_t last = 0, calls = 0;
  ReadOptions options;
  options.progress = [&](uint64_t done, uint64_t total) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, total);
    last = done;
    return ++calls == 5 ? absl::CancelledError("stop") : absl::OkStatus();
  };
  Collector c;
  EXPECT_EQ(ReadRecords("csv", {path}, options, c).status().code(), absl::StatusCode::kCancelled);
  EXPECT_GT(last, 0u);
  std::filesystem::remove(path);
}

// The sets of the shared data folder, where it is there.
class SharedData : public ::testing::Test {
 protected:
  std::string Dir(absl::string_view set) {
    const char* env = std::getenv("HALQA_DATA");
    const std::string root = env != nullptr ? env : HALQA_SOURCE_DIR "/../shared/data";
    const std::string dir = absl::StrCat(root, "/", set);
    return std::filesystem::is_directory(dir) ? dir : "";
  }
  ReadStats Count(absl::string_view set) {
    struct Counter : RecordVisitor {
      absl::Status OnAccount(const AccountRecord&) override { return absl::OkStatus(); }
      absl::Status OnFollow(const FollowRecord&) override { return absl::OkStatus(); }
      absl::Status OnInteraction(const InteractionRecord&) override { return absl::OkStatus(); }
      absl::Status OnPost(const PostRecord&) override { return absl::OkStatus(); }
    } counter;
    const auto start = std::chrono::steady_clock::now();
    auto stats = ReadRecords(std::string(set), {Dir(set)}, {}, counter);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    EXPECT_TRUE(stats.ok()) << stats.status();
    if (stats.ok()) std::printf("%s: %.2f s\n", std::string(set).c_str(), took.count());
    return stats.value_or(ReadStats());
  }
};
#define SKIP_WITHOUT(set) \
  if (Dir(set).empty()) GTEST_SKIP() << set " is not there (set HALQA_DATA)"

TEST_F(SharedData, EgoTwitter) {
  SKIP_WITHOUT("ego_twitter");
  const ReadStats s = Count("ego_twitter");
  EXPECT_EQ(s.follows + s.self_loops_dropped, 1768149u);
  EXPECT_EQ(s.self_loops_dropped, 14u);
  EXPECT_EQ(s.accounts, 44656u);  // with hashtags or in a circle
}

TEST_F(SharedData, TwitchMusae) {
  SKIP_WITHOUT("twitch_musae");
  const ReadStats s = Count("twitch_musae");
  EXPECT_EQ(s.accounts, 9498u + 7126 + 6551 + 1912 + 4385 - 2);  // two FR rows repeat an account
  EXPECT_EQ(s.duplicates_dropped, 2u);
  EXPECT_EQ(s.follows, 2 * (153138u + 35324 + 112666 + 31299 + 37304));
}

TEST_F(SharedData, FacebookPages) {
  SKIP_WITHOUT("facebook_pages");
  const ReadStats s = Count("facebook_pages");
  EXPECT_EQ(s.accounts, 22470u);
  EXPECT_EQ(s.self_loops_dropped, 179u);
  EXPECT_EQ(s.follows, 2 * (171002u - 179));
}

TEST_F(SharedData, TimmePoliticians) {
  SKIP_WITHOUT("timme_politicians");
  const ReadStats s = Count("timme_politicians");
  EXPECT_EQ(s.accounts, 585u);
  EXPECT_EQ(s.follows, 59073u);
  EXPECT_EQ(s.interactions + s.self_loops_dropped, 14381u + 27682 + 19760 + 1451);
}

}  // namespace
}  // namespace halqa
