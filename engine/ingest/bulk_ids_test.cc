#include "engine/ingest/bulk_ids.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/random.h"

namespace halqa::ingest {
namespace {

TEST(IdTable, EqualsAMap) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    CounterRng rng(seed, 3);
    IdTable table;
    std::map<std::string, uint32_t> model;
    std::vector<std::string> batch;
    const uint64_t different = seed == 1 ? 100 : 60'000;
    for (int round = 0; round < 4000; ++round) {
      batch.clear();
      for (uint64_t i = rng.Below(50); i-- > 0;) {
        const uint64_t id = rng.Below(different);
        batch.push_back(absl::StrCat("x:", std::string(id % 280, 'a'), id));
      }
      std::vector<HashedId> hashed;
      for (const std::string& id : batch) hashed.push_back(IdTable::Hashed(id));
      table.Prefetch(absl::MakeSpan(hashed));
      for (const HashedId& id : hashed) {
        const auto found = model.find(std::string(id.id));
        ASSERT_EQ(table.Find(id).value_or(~0u), found == model.end() ? ~0u : found->second);
        if (rng.Below(2) == 0) continue;
        const auto [it, fresh] =
            model.emplace(std::string(id.id), static_cast<uint32_t>(model.size()));
        ASSERT_EQ(table.Intern(id), it->second);
        ASSERT_EQ(table.name(it->second), it->first);
      }
    }
    ASSERT_EQ(table.size(), model.size());
    for (const auto& [id, number] : model) {
      ASSERT_EQ(table.name(number), id);
      ASSERT_EQ(table.Find(id).value_or(~0u), number);
    }
  }
}

}  // namespace
}  // namespace halqa::ingest
