#pragma once
// Records as one JSON object per line, in the form that the "ndjson" format reads.

#include <memory>
#include <string>

#include "engine/base/records.h"
#include "engine/formats/byte_sink.h"

namespace halqa {

// Appends one record as a JSON object and a line end. Unknown (unset) fields are left out.
void AppendRecordJson(const AccountRecord& record, std::string* out);
void AppendRecordJson(const FollowRecord& record, std::string* out);
void AppendRecordJson(const InteractionRecord& record, std::string* out);
void AppendRecordJson(const PostRecord& record, std::string* out);

// Writes every record it is given; works as the visitor of any reader.
// Thread safety: one thread at a time.
class NdjsonWriter : public RecordVisitor {
 public:
  explicit NdjsonWriter(std::unique_ptr<ByteSink> sink) : sink_(std::move(sink)) {}
  absl::Status OnAccount(const AccountRecord& record) override { return Put(record); }
  absl::Status OnFollow(const FollowRecord& record) override { return Put(record); }
  absl::Status OnInteraction(const InteractionRecord& record) override { return Put(record); }
  absl::Status OnPost(const PostRecord& record) override { return Put(record); }
  // Flushes and gives the file its name. No record after it.
  absl::Status Close();

 private:
  template <typename Record>
  absl::Status Put(const Record& record) {
    AppendRecordJson(record, &buffer_);
    return buffer_.size() < kFlushBytes ? absl::OkStatus() : Flush();
  }
  absl::Status Flush();
  static constexpr size_t kFlushBytes = 1 << 16;

  std::unique_ptr<ByteSink> sink_;
  std::string buffer_;
};

}  // namespace halqa
