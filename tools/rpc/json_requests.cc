#include "tools/rpc/json_requests.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "engine/base/error.h"
#include "engine/base/file.h"

namespace halqa::rpc {
namespace {

// Follows braces and quotes through the text.
class Nesting {
 public:
  // False where a closing bracket has no opening one.
  bool Take(char c) {
    if (quoted_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        quoted_ = false;
      }
      return true;
    }
    if (c == '"') quoted_ = true;
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    return depth_ >= 0;
  }
  bool outside() const { return depth_ == 0 && !quoted_; }

 private:
  int depth_ = 0;
  bool quoted_ = false, escaped_ = false;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> SplitJson(absl::string_view text) {
  std::vector<std::string> values;
  Nesting nesting;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!nesting.Take(text[i])) {
      return FieldError("INVALID_JSON", "request", "a closing bracket has no opening one");
    }
    if (!nesting.outside()) continue;
    const bool closed = text[i] == '}' || text[i] == ']';
    if (!closed && !absl::ascii_isspace(static_cast<unsigned char>(text[i]))) continue;
    const auto value = absl::StripAsciiWhitespace(text.substr(begin, i + 1 - begin));
    if (!value.empty()) values.emplace_back(value);
    begin = i + 1;
  }
  if (!nesting.outside()) {
    return FieldError("INVALID_JSON", "request", "a bracket or quote is not closed");
  }
  const auto rest = absl::StripAsciiWhitespace(text.substr(begin));
  if (!rest.empty()) values.emplace_back(rest);
  return values;
}

absl::StatusOr<RequestSource::State> ListedRequests::Next(std::string* json) {
  if (next_ == requests_.size()) return State::kEnd;
  *json = requests_[next_++];
  return State::kRequest;
}

absl::StatusOr<RequestSource::State> LineRequests::Next(std::string* json) {
  while (true) {
    const size_t end = buffer_.find('\n');
    if (end != std::string::npos || (ended_ && !buffer_.empty())) {
      *json = std::string(absl::StripAsciiWhitespace(absl::string_view(buffer_).substr(0, end)));
      buffer_.erase(0, end == std::string::npos ? end : end + 1);
      if (!json->empty()) return State::kRequest;
      continue;
    }
    if (ended_) return State::kEnd;
    pollfd waiting = {fd_, POLLIN, 0};
    if (poll(&waiting, 1, 0) == 0) return State::kNotYet;
    char bytes[1 << 16];
    const ssize_t count = read(fd_, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoError(errno, "FILE_READ_FAILED", "standard input");
    ended_ = count == 0;
    buffer_.append(bytes, static_cast<size_t>(count));
  }
}

}  // namespace halqa::rpc
