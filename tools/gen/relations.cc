#include "tools/gen/relations.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_set.h"

namespace halqa::gen {
namespace {

constexpr UnixSeconds kDay = 86400;

// Where the follows of a role go.
enum Source { kToExperts, kToStars, kToPopular, kToNeighbours, kToOthers, kSources };
constexpr double kMix[6][kSources] = {
    {.55, .05, .04, .28, .08},  // expert
    {.10, .25, .30, .30, .05},  // popular
    {.05, .40, .30, .20, .05},  // star
    {.02, .20, .10, .60, .08},  // bot
    {.54, .05, .03, .34, .04},  // engaged
    {.06, .28, .24, .34, .08},  // casual
};

// Near members of the same community know each other both ways: the coin belongs to the pair.
uint32_t Neighbour(const World& world, uint32_t account, const Community& home, CounterRng& rng) {
  const bool member = account >= home.begin && account < home.begin + home.size;
  if (!member || rng.Uniform() < 0.4) {
    return home.begin + static_cast<uint32_t>(rng.Below(home.size));
  }
  for (int tries = 0; tries < 8; ++tries) {
    const auto step = static_cast<uint32_t>(1 + rng.Below(24));
    const uint32_t at = account - home.begin;
    const uint32_t other =
        home.begin + (rng() % 2 == 0 ? at + step : at + home.size - step % home.size) % home.size;
    CounterRng pair(world.options().seed ^ 0x70616972,
                    uint64_t{std::min(account, other)} << 32 | std::max(account, other));
    if (pair.Uniform() < 0.5) return other;
  }
  return home.begin + static_cast<uint32_t>(rng.Below(home.size));
}

// One account to follow, or the account itself when the chosen source is empty.
uint32_t DrawTarget(const World& world, uint32_t account, const Soul& soul, CounterRng& rng) {
  const Source source = static_cast<Source>(
      DrawShare(absl::MakeSpan(kMix[static_cast<size_t>(soul.role)], kSources), rng));
  uint8_t topic = soul.topic;
  const Pool* pool = nullptr;
  switch (source) {
    case kToExperts:
      pool = &world.Experts(topic, soul.platform);
      break;
    case kToStars:
      pool = &world.Stars(soul.platform);
      break;
    case kToPopular:
      pool = &world.Popular(topic, soul.platform);
      break;
    case kToOthers:
      topic = static_cast<uint8_t>(rng.Below(world.topics()));
      pool = rng() % 4 == 0 ? &world.Experts(topic, soul.platform)
                            : &world.Popular(topic, soul.platform);
      break;
    default:
      break;
  }
  if (pool != nullptr && !pool->empty()) {
    const uint32_t target = pool->Pick(rng);
    // On a small platform even the best may know little: then fewer care to follow.
    if (source != kToExperts || rng.Uniform() < world.Of(target).expertise / 8) return target;
  }
  const Community& home = world.communities()[soul.community];
  if (home.size == 0) return account;
  const bool knows = soul.role == Role::kExpert || soul.role == Role::kEngaged;
  uint32_t target = Neighbour(world, account, home, rng);
  // Those who care about the topic find each other.
  for (int tries = 0; knows && tries < 5 && world.Of(target).role != Role::kEngaged; ++tries) {
    target = Neighbour(world, account, home, rng);
  }
  return target;
}

uint32_t DrawDegree(const World& world, const Soul& soul, CounterRng& rng) {
  if (soul.role == Role::kBot) return static_cast<uint32_t>(3 + rng.Below(12));
  const double u = 1 - rng.Uniform(), v = rng.Uniform();
  const double gaussian = std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
  constexpr double kSpread = 0.8;
  const double engaged = soul.role == Role::kCasual ? 0.96 : 1.35;
  const double degree = world.options().follows_per_account * engaged * 1.02 *
                        std::exp(kSpread * gaussian - kSpread * kSpread / 2);
  return static_cast<uint32_t>(std::clamp(degree, 1.0, world.accounts() / 20.0));
}

// Bought followers arrive together: all of one buyer within two days.
void DrawBought(const World& world, const Soul& soul, CounterRng& rng,
                absl::flat_hash_set<uint32_t>* seen, std::vector<Follow>* follows) {
  const Pool& buyers = world.Buyers(soul.platform);
  if (buyers.empty()) return;
  for (uint64_t k = 1 + rng.Below(2); k > 0; --k) {
    const uint32_t buyer = buyers.Pick(rng);
    if (!seen->insert(buyer).second) continue;
    const auto burst = static_cast<UnixSeconds>(world.Rng(buyer, 20).Below(700) * kDay);
    follows->push_back(
        {buyer, kNow - 30 * kDay - burst + static_cast<UnixSeconds>(rng.Below(2 * kDay))});
  }
}

InteractionKind DrawKind(bool knows, CounterRng& rng) {
  constexpr double kPlain[] = {.70, .15, .06, .04, .05};
  constexpr double kKnowing[] = {.44, .24, .12, .07, .07, .035, .015, .01};
  const size_t i = knows ? DrawShare(kKnowing, rng) : DrawShare(kPlain, rng);
  return static_cast<InteractionKind>(i + 1);
}

struct Habit {
  double chance;  // that there is any reaction to one followed account
  double days;    // mean age of the reactions
};

Habit HabitOf(const Soul& actor, const Soul& target) {
  const bool knows = actor.role == Role::kEngaged || actor.role == Role::kExpert;
  switch (target.role) {
    case Role::kExpert:
      return knows ? Habit{0.25 + 0.035 * target.expertise, 45} : Habit{0.12, 90};
    case Role::kStar:
      return {knows ? 0.06 : 0.10, 150};
    case Role::kPopular:
      return {knows ? 0.10 : 0.14, 120};
    default:
      return {0.08, 120};
  }
}

}  // namespace

void DrawFollows(const World& world, uint32_t account, std::vector<Follow>* follows) {
  follows->clear();
  const Soul soul = world.Of(account);
  CounterRng rng = world.Rng(account, 2);
  absl::flat_hash_set<uint32_t> seen = {account};
  if (soul.role == Role::kBot) DrawBought(world, soul, rng, &seen, follows);
  const uint32_t degree = DrawDegree(world, soul, rng);
  seen.reserve(degree + 4);
  // Small platforms have few accounts worth following: give up after three tries each.
  for (uint32_t tries = 0; follows->size() < degree && tries < 3 * degree; ++tries) {
    const uint32_t target = DrawTarget(world, account, soul, rng);
    if (!seen.insert(target).second) continue;
    const double age = 1800 * std::pow(rng.Uniform(), 1.6);
    follows->push_back({target, kNow - static_cast<UnixSeconds>(age * kDay)});
  }
}

void DrawReactions(const World& world, uint32_t account, const std::vector<Follow>& follows,
                   std::vector<Reaction>* reactions) {
  reactions->clear();
  const Soul actor = world.Of(account);
  if (actor.role == Role::kBot) return;
  CounterRng rng = world.Rng(account, 3);
  const bool knows = actor.role == Role::kEngaged || actor.role == Role::kExpert;
  for (const Follow& f : follows) {
    const double coin = rng.Uniform();
    if (coin > 0.6) continue;  // no habit is stronger; saves the look at the target
    const Soul target = world.Of(f.followee);
    const Habit habit = HabitOf(actor, target);
    if (coin >= habit.chance) continue;
    const int events = rng.Uniform() < 0.3 ? 2 : 1;
    for (int e = 0; e < events; ++e) {
      const double age = std::min(-std::log(1 - rng.Uniform()) * habit.days,
                                  static_cast<double>(kNow - f.time) / kDay);
      Reaction r{f.followee, DrawKind(knows && target.role == Role::kExpert, rng)};
      r.count = static_cast<uint32_t>(1 + rng.Below(knows ? 4 : 2));
      r.time = kNow - static_cast<UnixSeconds>(age * kDay);
      if (r.kind == InteractionKind::kPurchase) {
        r.value_micros = static_cast<int64_t>(50 + rng.Below(750)) * 1'000'000;
      }
      reactions->push_back(r);
    }
  }
}

}  // namespace halqa::gen
