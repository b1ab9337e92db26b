#pragma once
// The resident columns of all accounts that search, filters and look-ups read.

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/discovery/sources.h"
#include "engine/store/account_codec.h"
#include "engine/store/store.h"

namespace halqa::runtime {

// Numbers per account that come from the graph, by AccountId; may be shorter than the accounts.
struct GraphCounts {
  std::vector<uint32_t> followers;
  std::vector<uint32_t> engaged_followers;
  std::vector<bool> connected;  // some edge of the account was ranked
};

// Profiles as columns. Texts of few distinct values are kept once.
//
// Thread safety: immutable after Load.
class AccountColumns : public discovery::AccountSource {
 public:
  // Reads all account rows that `view` sees. Cost: about 1.5 us per account and core; 30 bytes per
  // account and its handle and display name when it may be named.
  static absl::StatusOr<std::shared_ptr<const AccountColumns>> Load(
      const store::Store& db, const store::ReadView* view, uint32_t accounts,
      std::shared_ptr<const GraphCounts> counts, RunContext& run);

  uint32_t size() const override { return static_cast<uint32_t>(rows_.size()); }
  absl::Span<const std::string> platforms() const override { return platforms_; }
  bool Listed(AccountId account) const override;
  discovery::AccountFacts Facts(AccountId account) const override;
  absl::string_view Text(AccountId account, discovery::AccountText which) const override;
  absl::Span<const std::string> Languages(AccountId account) const override;

  // Named accounts with that handle, whatever its letter case, on any platform.
  std::vector<AccountId> WithHandle(absl::string_view handle) const;
  uint32_t named() const { return named_; }

 private:
  enum Flag : uint8_t {
    kVerifiedKnown = 1,
    kVerified = 2,
    kDocument = 4,
    kDeclared = 8,
  };
  struct Row {
    uint64_t declared_followers = 0;
    uint32_t country = 0, city = 0, category = 0,
             languages = 0;  // places in the pools, 0 = not known
    uint16_t platform = 0;
    uint8_t flags = 0;
  };
  struct Names {
    std::string handle, display_name;
  };
  void AddRow(uint32_t id, store::AccountRow row);
  uint32_t Pool(const std::optional<std::string>& text);
  uint32_t PoolLanguages(const std::vector<std::string>& languages);
  uint16_t PlatformIndex(absl::string_view platform);

  std::vector<Row> rows_;
  std::vector<bool> listed_;  // apart from the rows: asked for many more accounts than they are
  std::vector<std::string> platforms_;
  std::vector<std::string> pool_ = {""};
  absl::flat_hash_map<std::string, uint32_t> pool_places_;
  std::vector<std::vector<std::string>> language_pool_ = {{}};
  absl::flat_hash_map<std::string, uint32_t> language_places_;
  absl::flat_hash_map<uint32_t, Names> names_;  // named accounts only
  absl::flat_hash_map<std::string, std::vector<uint32_t>> by_handle_;
  std::shared_ptr<const GraphCounts> counts_;
  uint32_t named_ = 0;
};

}  // namespace halqa::runtime
