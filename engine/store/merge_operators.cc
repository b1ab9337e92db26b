#include "engine/store/merge_operators.h"

#include <rocksdb/merge_operator.h>

#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "engine/store/edge_list.h"
#include "engine/store/join_follows.h"
#include "engine/store/posting_list.h"

namespace halqa::store {
namespace {

using Operands = std::vector<absl::string_view>;
// Joins lists of one key. An error makes RocksDB report corruption for this key.
using JoinFn = absl::StatusOr<std::string> (*)(const Operands&);

absl::string_view View(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

// A merge operator whose full and partial merges are the same join (rule 8: a merge never purges).
class JoinOperator : public rocksdb::MergeOperator {
 public:
  JoinOperator(const char* name, JoinFn join) : name_(name), join_(join) {}
  const char* Name() const override { return name_; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    Operands operands;
    if (in.existing_value != nullptr) operands.push_back(View(*in.existing_value));
    for (const rocksdb::Slice& s : in.operand_list) operands.push_back(View(s));
    return Join(operands, &out->new_value);
  }

  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& list,
                         std::string* out, rocksdb::Logger*) const override {
    Operands operands;
    for (const rocksdb::Slice& s : list) operands.push_back(View(s));
    return Join(operands, out);
  }

  bool AllowSingleOperand() const override { return false; }

 private:
  bool Join(const Operands& operands, std::string* out) const {
    auto joined = join_(operands);
    if (!joined.ok()) return false;
    *out = std::move(joined).value();
    return true;
  }
  const char* name_;
  JoinFn join_;
};

absl::StatusOr<std::string> JoinFollows(const Operands& operands) {
  return JoinFollowLists(operands);
}

absl::StatusOr<std::string> JoinInteractions(const Operands& operands) {
  std::vector<InteractionEntry> entries;
  for (absl::string_view bytes : operands) {
    if (auto s = DecodeInteractions(bytes, &entries); !s.ok()) return s;
  }
  NormaliseInteractions(&entries);
  return EncodeInteractions(entries);
}

absl::StatusOr<std::string> JoinPostings(const Operands& operands) {
  return MergePostings(operands);
}

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> FollowMergeOperator() {
  return std::make_shared<JoinOperator>("halqa.follow.1", JoinFollows);
}
std::shared_ptr<rocksdb::MergeOperator> InteractionMergeOperator() {
  return std::make_shared<JoinOperator>("halqa.interaction.1", JoinInteractions);
}
std::shared_ptr<rocksdb::MergeOperator> PostingMergeOperator() {
  return std::make_shared<JoinOperator>("halqa.posting.1", JoinPostings);
}

}  // namespace halqa::store
