#include "tools/gen/world.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "tools/gen/words.h"

namespace halqa::gen {
namespace {

constexpr uint64_t kWorldStream = uint64_t{1} << 60;

// A bijection on [0, n): a four-round Feistel network over the next even power of two, walked until
// it falls inside.
uint32_t Permute(uint32_t value, uint64_t n, uint64_t key) {
  int half = 1;
  while ((uint64_t{1} << (2 * half)) < n) ++half;
  const uint64_t mask = (uint64_t{1} << half) - 1;
  uint64_t x = value;
  do {
    uint64_t left = x >> half, right = x & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      const uint64_t next = left ^ (Mix64(key + round * 0x9e3779b97f4a7c15ull + right) & mask);
      left = right;
      right = next;
    }
    x = left << half | right;
  } while (x >= n);
  return static_cast<uint32_t>(x);
}

double Gaussian(CounterRng& rng) {
  const double u = 1 - rng.Uniform(), v = rng.Uniform();
  return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
}

}  // namespace

absl::string_view RoleName(Role role) {
  constexpr absl::string_view kNames[] = {"expert", "popular", "star", "bot", "engaged", "casual"};
  return kNames[static_cast<size_t>(role)];
}

size_t DrawShare(absl::Span<const double> shares, CounterRng& rng) {
  double total = 0;
  for (double s : shares) total += s;
  double x = rng.Uniform() * total;
  for (size_t i = 0; i + 1 < shares.size(); ++i) {
    if (x < shares[i]) return i;
    x -= shares[i];
  }
  return shares.size() - 1;
}

void Pool::Add(uint32_t account, double weight) {
  accounts_.push_back(account);
  sums_.push_back((sums_.empty() ? 0 : sums_.back()) + weight);
}

uint32_t Pool::Pick(CounterRng& rng) const {
  const double x = rng.Uniform() * sums_.back();
  const auto it = std::upper_bound(sums_.begin(), sums_.end(), x);
  const auto i = std::min<size_t>(static_cast<size_t>(it - sums_.begin()), sums_.size() - 1);
  return accounts_[i];
}

World::World(const GenOptions& options) : options_(options) {
  const uint32_t n = options_.accounts;
  topics_ = n < 5000 ? 3 : static_cast<uint32_t>(Topics().size());
  const size_t platforms = Platforms().size();
  experts_.resize(topics_ * platforms);
  popular_.resize(topics_ * platforms);
  stars_.resize(platforms);
  buyers_.resize(platforms);
  scale_ = std::clamp(2.5e6 / n, 2.5, 60.0);
  CounterRng rng(options_.seed, kWorldStream);
  const uint32_t per_topic = std::clamp(n / (topics_ * 150), 14u, 300u);
  for (uint32_t topic = 0; topic < topics_; ++topic) {
    for (uint32_t i = 0; i < per_topic; ++i) {
      AddPerson(Role::kExpert, static_cast<uint8_t>(topic), i, rng);
      if (n >= 5000 || i < 8) AddPerson(Role::kPopular, static_cast<uint8_t>(topic), i, rng);
    }
  }
  const uint32_t stars = std::clamp(n / 6000, 3u, 80u);
  for (uint32_t i = 0; i < stars; ++i) {
    AddPerson(Role::kStar, static_cast<uint8_t>(rng.Below(topics_)), i, rng);
  }
  bots_ = all_buyers_.empty() ? 0 : n / 33;
  MakeCommunities(influencers() + bots_);
  for (Soul& soul : influencers_) {  // everybody lives in a community of the own topic and platform
    for (uint32_t tries = 0; tries < 400; ++tries) {
      soul.community = static_cast<uint32_t>(rng.Below(communities_.size()));
      const Community& home = communities_[soul.community];
      if (home.platform == soul.platform && (home.topic == soul.topic || tries > 200)) break;
    }
    soul.city = communities_[soul.community].city;
  }
}

