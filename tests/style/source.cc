#include "tests/style/source.h"

#include <algorithm>
#include <regex>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace halqa::style {
namespace {

bool IsWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Copies `text` while blanking what a caller does not want to see.
class Blanker {
 public:
  Blanker(absl::string_view text, bool keep_literals)
      : text_(text), out_(text), keep_literals_(keep_literals) {}

  std::string Run() {
    while (i_ < text_.size()) Step();
    return std::move(out_);
  }
  const std::vector<int>& raw_lines() const { return raw_lines_; }

 private:
  bool At(absl::string_view s) const { return absl::StartsWith(text_.substr(i_), s); }

  void Step() {
    if (At("//")) return Skip(EndOfLine(), true);
    if (At("/*")) return Skip(EndOf("*/", 2), true);
    if (At("R\"") && (i_ == 0 || !IsWord(text_[i_ - 1]))) return SkipRaw();
    if (text_[i_] == '"') return Skip(EndOfQuoted('"'), !keep_literals_);
    // 1'000'000 is a number, not a character.
    if (text_[i_] == '\'' && (i_ == 0 || !IsWord(text_[i_ - 1]))) {
      return Skip(EndOfQuoted('\''), !keep_literals_);
    }
    if (!keep_literals_ && text_[i_] == '#' && AtLineStart() && IsDefine()) {
      return Skip(EndOfLine(), true);
    }
    ++i_;
  }

  void Skip(size_t end, bool blank) {
    for (; i_ < end; ++i_) {
      if (blank && out_[i_] != '\n') out_[i_] = ' ';
    }
  }

  void SkipRaw() {
    const size_t open = text_.find('(', i_);
    if (open == absl::string_view::npos) return Skip(text_.size(), true);
    const std::string close = ")" + std::string(text_.substr(i_ + 2, open - i_ - 2)) + "\"";
    const size_t end = EndOf(close, open - i_);
    const auto first = 1 + std::count(text_.begin(), text_.begin() + i_, '\n');
    const auto lines = std::count(text_.begin() + i_, text_.begin() + end, '\n');
    for (auto line = first; line <= first + lines; ++line) {
      raw_lines_.push_back(static_cast<int>(line));
    }
    Skip(end, !keep_literals_);
  }

  size_t EndOf(absl::string_view mark, size_t skip) const {
    const size_t found = text_.find(mark, i_ + skip);
    return found == absl::string_view::npos ? text_.size() : found + mark.size();
  }
  size_t EndOfQuoted(char quote) const {
    for (size_t i = i_ + 1; i < text_.size() && text_[i] != '\n'; ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        return i + 1;
      }
    }
    return i_ + 1;
  }
  // A line that ends in a backslash goes on.
  size_t EndOfLine() const {
    size_t end = text_.find('\n', i_);
    while (end != absl::string_view::npos && end > i_ && text_[end - 1] == '\\') {
      end = text_.find('\n', end + 1);
    }
    return end == absl::string_view::npos ? text_.size() : end;
  }
  bool AtLineStart() const {
    size_t i = i_;
    while (i > 0 && (text_[i - 1] == ' ' || text_[i - 1] == '\t')) --i;
    return i == 0 || text_[i - 1] == '\n';
  }
  bool IsDefine() const {
    absl::string_view rest = absl::StripLeadingAsciiWhitespace(text_.substr(i_ + 1));
    return absl::StartsWith(rest, "define") || absl::StartsWith(rest, "include") ||
           absl::StartsWith(rest, "error") || absl::StartsWith(rest, "pragma");
  }

  absl::string_view text_;
  std::string out_;
  const bool keep_literals_;
  size_t i_ = 0;
  std::vector<int> raw_lines_;
};

// Blanks what stands inside ( ), [ ] and < > of a declaration's head, to see its bare shape.
std::string OutsideBrackets(absl::string_view head) {
  std::string out;
  int round = 0;
  for (char c : head) {
    if (c == '(' || c == '[') ++round;
    if (round == 0 || (round == 1 && (c == '(' || c == '['))) out.push_back(c);
    if (c == ')' || c == ']') {
      --round;
      if (round == 0) out.push_back(c);
    }
  }
  static const std::regex kTemplate("\\btemplate\\s*<[^;{]*?>(?=\\s*(?:[A-Za-z_:~]|\\[\\[))");
  return std::regex_replace(out, kTemplate, " ");
}

enum class Scope { kOpen, kFunction, kInitializer, kMemberInitializer };

