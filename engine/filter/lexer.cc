#include "engine/filter/lexer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/records.h"
#include "engine/base/status_macros.h"

namespace halqa::filter {
namespace {

bool EndsWord(char c) {
  return absl::ascii_isspace(c) || c == '(' || c == ')' || c == '=' || c == '!' || c == '<' ||
         c == '>' || c == ':' || c == '"' || c == '\'' || c == ',';
}

class Lexer {
 public:
  explicit Lexer(absl::string_view in) : in_(in) {}

  absl::StatusOr<std::vector<Lexeme>> Run() {
    while (true) {
      while (i_ < in_.size() && absl::ascii_isspace(in_[i_])) ++i_;
      if (i_ >= in_.size()) break;
      HALQA_RETURN_IF_ERROR(One());
    }
    Push(LexKind::kEnd, 0);
    return std::move(out_);
  }

 private:
  void Push(LexKind kind, size_t size) {
    Lexeme& lexeme = out_.emplace_back();
    lexeme.kind = kind;
    lexeme.text = std::string(in_.substr(i_, size));
    lexeme.position = i_;
    i_ += size;
  }

  bool NextIs(char c) const { return i_ + 1 < in_.size() && in_[i_ + 1] == c; }
  bool AfterComparator() const { return !out_.empty() && out_.back().kind == LexKind::kCompare; }

  absl::Status One() {
    const char c = in_[i_];
    if (c == '(' || c == ')') {
      Push(c == '(' ? LexKind::kOpen : LexKind::kClose, 1);
    } else if (c == '=' || c == ':') {
      Push(LexKind::kCompare, 1);
    } else if (c == '<' || c == '>') {
      Push(LexKind::kCompare, NextIs('=') ? 2 : 1);
    } else if (c == '!') {
      if (!NextIs('=')) return FilterError("FILTER_SYNTAX", i_, "'!' stands only before '='");
      Push(LexKind::kCompare, 2);
    } else if (c == '"' || c == '\'') {
      return Quoted(c);
    } else if (c == '-' && !AfterComparator()) {
      Push(LexKind::kMinus, 1);
    } else if (c == ',') {
      return FilterError("FILTER_SYNTAX", i_, "',' has no meaning here; use AND or OR");
    } else {
      return Word();
    }
    return absl::OkStatus();
  }

  absl::Status Quoted(char quote) {
    Lexeme lexeme;
    lexeme.kind = LexKind::kString;
    lexeme.position = i_++;
    bool star = false;  // the last character was an unescaped '*'
    for (; i_ < in_.size() && in_[i_] != quote; ++i_) {
      if (star) HALQA_RETURN_IF_ERROR(TakeStar(&lexeme, false));
      star = in_[i_] == '*';
      if (in_[i_] == '\\' && i_ + 1 < in_.size()) ++i_;
      if (!star) lexeme.text.push_back(in_[i_]);
    }
    if (star) HALQA_RETURN_IF_ERROR(TakeStar(&lexeme, true));
    if (i_ >= in_.size()) {
      return FilterError("FILTER_SYNTAX", lexeme.position, "this quote is never closed");
    }
    ++i_;
    out_.push_back(std::move(lexeme));
    return absl::OkStatus();
  }

  // A '*' was read; `last`: nothing follows it.
  absl::Status TakeStar(Lexeme* lexeme, bool last) const {
    if (lexeme->text.empty() && !lexeme->wildcard_begin && !last) {
      lexeme->wildcard_begin = true;
    } else if (last) {
      lexeme->wildcard_end = true;
    } else {
      return FilterError("FILTER_SYNTAX", lexeme->position,
                         "'*' stands only at the beginning or the end of a value (write \\* in "
                         "quotes for the character)");
    }
    return absl::OkStatus();
  }

  absl::Status Word() {
    Lexeme lexeme;
    lexeme.kind = LexKind::kWord;
    lexeme.position = i_;
    size_t end = i_;
    while (end < in_.size() && !EndsWord(in_[end])) ++end;
    const absl::string_view word = in_.substr(i_, end - i_);
    for (size_t k = 0; k < word.size(); ++k) {
      if (word[k] == '*') {
        HALQA_RETURN_IF_ERROR(TakeStar(&lexeme, k + 1 == word.size()));
      } else {
        lexeme.text.push_back(word[k]);
      }
    }
    if (word == "AND") lexeme.kind = LexKind::kAnd;
    if (word == "OR") lexeme.kind = LexKind::kOr;
    if (word == "NOT") lexeme.kind = LexKind::kNot;
    i_ = end;
    out_.push_back(std::move(lexeme));
    return absl::OkStatus();
  }

  absl::string_view in_;
  size_t i_ = 0;
  std::vector<Lexeme> out_;
};

}  // namespace

absl::Status FilterError(absl::string_view reason, size_t position, absl::string_view message) {
  return WithDetail(FieldError(reason, "filter", absl::StrCat("at byte ", position, ": ", message)),
                    "position", absl::StrCat(position));
}

absl::StatusOr<std::vector<Lexeme>> Lex(absl::string_view filter) {
  if (!IsValidUtf8(filter)) return FilterError("FILTER_SYNTAX", 0, "the filter is not UTF-8");
  return Lexer(filter).Run();
}

}  // namespace halqa::filter
