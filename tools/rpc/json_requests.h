#pragma once
// JSON requests one after the other, from text or from a file descriptor.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa::rpc {

// The top-level values of `text`, which may follow each other with or without blanks between.
// Errors: InvalidArgument (INVALID_JSON) where braces or quotes do not match.
absl::StatusOr<std::vector<std::string>> SplitJson(absl::string_view text);

// Where the requests of a call come from.
class RequestSource {
 public:
  enum class State { kRequest, kNotYet, kEnd };
  virtual ~RequestSource() = default;
  // Never waits: kNotYet where the next request may still come.
  virtual absl::StatusOr<State> Next(std::string* json) = 0;
};

class ListedRequests : public RequestSource {
 public:
  explicit ListedRequests(std::vector<std::string> requests) : requests_(std::move(requests)) {}
  absl::StatusOr<State> Next(std::string* json) override;

 private:
  std::vector<std::string> requests_;
  size_t next_ = 0;
};

// One request per line of a file descriptor; blank lines are skipped.
class LineRequests : public RequestSource {
 public:
  explicit LineRequests(int fd) : fd_(fd) {}
  absl::StatusOr<State> Next(std::string* json) override;

 private:
  const int fd_;
  bool ended_ = false;
  std::string buffer_;
};

}  // namespace halqa::rpc