// What the brace after `head` (the text since the last ; { or }) opens.
Scope Classify(absl::string_view raw_head) {
  // "F(T t = {" stands inside the parameters: the head goes on.
  if (std::count(raw_head.begin(), raw_head.end(), '(') >
      std::count(raw_head.begin(), raw_head.end(), ')')) {
    return Scope::kMemberInitializer;
  }
  const std::string head = OutsideBrackets(raw_head);
  const absl::string_view trimmed = absl::StripAsciiWhitespace(head);
  static const std::regex kType("^(?:[A-Za-z_]\\w*\\s+)*?(?:namespace|class|struct|union|enum)\\b");
  static const std::regex kNamespace("\\bnamespace\\b|\\bextern\\b");
  const size_t round = head.find('(');
  if (std::regex_search(head, kNamespace) && round == std::string::npos) return Scope::kOpen;
  if (round == std::string::npos) {
    const std::string start(trimmed);
    return std::regex_search(start, kType) ? Scope::kOpen : Scope::kInitializer;
  }
  const std::string before = head.substr(0, round);
  if (absl::StrContains(before, '=') && !absl::StrContains(before, "operator")) {
    return Scope::kInitializer;
  }
  // "F(...) : member" opens the value of a member; "F(...) : member(...)" opens the body.
  static const std::regex kMember("\\)\\s*(?:noexcept\\s*)?:(?!:).*[\\w>]$");
  const std::string flat = std::regex_replace(std::string(trimmed), std::regex("\\s+"), " ");
  return std::regex_search(flat, kMember) ? Scope::kMemberInitializer : Scope::kFunction;
}

std::string NameOf(absl::string_view raw_head) {
  const std::string head = OutsideBrackets(raw_head);
  size_t end = head.find('(');
  if (const size_t found = head.find("operator"); found < end) {
    return std::string(absl::StripAsciiWhitespace(head.substr(found, end - found)));
  }
  while (end > 0 && absl::ascii_isspace(static_cast<unsigned char>(head[end - 1]))) --end;
  size_t begin = end;
  while (begin > 0 && (IsWord(head[begin - 1]) || head[begin - 1] == ':' || head[begin - 1] == '~'))
    --begin;
  return head.substr(begin, end - begin);
}

size_t MatchingBrace(absl::string_view code, size_t open) {
  int depth = 0;
  for (size_t i = open; i < code.size(); ++i) {
    if (code[i] == '{') ++depth;
    if (code[i] == '}' && --depth == 0) return i;
  }
  return code.size() - 1;
}

int LineOf(absl::string_view text, size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + offset, '\n'));
}

}  // namespace

std::string BlankCode(absl::string_view text) { return Blanker(text, false).Run(); }
std::string BlankComments(absl::string_view text) { return Blanker(text, true).Run(); }

std::vector<int> RawStringLines(absl::string_view text) {
  Blanker blanker(text, false);
  blanker.Run();
  return blanker.raw_lines();
}

std::vector<Function> FindFunctions(absl::string_view text) {
  std::string code = BlankCode(text);
  std::vector<Function> out;
  size_t head = 0;
  for (size_t i = 0; i < code.size(); ++i) {
    if (code[i] == ';' || code[i] == '}') head = i + 1;
    // "public:" ends nothing for Classify, but a preprocessor line does not belong to a head.
    if (code[i] == '#') head = i = std::min(code.find('\n', i), code.size() - 1);
    if (code[i] != '{') continue;
    const absl::string_view before = absl::string_view(code).substr(head, i - head);
    const Scope scope = Classify(before);
    if (scope == Scope::kOpen) {
      head = i + 1;
      continue;
    }
    const size_t close = MatchingBrace(code, i);
    if (scope == Scope::kFunction) {
      const int line = LineOf(code, i);
      out.push_back({NameOf(before), line, LineOf(code, close) - line + 1});
      head = close + 1;
    } else if (scope == Scope::kMemberInitializer) {
      // The head goes on; "{...}" reads as "(...)" from here.
      code[i] = '(';
      code[close] = ')';
      for (size_t k = i + 1; k < close; ++k) {
        if (code[k] != '\n') code[k] = ' ';
      }
    }
    i = close;
  }
  return out;
}

std::vector<Include> FindIncludes(absl::string_view text) {
  std::vector<Include> out;
  static const std::regex kInclude("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]");
  int number = 0;
  const std::string code = BlankComments(text);
  for (absl::string_view line : absl::StrSplit(code, '\n')) {
    ++number;
    std::cmatch match;
    if (!std::regex_search(line.data(), line.data() + line.size(), match, kInclude)) continue;
    out.push_back({number, match[2].str(), match[1].str() == "\""});
  }
  return out;
}

std::vector<Reason> FindReasons(absl::string_view text) {
  std::vector<Reason> out;
  const std::string code = BlankComments(text);
  static const std::regex kLiteral("\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\"");
  static const std::regex kCall(
      "(?:MakeError\\(\\s*[\\w:]+\\s*,|FieldError\\(|ErrnoError\\([^,;]+,)\\s*\"([A-Z]+)\"");
  for (const std::regex* pattern : {&kLiteral, &kCall}) {
    for (std::sregex_iterator it(code.begin(), code.end(), *pattern), end; it != end; ++it) {
      out.push_back({LineOf(code, static_cast<size_t>(it->position(1))), (*it)[1].str()});
    }
  }
  return out;
}

int Columns(absl::string_view line) {
  return static_cast<int>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace halqa::style
