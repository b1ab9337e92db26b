// The check of ids, accounts and posts.

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/status_macros.h"
#include "engine/projection/scan.h"
#include "engine/runtime/fsck_context.h"
#include "engine/store/account_codec.h"
#include "engine/store/keyed_hash.h"

namespace halqa::runtime {
namespace {

using store::Family;

constexpr uint64_t kNoHash = 0;  // no keyed hash begins with eight zero bytes

// The first 8 bytes of the keyed hash of each account; what is named twice is a finding.
absl::StatusOr<std::vector<uint64_t>> ReadIds(CheckContext& c, RunContext& run) {
  std::vector<uint64_t> hashes(c.accounts, kNoHash);
  uint64_t rows = 0;
  absl::Status stopped;
  c.Scan(Family::kExternalToId, "", "", [&](absl::string_view key, absl::string_view value) {
    if (++rows % 100000 == 0) stopped = run.Checkpoint(0.4 * rows / (c.accounts + 1.0), 1);
    if (key.size() != 16 || value.size() != 4) {
      c.Add("id-damaged", "ext2id", HexText(key), "is no row of this family");
      return stopped.ok();
    }
    const uint32_t id = DecodeFixed32BE(value);
    if (c.alias_hashes.contains(key)) return stopped.ok();  // compared already
    if (id >= c.accounts) {
      c.Add("id-unknown", "ext2id", HexText(key), absl::StrCat(AccountText(id), " does not exist"));
    } else if (hashes[id] != kNoHash) {
      c.Add("id-twice", "ext2id", HexText(key),
            absl::StrCat(AccountText(id), " has another keyed hash too"));
    } else {
      hashes[id] = DecodeFixed64BE(key);
    }
    return stopped.ok();
  });
  c.findings->Checked(rows);
  HALQA_RETURN_IF_ERROR(stopped);
  return hashes;
}

// What the row says of who it is, against the keyed hash that leads to it.
void CheckIdentity(const CheckContext& c, uint32_t id, const store::AccountRow& row,
                   uint64_t hash) {
  const std::string& external = row.record.external_id;
  if (hash == kNoHash) {
    return c.Add("account-without-id", "acct", AccountText(id),
                 "no keyed hash in ext2id leads to it");
  }
  if (row.named) {
    const store::KeyedHash own = store::HashExternalId(c.db->id_key(), external);
    if (DecodeFixed64BE(store::AsBytes(own)) != hash)
      c.Add("account-other-id", "acct", AccountText(id), "is not the account of its keyed hash");
    return;
  }
  const std::string tail = absl::StrCat(":~", absl::Hex(hash, absl::kZeroPad16));
  if (external.size() < tail.size() || external.substr(external.size() - tail.size()) != tail)
    c.Add("account-other-id", "acct", AccountText(id),
          "its pseudonym is not that of its keyed hash");
}

void CheckAccountRows(CheckContext& c, const std::vector<uint64_t>& hashes, uint32_t from,
                      uint32_t to) {
  uint32_t next = from;
  const auto missing = [&](uint32_t until) {
    for (; next < until; ++next) {
      if (!c.gone.contains(next))
        c.Add("account-missing", "acct", AccountText(next), "has an id and no row");
    }
  };
  c.Scan(Family::kAccount, store::AccountKey(AccountId{from}), store::AccountKey(AccountId{to}),
         [&](absl::string_view key, absl::string_view value) {
           if (key.size() != 4) {
             c.Add("row-damaged", "acct", HexText(key), "is no key of this family");
             return true;
           }
           const uint32_t id = DecodeFixed32BE(key);
           missing(id);
           next = id + 1;
           const auto row = store::DecodeAccount(value);
           if (c.gone.contains(id)) {
             c.Add("erased-still-there", "acct", AccountText(id), "has a row although it is gone");
           } else if (!row.ok()) {
             c.Add("account-damaged", "acct", AccountText(id), row.status().message());
           } else {
             CheckIdentity(c, id, *row, hashes[id]);
           }
           return true;
         });
  missing(to);
  c.findings->Checked(to - from);
}

void CheckPost(const CheckContext& c, absl::string_view key, absl::string_view value) {
  const std::string name = HexText(key);
  if (key.size() != 20) return c.Add("post-damaged", "post", name, "is no key of this family");
  const auto post = store::DecodePost(value);
  if (!post.ok()) return c.Add("post-damaged", "post", name, post.status().message());
  if (static_cast<int64_t>(~DecodeFixed64BE(key.substr(4))) != post->time)
    c.Add("post-misplaced", "post", name, "its time is not that of its key");
  const store::KeyedHash hash = store::HashExternalId(c.db->id_key(), post->external_id);
  if (key.substr(12) != store::AsBytes(hash).substr(0, 8))
    c.Add("post-misplaced", "post", name, "its id is not that of its key");
}

// Whether an account exists and may be named: only then has it posts.
absl::string_view AuthorProblem(const CheckContext& c, uint32_t author) {
  if (author >= c.accounts) return "the author does not exist";
  const auto row = c.db->Get(Family::kAccount, store::AccountKey(AccountId{author}), c.view);
  if (!row.ok() || !row->has_value()) return "the author has no row";
  const auto decoded = store::DecodeAccount(**row);
  if (decoded.ok() && !decoded->named) return "the author may not be named";
  return "";
}

}  // namespace

absl::Status CheckAccounts(CheckContext& c, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const auto hashes, ReadIds(c, run));
  RunContext rows = run.Part(0.4, 1);
  HALQA_RETURN_IF_ERROR(
      projection::ForEachBlock(c.accounts, rows, 1, [&](uint32_t, uint32_t from, uint32_t to) {
        CheckAccountRows(c, hashes, from, to);
        return absl::OkStatus();
      }));
  c.Scan(Family::kAccount, store::AccountKey(AccountId{c.accounts}), "",
         [&](absl::string_view key, absl::string_view) {
           c.Add("account-unknown", "acct", HexText(key), "is beyond the accounts in use");
           return true;
         });
  return run.Checkpoint(1, 1);
}

absl::Status CheckPosts(CheckContext& c, RunContext& run) {
  uint64_t rows = 0;
  uint32_t author = 0;
  bool any = false;
  absl::Status stopped;
  c.Scan(Family::kPost, "", "", [&](absl::string_view key, absl::string_view value) {
    CheckPost(c, key, value);
    if (key.size() >= 4 && (!any || DecodeFixed32BE(key) != author)) {
      any = true;
      author = DecodeFixed32BE(key);
      const absl::string_view problem = AuthorProblem(c, author);
      if (!problem.empty()) c.Add("post-author", "post", AccountText(author), problem);
    }
    if (++rows % 10000 == 0) stopped = run.Checkpoint(author / (c.accounts + 1.0), 1);
    return stopped.ok();
  });
  c.findings->Checked(rows);
  HALQA_RETURN_IF_ERROR(stopped);
  return run.Checkpoint(1, 1);
}

}  // namespace halqa::runtime
