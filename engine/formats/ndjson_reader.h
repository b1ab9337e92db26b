#pragma once

#include "absl/status/status.h"
#include "engine/base/records.h"
#include "engine/formats/session.h"

namespace halqa {

// Reads one object into its record and hands it to the session. The fields are those of
// engine/base/records.h; "type" says which record it is. Errors: InvalidArgument (INVALID_JSON,
// MISSING_FIELD, UNKNOWN_FIELD, WRONG_TYPE, UNKNOWN_RECORD_TYPE) with the value "field".
class NdjsonRecords {
 public:
  NdjsonRecords();
  ~NdjsonRecords();
  // `line` is one JSON object. Cost: about 1 us.
  absl::Status Read(absl::string_view line, uint64_t line_number, ReadSession& session);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

// Reads a file of one record per line. Errors: as above with file:line; those of the file; UTF-8
// is required (INVALID_ENCODING).
absl::Status ReadNdjsonFile(const std::string& path, ReadSession& session);

}  // namespace halqa
