// The check of what says who is gone, who is whom and where records came from.

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/fsck_context.h"
#include "engine/store/source_codec.h"

namespace halqa::runtime {
namespace {

using store::Family;

void CheckSources(CheckContext& c) {
  c.Scan(Family::kSource, "", "", [&](absl::string_view key, absl::string_view value) {
    c.findings->Checked(1);
    const auto row = store::DecodeSource(value);
    if (key.size() == 4) c.sources.insert(DecodeFixed32BE(key));
    if (key.size() != 4 || !row.ok())
      c.Add("source-damaged", "source", HexText(key), "is no row of this family");
    return true;
  });
  c.Scan(Family::kUndo, "", "", [&](absl::string_view key, absl::string_view) {
    c.findings->Checked(1);
    if (key.size() < 17 || (key[8] != 'a' && key[8] != 'p')) {
      c.Add("row-damaged", "undo", HexText(key), "is no key of this family");
    } else if (!c.KnowsSource(DecodeFixed32BE(key)) ||
               DecodeFixed32BE(key.substr(4)) >= c.accounts) {
      c.Add("source-unknown", "undo", HexText(key), "its source or account does not exist");
    }
    return true;
  });
}

void CheckErased(CheckContext& c) {
  c.Scan(Family::kErased, "", "", [&](absl::string_view key, absl::string_view value) {
    c.findings->Checked(1);
    const auto row = store::DecodeErasure(value);
    if (key.size() == 4) c.gone.insert(DecodeFixed32BE(key));
    if (key.size() != 4 || !row.ok()) {
      c.Add("erasure-damaged", "erased", HexText(key), "is no row of this family");
      return true;
    }
    const uint32_t id = DecodeFixed32BE(key);
    if (id >= c.accounts) c.Add("erasure-damaged", "erased", AccountText(id), "does not exist");
    if (row->lsn > c.tail.lsn)
      c.Add("erasure-damaged", "erased", AccountText(id),
            absl::StrCat("erased by record ", row->lsn, ", the log ends at ", c.tail.lsn));
    return true;
  });
  c.Scan(Family::kSuppress, "", "", [&](absl::string_view key, absl::string_view value) {
    c.findings->Checked(1);
    if (key.size() != 16 || !store::DecodeErasure(value).ok()) {
      c.Add("erasure-damaged", "suppress", HexText(key), "is no row of this family");
      return true;
    }
    const auto id = c.db->Get(Family::kExternalToId, key, c.view);
    if (id.ok() && id->has_value())
      c.Add("erased-still-there", "ext2id", HexText(key),
            "leads to an account although suppressed");
    return true;
  });
}

void CheckAliases(CheckContext& c) {
  c.Scan(Family::kAlias, "", "", [&](absl::string_view key, absl::string_view value) {
    c.findings->Checked(1);
    if (key.size() != 4 || value.size() != 20 || DecodeFixed32BE(key) >= c.accounts ||
        DecodeFixed32BE(value) >= c.accounts) {
      c.Add("alias-damaged", "alias", HexText(key), "is no row of this family");
      return true;
    }
    c.gone.insert(DecodeFixed32BE(key));
    c.alias_hashes[std::string(value.substr(4))] = DecodeFixed32BE(value);
    return true;
  });
  for (const auto& [hash, canonical] : c.alias_hashes) {
    const auto chain = c.db->Get(Family::kAlias, store::AccountKey(AccountId{canonical}), c.view);
    const auto erased = c.db->Get(Family::kErased, store::AccountKey(AccountId{canonical}), c.view);
    if (!chain.ok() || !erased.ok() || erased->has_value()) continue;
    if (chain->has_value())
      c.Add("alias-damaged", "alias", AccountText(canonical),
            "is merged itself, and another account was merged into it");
    const auto id = c.db->Get(Family::kExternalToId, hash, c.view);
    if (!id.ok() || !id->has_value() || **id != store::AccountKey(AccountId{canonical}))
      c.Add(
          "alias-without-id", "ext2id", HexText(hash),
          absl::StrCat("does not lead to ", AccountText(canonical), ", which it was merged into"));
  }
}

}  // namespace

absl::Status CheckPeople(CheckContext& c, RunContext& run) {
  CheckSources(c);
  CheckErased(c);
  CheckAliases(c);
  c.findings->Checked(1);
  auto mask = store::LoadMask(*c.db, c.view);
  if (!mask.ok()) {
    c.Add("unreadable", "source", "", mask.status().message());
    mask = std::make_shared<const store::Mask>();
  }
  c.mask = *std::move(mask);
  return run.Checkpoint(1, 1);
}

}  // namespace halqa::runtime