uint8_t World::DrawPlatform(CounterRng& rng) const {
  double shares[16];
  for (size_t i = 0; i < Platforms().size(); ++i) shares[i] = Platforms()[i].share;
  return static_cast<uint8_t>(DrawShare(absl::MakeSpan(shares, Platforms().size()), rng));
}

void World::AddAccount(const Soul& soul, double weight) {
  const uint32_t account = influencers();
  influencers_.push_back(soul);
  const size_t cell = soul.topic * Platforms().size() + soul.platform;
  if (soul.role == Role::kExpert) {
    experts_[cell].Add(account, weight);
    // Some who know are popular as well: follower counts are not always wrong.
    if (soul.expertise > 5 && Rng(account, 13).Uniform() < 0.2) popular_[cell].Add(account, 0.8);
  }
  if (soul.role == Role::kPopular) popular_[cell].Add(account, weight);
  if (soul.role == Role::kStar) stars_[soul.platform].Add(account, weight);
  if (soul.bought) {
    buyers_[soul.platform].Add(account, 1);
    all_buyers_.Add(account, 1);
  }
}

void World::AddPerson(Role role, uint8_t topic, uint32_t rank, CounterRng& rng) {
  Soul soul;
  soul.role = role;
  soul.topic = topic;
  soul.person = influencers();
  double weight = 0;
  if (role == Role::kExpert) {
    soul.expertise = static_cast<float>(2.5 + 7.5 * rng.Uniform());
    soul.second_topic = static_cast<uint8_t>((topic + 1 + rng.Below(topics_ - 1)) % topics_);
    if (rng.Uniform() < 0.25) soul.second_expertise = static_cast<float>(0.5 + 2 * rng.Uniform());
    weight = std::pow(soul.expertise / 10, 3) * std::exp(0.2 * Gaussian(rng));
  } else if (role == Role::kPopular) {
    soul.expertise = static_cast<float>(0.3 + 2.0 * rng.Uniform());
    weight = std::pow(1.0 + rank, -0.7) * std::exp(0.3 * Gaussian(rng));
    soul.bought = rng.Uniform() < 0.10;
  } else {
    soul.expertise = static_cast<float>(0.3 + 2.0 * rng.Uniform());
    weight = std::pow(1.0 + rank, -0.6) * std::exp(0.3 * Gaussian(rng));
    soul.bought = rng.Uniform() < 0.25;
  }
  const bool star = role == Role::kStar;
  const double more = rng.Uniform();
  const int count = star ? 3 : more < 0.12 ? 3 : more < 0.45 ? 2 : 1;
  uint32_t used = 0;
  for (int i = 0, tries = 0; i < count && tries < 200; ++tries) {
    soul.platform = DrawPlatform(rng);
    if ((used >> soul.platform & 1) != 0) continue;
    used |= 1u << soul.platform;
    AddAccount(soul, i == 0 ? weight : weight * (0.5 + 0.4 * rng.Uniform()));
    soul.bought = false;
    ++i;
  }
}

void World::MakeCommunities(uint32_t first) {
  const uint32_t ordinary = options_.accounts - first;
  double all_shares = 0;
  for (const Platform& p : Platforms()) all_shares += p.share;
  CounterRng rng(options_.seed, kWorldStream + 1);
  double city_shares[32];
  for (size_t i = 0; i < Cities().size(); ++i) city_shares[i] = Cities()[i].share;
  uint32_t begin = first;
  for (size_t p = 0; p < Platforms().size(); ++p) {
    const bool last = p + 1 == Platforms().size();
    const auto members = last ? options_.accounts - begin
                              : static_cast<uint32_t>(ordinary * Platforms()[p].share / all_shares);
    const uint32_t rounds = std::max(1u, members / (topics_ * 1200));
    const uint32_t count = std::clamp(rounds * topics_, 1u, std::max(1u, members));
    std::vector<double> sizes(count);
    double total = 0;
    for (uint32_t i = 0; i < count; ++i) {
      sizes[i] = std::pow(1.0 + i / topics_, -0.5) * (0.6 + 0.8 * rng.Uniform());
      total += sizes[i];
    }
    const uint32_t end = begin + members;
    for (uint32_t i = 0; i < count; ++i) {
      const auto share = static_cast<uint32_t>(members * sizes[i] / total);
      const uint32_t size = i + 1 == count ? end - begin : std::min(share, end - begin);
      communities_.push_back(
          {begin, size, static_cast<uint8_t>(p), static_cast<uint8_t>(i % topics_),
           static_cast<uint8_t>(DrawShare(absl::MakeSpan(city_shares, Cities().size()), rng))});
      begin += size;
    }
  }
}

