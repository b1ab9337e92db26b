#include "engine/formats/gml_reader.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/encoding.h"

namespace halqa {
namespace {

absl::Status InvalidGml(absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_GML", message);
}

// The text of a file, character by character, with its line.
class Characters {
 public:
  Characters(std::unique_ptr<ByteSource> source)
      : text_(std::move(source), Encoding::kOffice), buffer_(1 << 16) {}
  // The next character without taking it; 0 at the end or after an error.
  char Peek() {
    if (at_ < size_) return buffer_[at_];
    if (done_) return 0;
    auto n = text_.Read(buffer_.data(), buffer_.size());
    if (!n.ok()) error_ = n.status();
    at_ = 0;
    size_ = n.ok() ? *n : 0;
    done_ = size_ == 0;
    return done_ ? 0 : buffer_[0];
  }
  char Take() {
    const char c = Peek();
    if (c == '\n') ++line_;
    if (!done_) ++at_;
    return c;
  }
  bool done() { return Peek() == 0 && done_; }
  uint64_t line() const { return line_; }
  const absl::Status& error() const { return error_; }
  const ByteSource& source() const { return text_.source(); }

 private:
  TextSource text_;
  std::vector<char> buffer_;
  size_t at_ = 0, size_ = 0;
  bool done_ = false;
  uint64_t line_ = 1;
  absl::Status error_;
};

enum class TokenKind { kWord, kText, kOpen, kClose, kEnd };
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  uint64_t line = 0;
};

// The entities that writers of GML use; others stay as they are.
void AppendEntity(absl::string_view name, std::string* out) {
  uint32_t code = 0;
  if (name == "quot") {
    out->push_back('"');
  } else if (name == "amp") {
    out->push_back('&');
  } else if (name == "lt") {
    out->push_back('<');
  } else if (name == "gt") {
    out->push_back('>');
  } else if (name.size() > 1 && name[0] == '#' && absl::SimpleAtoi(name.substr(1), &code) &&
             code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else {
    absl::StrAppend(out, "&", name, ";");
  }
}

class GmlReader {
 public:
  GmlReader(std::unique_ptr<ByteSource> source, ReadSession& session)
      : in_(std::move(source)), session_(session) {}

  absl::Status Read() {
    HALQA_RETURN_IF_ERROR(FindGraph());
    HALQA_RETURN_IF_ERROR(ReadGraph());
    session_.FinishFile(in_.source());
    return absl::OkStatus();
  }

 private:
  using Values = std::vector<std::pair<std::string, std::string>>;

  absl::StatusOr<Token> Next();
  absl::StatusOr<Token> NextText(Token token);
  absl::Status At(const absl::Status& error, uint64_t line) {
    return session_.Refuse(error, line, "");
  }
  absl::Status FindGraph();
  absl::Status ReadGraph();
  // The plain values of a [ ... ] block; nested blocks are skipped.
  absl::StatusOr<Values> ReadBlock();
  absl::Status SkipBlock();
  absl::Status TakeNode(const Values& values, uint64_t line);
  absl::Status TakeEdge(const Values& values);

  Characters in_;
  ReadSession& session_;
  bool directed_ = false;
  absl::flat_hash_set<std::string> nodes_;
};

absl::StatusOr<Token> GmlReader::NextText(Token token) {
  in_.Take();
  token.kind = TokenKind::kText;
  while (!in_.done() && in_.Peek() != '"') {
    const char c = in_.Take();
    if (c != '&') {
      token.text.push_back(c);
      continue;
    }
    std::string name;
    while (name.size() < 10 &&
           (absl::ascii_isalnum(static_cast<unsigned char>(in_.Peek())) || in_.Peek() == '#')) {
      name.push_back(in_.Take());
    }
    if (in_.Peek() == ';') {
      in_.Take();
      AppendEntity(name, &token.text);
    } else {
      absl::StrAppend(&token.text, "&", name);
    }
  }
  if (in_.done()) {
    HALQA_RETURN_IF_ERROR(in_.error());
    return WithDetail(
        InvalidGml(absl::StrCat("a text that opens on line ", token.line, " is never closed")),
        "line", absl::StrCat(token.line));
  }
  in_.Take();
  return token;
}

absl::StatusOr<Token> GmlReader::Next() {
  for (;;) {
    while (!in_.done() && absl::ascii_isspace(static_cast<unsigned char>(in_.Peek()))) in_.Take();
    if (in_.done() || in_.Peek() != '#') break;
    while (!in_.done() && in_.Peek() != '\n') in_.Take();
  }
  HALQA_RETURN_IF_ERROR(in_.error());
  Token token;
  token.line = in_.line();
  if (in_.done()) return token;
  const char c = in_.Peek();
  if (c == '"') return NextText(std::move(token));
  if (c == '[' || c == ']') {
    in_.Take();
    token.kind = c == '[' ? TokenKind::kOpen : TokenKind::kClose;
    return token;
  }
  token.kind = TokenKind::kWord;
  while (!in_.done() && !absl::ascii_isspace(static_cast<unsigned char>(in_.Peek())) &&
         in_.Peek() != '[' && in_.Peek() != ']' && in_.Peek() != '"') {
    token.text.push_back(in_.Take());
  }
  return token;
}

absl::Status GmlReader::SkipBlock() {
  for (int depth = 1; depth > 0;) {
    HALQA_ASSIGN_OR_RETURN(const Token token, Next());
    if (token.kind == TokenKind::kEnd) return InvalidGml("the file ends inside a [ ... ] block");
    depth += token.kind == TokenKind::kOpen ? 1 : token.kind == TokenKind::kClose ? -1 : 0;
  }
  return absl::OkStatus();
}

absl::StatusOr<GmlReader::Values> GmlReader::ReadBlock() {
  HALQA_ASSIGN_OR_RETURN(const Token open, Next());
  if (open.kind != TokenKind::kOpen) return InvalidGml("expected [");
  Values values;
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(Token key, Next());
    if (key.kind == TokenKind::kClose) return values;
    if (key.kind != TokenKind::kWord) return InvalidGml("expected a name or ]");
    HALQA_ASSIGN_OR_RETURN(Token value, Next());
    if (value.kind == TokenKind::kOpen) {
      HALQA_RETURN_IF_ERROR(SkipBlock());
    } else if (value.kind == TokenKind::kWord || value.kind == TokenKind::kText) {
      values.emplace_back(std::move(key.text), std::move(value.text));
    } else {
      return InvalidGml(absl::StrCat("\"", key.text, "\" has no value"));
    }
  }
}

absl::Status GmlReader::FindGraph() {
  for (;;) {
    auto token = Next();
    if (!token.ok()) return At(token.status(), in_.line());
    if (token->kind == TokenKind::kEnd) return At(InvalidGml("no graph [ ... ]"), in_.line());
    if (token->kind == TokenKind::kWord && token->text == "graph") break;
    if (token->kind == TokenKind::kOpen) HALQA_RETURN_IF_ERROR(SkipBlock());
  }
  auto open = Next();
  if (!open.ok()) return At(open.status(), in_.line());
  if (open->kind != TokenKind::kOpen) return At(InvalidGml("expected [ after graph"), open->line);
  return absl::OkStatus();
}

absl::Status GmlReader::TakeNode(const Values& values, uint64_t line) {
  AccountRecord record;
  std::string id;
  for (const auto& [key, value] : values) {
    if (key == "id") {
      id = value;
    } else if (key == "label" || key == "name") {
      if (!record.display_name.has_value()) record.display_name = value;
    } else {
      record.attributes[key] = value;
    }
  }
  if (id.empty()) return FieldError("MISSING_FIELD", "id", "a node without an id");
  record.external_id = absl::StrCat(session_.options().platform, ":", id);
  HALQA_RETURN_IF_ERROR(
      session_.FirstOfItsName(record.external_id, line, Duplicates::kRefuse).status());
  HALQA_RETURN_IF_ERROR(session_.Emit(record));
  nodes_.insert(std::move(id));
  return absl::OkStatus();
}

absl::Status GmlReader::TakeEdge(const Values& values) {
  std::string source, target;
  for (const auto& [key, value] : values) {
    if (key == "source") source = value;
    if (key == "target") target = value;
  }
  for (const auto& [field, id] : {std::pair("source", &source), std::pair("target", &target)}) {
    if (id->empty()) return FieldError("MISSING_FIELD", field, "an edge without it");
    if (!nodes_.contains(*id)) {
      return FieldError("UNKNOWN_KEY", field, absl::StrCat("there is no node ", *id, " above"));
    }
  }
  const std::string& platform = session_.options().platform;
  const std::string from = absl::StrCat(platform, ":", source);
  const std::string to = absl::StrCat(platform, ":", target);
  FollowRecord record;
  record.follower = from;
  record.followee = to;
  return session_.Emit(record, SelfLoops::kRefuse, !directed_ || session_.options().undirected);
}

absl::Status GmlReader::ReadGraph() {
  for (;;) {
    HALQA_RETURN_IF_ERROR(session_.Tick(in_.source()));
    auto key = Next();
    if (!key.ok()) return At(key.status(), in_.line());
    if (key->kind == TokenKind::kClose) return absl::OkStatus();
    // What breaks the structure cannot be one bad line: both modes stop.
    if (key->kind != TokenKind::kWord) {
      return Annotate(InvalidGml("expected node, edge or ]"),
                      absl::StrCat(in_.source().path(), ":", key->line));
    }
    if (key->text == "node" || key->text == "edge") {
      auto values = ReadBlock();
      if (!values.ok()) {
        return Annotate(values.status(), absl::StrCat(in_.source().path(), ":", in_.line()));
      }
      const absl::Status taken =
          key->text == "node" ? TakeNode(*values, key->line) : TakeEdge(*values);
      if (!taken.ok()) HALQA_RETURN_IF_ERROR(At(taken, key->line));
      continue;
    }
    auto value = Next();
    if (!value.ok()) return At(value.status(), in_.line());
    if (value->kind == TokenKind::kOpen) HALQA_RETURN_IF_ERROR(SkipBlock());
    if (key->text == "directed") directed_ = value->text == "1";
  }
}

}  // namespace

absl::Status ReadGmlFile(const std::string& path, ReadSession& session) {
  HALQA_ASSIGN_OR_RETURN(auto source, session.Open(path));
  return GmlReader(std::move(source), session).Read();
}

}  // namespace halqa
