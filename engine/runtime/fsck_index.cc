// The check of the text index: postings and their statistics, from profiles and posts.

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/parallel.h"
#include "engine/base/status_macros.h"
#include "engine/index/document_index.h"
#include "engine/index/graph_taxonomy.h"
#include "engine/ingest/document.h"
#include "engine/projection/scan.h"
#include "engine/runtime/fsck_context.h"
#include "engine/store/posting_list.h"

namespace halqa::runtime {
namespace {

using store::Family;
using store::Posting;

// Postings that are compared with one pass over the family; more take several passes.
constexpr size_t kPostingsPerPass = 40'000'000;

// One posting that must be there. The term is a number into Expected::terms.
struct Wanted {
  uint32_t term = 0;
  uint32_t account = 0;
  uint32_t version = 0;
  uint32_t length = 0;
  std::array<uint8_t, store::kPostingFields> tf = {};
  bool found = false;
};

// What the documents of the accounts [from, to) ask of the index.
struct Expected {
  uint32_t from = 0, to = 0;
  absl::flat_hash_map<std::string, uint32_t> numbers;
  std::vector<std::string> terms;
  std::vector<Wanted> postings;  // sorted by (term, account)
  std::vector<size_t> first;     // per term; one more at the end

  void Add(const ingest::AccountDocument& document) {
    for (const auto& [term, counts] : document.terms.terms) {
      const auto [it, added] = numbers.try_emplace(term, static_cast<uint32_t>(terms.size()));
      if (added) terms.push_back(term);
      postings.push_back({it->second, document.account, document.version,
                          document.terms.WeightedLength(), counts});
    }
  }
  void Sort() {
    std::sort(postings.begin(), postings.end(), [](const Wanted& a, const Wanted& b) {
      return std::pair(a.term, a.account) < std::pair(b.term, b.account);
    });
    first.assign(terms.size() + 1, postings.size());
    for (size_t i = postings.size(); i-- > 0;) first[postings[i].term] = i;
    for (size_t t = terms.size(); t-- > 0;) first[t] = std::min(first[t], first[t + 1]);
  }
  Wanted* Find(uint32_t term, uint32_t account) {
    const auto begin = postings.begin() + static_cast<ptrdiff_t>(first[term]);
    const auto end = postings.begin() + static_cast<ptrdiff_t>(first[term + 1]);
    auto it = std::lower_bound(begin, end, account,
                               [](const Wanted& w, uint32_t id) { return w.account < id; });
    return it != end && it->account == account ? &*it : nullptr;
  }
};

std::string PostingText(absl::string_view term, uint32_t account) {
  return absl::StrCat(absl::CHexEscape(term), " of ", AccountText(account));
}

void ComparePosting(CheckContext& c, absl::string_view term, const Posting& posting,
                    Wanted* wanted) {
  const auto add = [&](absl::string_view kind, absl::string_view what) {
    c.Add(kind, "postings", PostingText(term, Raw(posting.account)), what);
    c.broken_terms.insert(std::string(term));
  };
  if (posting.tombstone()) return;  // a term that left; if it is wanted, it is missed later
  if (wanted == nullptr)
    return add("posting-extra", absl::StrCat("version ", posting.document_version,
                                             " is of no document that has the word"));
  wanted->found = true;
  if (posting.document_version != wanted->version) {
    add("posting-version",
        absl::StrCat("version ", posting.document_version, ", the document has ", wanted->version));
  } else if (posting.tf != wanted->tf) {
    add("posting-counts", "the counts are not those of the document");
  } else if (posting.document_length != wanted->length) {
    add("posting-length",
        absl::StrCat("length ", posting.document_length, ", the document has ", wanted->length));
  }
}

// Walks one list. Entries outside the accounts of this pass are left to their own pass.
void CompareList(CheckContext& c, absl::string_view term, absl::string_view list,
                 Expected* expected) {
  const auto number = expected->numbers.find(term);
  store::PostingReader reader(list);
  Posting posting;
  uint64_t checked = 0;
  while (reader.Next(&posting)) {
    const uint32_t account = Raw(posting.account);
    if (account < expected->from || account >= expected->to) continue;
    ++checked;
    Wanted* wanted =
        number == expected->numbers.end() ? nullptr : expected->Find(number->second, account);
    ComparePosting(c, term, posting, wanted);
  }
  c.findings->Checked(checked);
  if (!reader.status().ok() && expected->from == 0) {
    c.Add("posting-list-damaged", "postings", absl::CHexEscape(term), reader.status().message());
    c.broken_terms.insert(std::string(term));
  }
}

absl::Status ComparePass(CheckContext& c, Expected* expected, RunContext& run) {
  expected->Sort();
  absl::Status stopped;
  uint64_t lists = 0;
  c.Scan(Family::kPostings, "", "", [&](absl::string_view term, absl::string_view list) {
    CompareList(c, term, list, expected);
    if (++lists % 1000 == 0) stopped = run.Checkpoint(0, 1);
    return stopped.ok();
  });
  HALQA_RETURN_IF_ERROR(stopped);
  for (const Wanted& w : expected->postings) {
    if (w.found) continue;
    const std::string& term = expected->terms[w.term];
    c.Add("posting-missing", "postings", PostingText(term, w.account), "the document has the word");
    c.broken_terms.insert(term);
  }
  *expected = Expected{expected->to, expected->to, {}, {}, {}, {}};
  return absl::OkStatus();
}

void CheckStatistics(CheckContext& c, const index::IndexStatistics& wanted) {
  const auto value = c.db->Get(Family::kMeta, store::meta::kIndexStatistics, c.view);
  index::IndexStatistics found;
  c.findings->Checked(1);
  if (value.ok() && value->has_value()) {
    const auto decoded = index::IndexStatistics::Decode(**value);
    if (!decoded.ok()) {
      c.broken_statistics = true;
      return c.Add("statistics-differ", "default", store::meta::kIndexStatistics,
                   decoded.status().message());
    }
    found = *decoded;
  }
  if (found == wanted) return;
  c.broken_statistics = true;
  c.Add("statistics-differ", "default", store::meta::kIndexStatistics,
        absl::StrCat(found.documents, " documents of ", found.weighted_length,
                     " weighted words, the profiles have ", wanted.documents, " of ",
                     wanted.weighted_length));
}

}  // namespace

void ForEachDocument(const CheckContext& c, uint32_t from, uint32_t to,
                     const std::function<void(const ingest::AccountDocument&)>& fn) {
  auto scan = [&c](Family family, absl::string_view begin, absl::string_view end,
                   const store::Store::ScanFn& row) { c.Scan(family, begin, end, row); };
  ingest::ForEachDocument(scan, *c.taxonomy, from, to, fn);
}

absl::Status CheckIndex(CheckContext& c, RunContext& run) {
  auto taxonomy = index::LoadTaxonomy(*c.db, c.view);
  if (!taxonomy.ok())
    return run.Checkpoint(1, 1);  // said by CheckSettings; nothing to compare with
  c.taxonomy = *std::move(taxonomy);
  const auto whole = index::IndexedBy(*c.db, *c.taxonomy, c.view);
  // Made by other rules, or cut while it was made: the next start makes it anew.
  if (!whole.ok() || !*whole) return run.Checkpoint(1, 1);
  index::IndexStatistics statistics;
  Expected expected;
  const uint32_t blocks = projection::BlockCount(c.accounts);
  const auto group = static_cast<uint32_t>(run.threads());
  for (uint32_t first = 0; first < blocks; first += group) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(first, blocks + 1.0));
    const uint32_t count = std::min(group, blocks - first);
    std::vector<std::vector<ingest::AccountDocument>> documents(count);
    ParallelBlocks(run.threads(), count, [&](uint64_t i) {
      const uint32_t from = (first + static_cast<uint32_t>(i)) * projection::kAccountsPerBlock;
      const uint64_t to = uint64_t{from} + projection::kAccountsPerBlock;
      ForEachDocument(c, from, static_cast<uint32_t>(std::min<uint64_t>(to, c.accounts)),
                      [&](const ingest::AccountDocument& d) { documents[i].push_back(d); });
    });
    for (const auto& block : documents) {
      for (const ingest::AccountDocument& document : block) {
        statistics.Add(document.terms);
        expected.Add(document);
      }
    }
    expected.to = (first + count) * projection::kAccountsPerBlock;
    if (first + count < blocks && expected.postings.size() >= kPostingsPerPass)
      HALQA_RETURN_IF_ERROR(ComparePass(c, &expected, run));
  }
  expected.to = Raw(kNoAccount);  // the last pass also takes accounts that do not exist
  HALQA_RETURN_IF_ERROR(ComparePass(c, &expected, run));
  CheckStatistics(c, statistics);
  return run.Checkpoint(1, 1);
}

}  // namespace halqa::runtime