uint64_t World::PersonOf(uint32_t account, const Community& home) const {
  // A few people hold a second account: it belongs to the person of an account elsewhere.
  auto second = [&](uint32_t a) { return Rng(a, 9)() % 100 < 12; };
  if (!second(account)) return account;
  CounterRng rng = Rng(account, 10);
  const uint32_t first = influencers() + bots_;
  const auto other = first + static_cast<uint32_t>(rng.Below(options_.accounts - first));
  const bool elsewhere = other < home.begin || other >= home.begin + home.size;
  return elsewhere && !second(other) ? other : account;
}

Soul World::Of(uint32_t account) const {
  if (account < influencers()) return influencers_[account];
  Soul soul;
  soul.person = account;
  CounterRng rng = Rng(account, 1);
  if (account < influencers() + bots_) {
    soul.role = Role::kBot;
    const Soul& buyer = influencers_[all_buyers_.Pick(rng)];
    soul.platform = buyer.platform;
    soul.topic = buyer.topic;
    soul.community = buyer.community;
    return soul;
  }
  const auto after = std::upper_bound(communities_.begin(), communities_.end(), account,
                                      [](uint32_t a, const Community& c) { return a < c.begin; });
  // Empty communities share their begin with the next one; the last of them holds the account.
  const Community& home = *(after - 1);
  soul.community = static_cast<uint32_t>(after - 1 - communities_.begin());
  soul.platform = home.platform;
  soul.topic = home.topic;
  soul.city = home.city;
  soul.role = rng.Uniform() < 0.2 ? Role::kEngaged : Role::kCasual;
  soul.person = PersonOf(account, home);
  return soul;
}

float World::Expertise(const Soul& soul, uint32_t topic, uint32_t account) const {
  if (soul.role == Role::kStar) {  // a little of everything
    CounterRng rng(options_.seed, (uint64_t{11} << 40) | (soul.person * 64 + topic));
    return static_cast<float>(0.3 + 2.0 * rng.Uniform());
  }
  if (soul.role == Role::kEngaged && topic == soul.topic) {
    return static_cast<float>(0.3 * Rng(account, 12).Uniform());
  }
  if (soul.expertise > 0 && topic == soul.topic) return soul.expertise;
  if (soul.second_expertise > 0 && topic == soul.second_topic) return soul.second_expertise;
  return 0;
}

uint32_t World::AtPosition(uint32_t position) const {
  return Permute(position, options_.accounts, Mix64(options_.seed ^ 0x506f73ull));
}

void World::AppendId(uint32_t account, std::string* out) const {
  const uint8_t platform =
      account < influencers() ? influencers_[account].platform : Of(account).platform;
  const uint64_t number =
      1'000'000'000ull + Permute(account, uint64_t{1} << 32, Mix64(options_.seed ^ 0x4964ull));
  absl::StrAppend(out, Platforms()[platform].id, ":", number);
}

const Pool& World::Experts(uint8_t topic, uint8_t platform) const {
  return experts_[topic * Platforms().size() + platform];
}
const Pool& World::Popular(uint8_t topic, uint8_t platform) const {
  return popular_[topic * Platforms().size() + platform];
}

}  // namespace halqa::gen
