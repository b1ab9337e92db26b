#include "engine/runtime/account_columns.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/status_macros.h"

namespace halqa::runtime {
namespace {

using discovery::AccountText;
using store::Family;

constexpr uint32_t kBlock = 1 << 14;

// Decodes the rows of accounts [from, to).
absl::Status ReadRows(const store::Store& db, const store::ReadView* view, uint32_t from,
                      uint32_t to, std::vector<store::AccountRow>* rows) {
  rows->assign(to - from, {});
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    auto decoded = store::DecodeAccount(value);
    status = decoded.status();
    if (!status.ok()) return false;
    (*rows)[DecodeFixed32BE(key) - from] = *std::move(decoded);
    return true;
  };
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kAccount, store::AccountKey(AccountId{from}),
                                store::AccountKey(AccountId{to}), row, view, /*bulk=*/true));
  return status;
}

bool HasText(const AccountRecord& r) {
  return r.bio || r.category || r.display_name || !r.hashtags.empty() || !r.lists.empty();
}

uint32_t At(const std::vector<uint32_t>& values, AccountId account) {
  return Raw(account) < values.size() ? values[Raw(account)] : 0;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const AccountColumns>> AccountColumns::Load(
    const store::Store& db, const store::ReadView* view, uint32_t accounts,
    std::shared_ptr<const GraphCounts> counts, RunContext& run) {
  auto columns = std::make_shared<AccountColumns>();
  columns->rows_.resize(accounts);
  columns->listed_.resize(accounts);
  columns->counts_ = std::move(counts);
  const uint32_t group = kBlock * static_cast<uint32_t>(run.threads());
  for (uint64_t first = 0; first < accounts; first += group) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(static_cast<double>(first), accounts));
    const auto blocks = (std::min<uint64_t>(accounts, first + group) - first + kBlock - 1) / kBlock;
    std::vector<std::vector<store::AccountRow>> rows(blocks);
    std::vector<absl::Status> statuses(blocks);
    ParallelBlocks(run.threads(), blocks, [&](uint64_t b) {
      const uint64_t from = first + b * kBlock;
      const uint64_t to = std::min<uint64_t>(accounts, from + kBlock);
      statuses[b] =
          ReadRows(db, view, static_cast<uint32_t>(from), static_cast<uint32_t>(to), &rows[b]);
    });
    for (uint64_t b = 0; b < blocks; ++b) {
      HALQA_RETURN_IF_ERROR(statuses[b]);
      for (size_t i = 0; i < rows[b].size(); ++i) {
        if (rows[b][i].record.external_id.empty()) continue;  // erased, or merged into another
        columns->AddRow(static_cast<uint32_t>(first + b * kBlock + i), std::move(rows[b][i]));
      }
    }
  }
  return std::shared_ptr<const AccountColumns>(std::move(columns));
}

void AccountColumns::AddRow(uint32_t id, store::AccountRow row) {
  Row& out = rows_[id];
  AccountRecord& r = row.record;
  out.platform = PlatformIndex(PlatformOf(r.external_id));
  out.country = Pool(r.country);
  out.city = Pool(r.city);
  out.category = Pool(r.category);
  out.languages = PoolLanguages(r.languages);
  listed_[id] = row.named;
  if (r.verified) out.flags |= *r.verified ? kVerifiedKnown | kVerified : kVerifiedKnown;
  if (HasText(r)) out.flags |= kDocument;
  if (r.declared_followers) {
    out.flags |= kDeclared;
    out.declared_followers = *r.declared_followers;
  }
  if (!row.named) return;
  ++named_;
  if (r.handle) by_handle_[absl::AsciiStrToLower(*r.handle)].push_back(id);
  names_[id] = {r.handle.value_or(""), r.display_name.value_or("")};
}

uint32_t AccountColumns::Pool(const std::optional<std::string>& text) {
  if (!text || text->empty()) return 0;
  auto [it, added] = pool_places_.try_emplace(*text, static_cast<uint32_t>(pool_.size()));
  if (added) pool_.push_back(*text);
  return it->second;
}

uint32_t AccountColumns::PoolLanguages(const std::vector<std::string>& languages) {
  if (languages.empty()) return 0;
  auto [it, added] = language_places_.try_emplace(absl::StrJoin(languages, "\t"),
                                                  static_cast<uint32_t>(language_pool_.size()));
  if (added) language_pool_.push_back(languages);
  return it->second;
}

uint16_t AccountColumns::PlatformIndex(absl::string_view platform) {
  for (size_t i = 0; i < platforms_.size(); ++i) {
    if (platforms_[i] == platform) return static_cast<uint16_t>(i);
  }
  platforms_.emplace_back(platform);
  return static_cast<uint16_t>(platforms_.size() - 1);
}

bool AccountColumns::Listed(AccountId account) const {
  return Raw(account) < listed_.size() && listed_[Raw(account)];
}

discovery::AccountFacts AccountColumns::Facts(AccountId account) const {
  const Row& row = rows_[Raw(account)];
  discovery::AccountFacts facts;
  facts.platform = row.platform;
  if ((row.flags & kDeclared) != 0) facts.declared_followers = row.declared_followers;
  if (counts_ != nullptr) {
    facts.known_followers = At(counts_->followers, account);
    facts.interacting_followers = At(counts_->engaged_followers, account);
  }
  facts.isolated = counts_ == nullptr || Raw(account) >= counts_->connected.size() ||
                   !counts_->connected[Raw(account)];
  if ((row.flags & kVerifiedKnown) != 0) facts.verified = (row.flags & kVerified) != 0;
  facts.has_document = (row.flags & kDocument) != 0;
  return facts;
}

absl::string_view AccountColumns::Text(AccountId account, AccountText which) const {
  const Row& row = rows_[Raw(account)];
  if (which == AccountText::kCountry) return pool_[row.country];
  if (which == AccountText::kCity) return pool_[row.city];
  if (which == AccountText::kCategory) return pool_[row.category];
  auto it = names_.find(Raw(account));
  if (it == names_.end()) return "";
  return which == AccountText::kHandle ? it->second.handle : it->second.display_name;
}

absl::Span<const std::string> AccountColumns::Languages(AccountId account) const {
  return language_pool_[rows_[Raw(account)].languages];
}

std::vector<AccountId> AccountColumns::WithHandle(absl::string_view handle) const {
  std::vector<AccountId> out;
  auto it = by_handle_.find(absl::AsciiStrToLower(handle));
  if (it == by_handle_.end()) return out;
  for (uint32_t id : it->second) out.push_back(AccountId{id});
  return out;
}

}  // namespace halqa::runtime
