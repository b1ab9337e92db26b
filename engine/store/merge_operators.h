#pragma once

#include <memory>

namespace rocksdb {
class MergeOperator;
}

namespace halqa::store {

// Union of packed follow lists; newest state wins.
std::shared_ptr<rocksdb::MergeOperator> FollowMergeOperator();
// Sum of packed interaction buckets.
std::shared_ptr<rocksdb::MergeOperator> InteractionMergeOperator();
// Union of packed postings; newest document version wins.
std::shared_ptr<rocksdb::MergeOperator> PostingMergeOperator();

}  // namespace halqa::store
