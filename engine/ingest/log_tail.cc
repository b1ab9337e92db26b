#include "engine/ingest/log_tail.h"

#include "engine/base/coding.h"
#include "engine/base/error.h"

namespace halqa::ingest {

std::string EncodeTail(const LogTail& tail) {
  std::string out;
  PutFixed64BE(tail.lsn, &out);
  PutFixed64BE(tail.chain, &out);
  return out;
}

absl::StatusOr<LogTail> DecodeTail(absl::string_view bytes) {
  if (bytes.size() != 16) {
    return MakeError(absl::StatusCode::kDataLoss, "LOG_TAIL_CORRUPT",
                     "the log's end mark is damaged");
  }
  return LogTail{DecodeFixed64BE(bytes), DecodeFixed64BE(bytes.substr(8))};
}

}  // namespace halqa::ingest
