#pragma once
// What a store holds, as a map that can be compared: edge families and the unfolded log as one.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "engine/ingest/fold.h"
#include "engine/store/account_codec.h"
#include "engine/store/edge_list.h"
#include "engine/store/store.h"

namespace halqa::testing {

struct StoreContent {
  // (follower, followee) -> events: state word, source
  std::map<std::pair<uint32_t, uint32_t>, std::set<std::pair<uint32_t, uint32_t>>> follows;
  // (actor, target, kind, hour, source) -> count, value, signs, number of signs
  std::map<std::tuple<uint32_t, uint32_t, int, uint32_t, uint32_t>,
           std::tuple<uint64_t, int64_t, int64_t, uint64_t>>
      interactions;
  std::map<std::string, std::string> ids;       // keyed hash -> id
  std::map<std::string, std::string> accounts;  // family acct
  std::map<std::string, std::string> posts;     // family post
  uint64_t lsn = 0;

  void AddFollow(uint32_t src, uint32_t dst, uint32_t word, uint32_t source) {
    follows[{src, dst}].insert({word, source});
  }
  void AddInteraction(uint32_t src, const store::InteractionEntry& e) {
    auto& [count, value, signs, sign_count] = interactions[{src, e.dst, e.kind, e.hour, e.source}];
    count += e.count;
    value += e.value_micros;
    signs += e.sign_milli_sum;
    sign_count += e.sign_count;
  }
};

inline std::map<std::string, std::string> RowsOf(const store::Store& db, store::Family family) {
  std::map<std::string, std::string> rows;
  const auto status = db.Scan(family, "", "", [&](absl::string_view key, absl::string_view value) {
    rows[std::string(key)] = std::string(value);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return rows;
}

inline StoreContent ContentOf(const store::Store& db) {
  using store::Family;
  StoreContent content;
  for (const auto& [key, value] : RowsOf(db, Family::kFollowOut)) {
    std::vector<store::FollowEntry> entries;
    EXPECT_TRUE(store::DecodeFollows(value, &entries).ok());
    for (const auto& e : entries) content.AddFollow(DecodeFixed32BE(key), e.dst, e.word, e.source);
  }
  for (const auto& [key, value] : RowsOf(db, Family::kInteractOut)) {
    std::vector<store::InteractionEntry> entries;
    EXPECT_TRUE(store::DecodeInteractions(value, &entries).ok());
    for (const auto& e : entries) content.AddInteraction(DecodeFixed32BE(key), e);
  }
  const auto tail = db.Get(Family::kMeta, store::meta::kTail);
  if (tail.ok() && tail->has_value()) content.lsn = DecodeFixed64BE(**tail);
  const auto marker = ingest::FoldMarker(db);
  EXPECT_TRUE(marker.ok()) << marker.status();
  const auto log =
      ingest::ReadLog(db, *marker, content.lsn, [&](const store::ChangeRecord& record, uint64_t) {
        for (const auto& f : record.follows) content.AddFollow(f.src, f.dst, f.word, record.source);
        for (const auto& x : record.interactions) content.AddInteraction(x.src, x.entry);
        return absl::OkStatus();
      });
  EXPECT_TRUE(log.ok()) << log;
  content.ids = RowsOf(db, Family::kExternalToId);
  content.accounts = RowsOf(db, Family::kAccount);
  content.posts = RowsOf(db, Family::kPost);
  return content;
}

// Compares, naming the part that differs.
inline void ExpectSameContent(const StoreContent& found, const StoreContent& wanted) {
  EXPECT_EQ(found.lsn, wanted.lsn);
  EXPECT_TRUE(found.follows == wanted.follows)
      << found.follows.size() << " follows, wanted " << wanted.follows.size();
  EXPECT_TRUE(found.interactions == wanted.interactions)
      << found.interactions.size() << " interactions, wanted " << wanted.interactions.size();
  EXPECT_EQ(found.ids, wanted.ids);
  EXPECT_EQ(found.accounts, wanted.accounts);
  EXPECT_EQ(found.posts, wanted.posts);
}

}  // namespace halqa::testing
