#pragma once
// The planted truth: who exists, who knows what, who is popular. Everything is a function of the
// seed and the number of the account, so nothing but the influencers is kept in memory.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "tools/gen/gen.h"

namespace halqa::gen {

enum class Role : uint8_t { kExpert, kPopular, kStar, kBot, kEngaged, kCasual };
absl::string_view RoleName(Role role);

// What an account is in truth.
struct Soul {
  Role role = Role::kCasual;
  uint8_t platform = 0, topic = 0, city = 0;
  uint32_t community = 0;
  uint64_t person = 0;
  bool bought = false;
  float expertise = 0;         // in `topic`, 0 to 10
  float second_expertise = 0;  // in `second_topic`
  uint8_t second_topic = 0;
};

// Accounts to follow, drawn in proportion to a weight.
class Pool {
 public:
  void Add(uint32_t account, double weight);
  bool empty() const { return accounts_.empty(); }
  size_t size() const { return accounts_.size(); }
  // REQUIRES: !empty().
  uint32_t Pick(CounterRng& rng) const;
  uint32_t at(size_t i) const { return accounts_[i]; }

 private:
  std::vector<uint32_t> accounts_;
  std::vector<double> sums_;
};

struct Community {
  uint32_t begin = 0, size = 0;  // its ordinary accounts
  uint8_t platform = 0, topic = 0, city = 0;
};

// Thread safety: immutable after construction.
// Invariants: 1. account numbers are [0, influencers) influencers, then bots, then the ordinary
// accounts of community 0, 1, ...; 2. ids and file order are bijections that hide this layout.
class World {
 public:
  explicit World(const GenOptions& options);

  uint32_t accounts() const { return options_.accounts; }
  uint32_t topics() const { return topics_; }
  uint32_t influencers() const { return static_cast<uint32_t>(influencers_.size()); }
  const GenOptions& options() const { return options_; }
  const std::vector<Community>& communities() const { return communities_; }

  Soul Of(uint32_t account) const;
  bool IsInfluencer(uint32_t account) const { return account < influencers(); }
  // Truth: 0 (nothing) to 10.
  float Expertise(const Soul& soul, uint32_t topic, uint32_t account) const;

  // The account that stands at `position` of the account file.
  uint32_t AtPosition(uint32_t position) const;
  void AppendId(uint32_t account, std::string* out) const;

  const Pool& Experts(uint8_t topic, uint8_t platform) const;
  const Pool& Popular(uint8_t topic, uint8_t platform) const;
  const Pool& Stars(uint8_t platform) const { return stars_[platform]; }
  const Pool& Buyers(uint8_t platform) const { return buyers_[platform]; }

  CounterRng Rng(uint32_t account, uint64_t purpose) const {
    return CounterRng(options_.seed, (purpose << 40) | account);
  }
  // Declared followers per follower in the data: the crawl is partial.
  double scale() const { return scale_; }

 private:
  void AddPerson(Role role, uint8_t topic, uint32_t rank, CounterRng& rng);
  void AddAccount(const Soul& soul, double weight);
  void MakeCommunities(uint32_t first);
  uint8_t DrawPlatform(CounterRng& rng) const;
  uint64_t PersonOf(uint32_t account, const Community& home) const;

  GenOptions options_;
  uint32_t topics_ = 0, bots_ = 0;
  double scale_ = 1;
  std::vector<Soul> influencers_;
  std::vector<Community> communities_;
  std::vector<Pool> experts_, popular_, stars_, buyers_;
  Pool all_buyers_;
};

// Draws an index in proportion to `shares`.
size_t DrawShare(absl::Span<const double> shares, CounterRng& rng);

}  // namespace halqa::gen
