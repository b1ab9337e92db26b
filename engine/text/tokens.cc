#include "engine/text/tokens.h"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/text/fold.h"

namespace halqa::text {
namespace {

// Reads the code point at `i` and advances; U+FFFD for bytes that are no UTF-8.
UChar32 NextCodePoint(absl::string_view text, size_t* i) {
  auto at = static_cast<int32_t>(*i);
  UChar32 c = 0;
  U8_NEXT_OR_FFFD(reinterpret_cast<const uint8_t*>(text.data()), at,
                  static_cast<int32_t>(text.size()), c);
  *i = static_cast<size_t>(at);
  return c;
}

bool IsWordCharacter(UChar32 c) {
  return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0 || c == 0x200c;
}
bool IsTagCharacter(UChar32 c) { return IsWordCharacter(c) || c == '_'; }
bool IsHandleCharacter(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.'; }

Script ScriptOfCodePoint(UChar32 c) {
  if (u_isdigit(c)) return Script::kNumber;
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(c, &error)) {
    case USCRIPT_LATIN:
      return Script::kLatin;
    case USCRIPT_ARABIC:
      return Script::kArabic;
    default:
      return Script::kOther;
  }
}

Token MakeToken(absl::string_view word) {
  Token token;
  token.accented = FoldKeepingAccents(word);
  token.folded = StripLatinAccents(token.accented);
  token.script = ScriptOf(token.folded);
  return token;
}

bool IsElidedPrefix(absl::string_view piece) {
  static constexpr std::array<absl::string_view, 12> kPrefixes = {
      "l", "d", "j", "c", "n", "s", "m", "t", "qu", "jusqu", "lorsqu", "puisqu"};
  const std::string lower = absl::AsciiStrToLower(piece);
  return std::find(kPrefixes.begin(), kPrefixes.end(), lower) != kPrefixes.end();
}

// Splits what ICU calls one word at the marks that ICU keeps inside words.
void AppendWord(absl::string_view word, std::vector<Token>* tokens) {
  std::vector<absl::string_view> pieces;
  bool after_apostrophe = false;
  size_t start = 0;
  auto close = [&](size_t end, bool apostrophe) {
    absl::string_view piece = word.substr(start, end - start);
    const bool genitive = after_apostrophe && (piece == "s" || piece == "S" || piece == "t");
    const bool elided = apostrophe && IsElidedPrefix(piece);
    if (!piece.empty() && !genitive && !elided) pieces.push_back(piece);
    after_apostrophe = apostrophe;
  };
  for (size_t i = 0; i < word.size();) {
    size_t next = i;
    const UChar32 c = NextCodePoint(word, &next);
    if (!IsWordCharacter(c)) {
      close(i, c == '\'' || c == 0x2019 || c == 0x02bc);
      start = next;
    }
    i = next;
  }
  close(word.size(), false);
  for (absl::string_view piece : pieces) {
    Token token = MakeToken(piece);
    if (!token.folded.empty()) tokens->push_back(std::move(token));
  }
}

icu::BreakIterator& WordBreaker() {
  static thread_local std::unique_ptr<icu::BreakIterator> breaker = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
    HALQA_CHECK(U_SUCCESS(error));
    return made;
  }();
  return *breaker;
}

// Whether what stands between two words ends a run.
bool EndsRun(absl::string_view between) {
  for (size_t i = 0; i < between.size();) {
    const UChar32 c = NextCodePoint(between, &i);
    switch (c) {
      case '.':
      case '!':
      case '?':
      case ';':
      case '|':
      case '/':
      case '\n':
      case 0x00b7:  // ·
      case 0x061b:  // Arabic semicolon
      case 0x061f:  // Arabic question mark
      case 0x2013:  // en dash
      case 0x2014:  // em dash
      case 0x2022:  // bullet
      case 0x2026:  // ellipsis
        return true;
      default:
        if (c > 0x2000 && u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC)) return true;
    }
  }
  return false;
}

// Words of a stretch without hashtags, mentions and links. `run`: that of the next word.
void AppendWords(absl::string_view text, std::vector<Token>* tokens, uint32_t* run) {
  if (text.empty()) return;
  UErrorCode error = U_ZERO_ERROR;
  UText* utext = utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &error);
  HALQA_CHECK(U_SUCCESS(error));
  icu::BreakIterator& breaker = WordBreaker();
  breaker.setText(utext, error);
  int32_t start = breaker.first();
  for (int32_t end = breaker.next(); end != icu::BreakIterator::DONE; end = breaker.next()) {
    const absl::string_view piece = text.substr(start, end - start);
    if (breaker.getRuleStatus() >= UBRK_WORD_NONE_LIMIT) {
      const size_t before = tokens->size();
      AppendWord(piece, tokens);
      for (size_t i = before; i < tokens->size(); ++i) (*tokens)[i].run = *run;
    } else if (EndsRun(piece)) {
      ++*run;
    }
    start = end;
  }
  utext_close(utext);
}

bool HasKnownDomain(absl::string_view chunk) {
  static constexpr std::array<absl::string_view, 18> kEndings = {
      ".com", ".net", ".org", ".ma", ".fr",   ".io", ".tv", ".me", ".be",
      ".ly",  ".co",  ".eu",  ".dz", ".info", ".tn", ".ee", ".gg", ".shop"};
  const absl::string_view host = chunk.substr(0, chunk.find_first_of("/?"));
  return std::any_of(kEndings.begin(), kEndings.end(), [host](absl::string_view ending) {
    return host.size() > ending.size() && absl::EndsWithIgnoreCase(host, ending);
  });
}

// A link or a mail address. `chunk` holds no blanks.
bool IsLink(absl::string_view chunk) {
  if (absl::StrContains(chunk, "://") || absl::StartsWithIgnoreCase(chunk, "www.")) return true;
  const size_t at = chunk.find('@');
  if (at != absl::string_view::npos && at > 0) {
    return absl::ascii_isalnum(chunk[at - 1]) && chunk.find('.', at) != absl::string_view::npos;
  }
  return HasKnownDomain(chunk);
}

size_t TagEnd(absl::string_view text, size_t i) {
  while (i < text.size()) {
    size_t next = i;
    if (!IsTagCharacter(NextCodePoint(text, &next))) break;
    i = next;
  }
  return i;
}

// Splits chunks (text between blanks) into special pieces and plain stretches.
class Splitter {
 public:
  explicit Splitter(absl::string_view text) : text_(text) {}

  TokenizedText Run() {
    for (size_t i = 0; i < text_.size();) {
      size_t end = i;
      while (end < text_.size() && !absl::ascii_isspace(text_[end])) ++end;
      Chunk(i, end);
      i = end;
      while (i < text_.size() && absl::ascii_isspace(text_[i])) ++i;
    }
    Plain(text_.size());
    return std::move(out_);
  }

 private:
  // Ends the plain stretch at `end`.
  void Plain(size_t end) {
    AppendWords(text_.substr(plain_, end - plain_), &out_.tokens, &run_);
    plain_ = end;
  }

  void Chunk(size_t begin, size_t end) {
    const absl::string_view whole = text_.substr(begin, end - begin);
    const size_t lead = std::min(whole.find_first_not_of("([{<\"'"), whole.size());
    const size_t tail = whole.find_last_not_of(")]}>\"',;:!?.");
    const absl::string_view chunk =
        tail == absl::string_view::npos || tail < lead ? "" : whole.substr(lead, tail + 1 - lead);
    if (IsLink(chunk)) {
      Plain(begin);
      out_.urls.emplace_back(chunk);
      plain_ = end;
      return;
    }
    bool after_word = false;
    for (size_t i = begin; i < end;) {
      size_t next = i;
      const UChar32 c = NextCodePoint(text_.substr(0, end), &next);
      if ((c == '#' || c == 0xff03) && !after_word) {
        next = Hashtag(i, next, end);
      } else if (c == '@' && !after_word) {
        next = Mention(i, next, end);
      }
      after_word = next == i + U8_LENGTH(c) && IsTagCharacter(c);
      i = next;
    }
  }

  size_t Hashtag(size_t mark, size_t begin, size_t limit) {
    const size_t end = TagEnd(text_.substr(0, limit), begin);
    auto tokens = TokenizeHashtag(text_.substr(begin, end - begin));
    if (tokens.empty() || tokens.front().script == Script::kNumber) return begin;
    Plain(mark);
    for (Token& token : tokens) token.run = run_;
    std::move(tokens.begin(), tokens.end(), std::back_inserter(out_.tokens));
    plain_ = end;
    return end;
  }

  size_t Mention(size_t mark, size_t begin, size_t limit) {
    size_t end = begin;
    while (end < limit && IsHandleCharacter(text_[end])) ++end;
    while (end > begin && text_[end - 1] == '.') --end;
    if (end == begin) return begin;
    Plain(mark);
    out_.mentions.emplace_back(text_.substr(begin, end - begin));
    plain_ = end;
    return end;
  }

  absl::string_view text_;
  size_t plain_ = 0;
  uint32_t run_ = 0;
  TokenizedText out_;
};

// True when a hashtag has a word boundary between `a` and `b`, `after` being what follows b (or 0).
bool TagBoundary(UChar32 a, UChar32 b, UChar32 after) {
  if ((U_GET_GC_MASK(b) & U_GC_M_MASK) != 0 || b == 0x200c) return false;
  if (u_isdigit(a) != u_isdigit(b)) return true;
  const Script sa = ScriptOfCodePoint(a), sb = ScriptOfCodePoint(b);
  if (sa != sb && sa != Script::kOther && sb != Script::kOther) return true;
  if (u_islower(a) && u_isupper(b)) return true;
  return u_isupper(a) && u_isupper(b) && after != 0 && u_islower(after);
}

void AppendTagParts(absl::string_view piece, std::vector<absl::string_view>* parts) {
  size_t start = 0, i = 0;
  UChar32 previous = 0;
  while (i < piece.size()) {
    size_t next = i;
    const UChar32 c = NextCodePoint(piece, &next);
    size_t peek = next;
    const UChar32 after = next < piece.size() ? NextCodePoint(piece, &peek) : 0;
    if (i > start && TagBoundary(previous, c, after)) {
      parts->push_back(piece.substr(start, i - start));
      start = i;
    }
    previous = c;
    i = next;
  }
  if (start < piece.size()) parts->push_back(piece.substr(start));
}

}  // namespace

Script ScriptOf(absl::string_view folded) {
  Script found = Script::kOther;
  for (size_t i = 0; i < folded.size();) {
    const Script script = ScriptOfCodePoint(NextCodePoint(folded, &i));
    if (script == Script::kLatin || script == Script::kArabic) return script;
    if (script == Script::kNumber) found = script;
  }
  return found;
}

std::vector<Token> TokenizeHashtag(absl::string_view tag) {
  tag = tag.substr(0, kTextBytesMax);
  std::string whole;
  std::vector<absl::string_view> parts;
  for (absl::string_view piece : absl::StrSplit(tag, '_', absl::SkipEmpty())) {
    for (size_t i = 0; i < piece.size();) {
      const size_t begin = i;
      if (IsWordCharacter(NextCodePoint(piece, &i))) whole.append(piece.data() + begin, i - begin);
    }
    AppendTagParts(piece, &parts);
  }
  std::vector<Token> tokens;
  Token token = MakeToken(whole);
  if (token.folded.empty() || token.folded == "\xef\xbf\xbd") return tokens;
  token.is_hashtag = true;
  tokens.push_back(std::move(token));
  if (parts.size() < 2) return tokens;
  for (absl::string_view part : parts) {
    const size_t before = tokens.size();
    AppendWord(part, &tokens);
    for (size_t i = before; i < tokens.size(); ++i) tokens[i].from_hashtag = true;
  }
  return tokens;
}

TokenizedText Tokenize(absl::string_view utf8) {
  utf8 = utf8.substr(0, kTextBytesMax);
  return Splitter(utf8).Run();
}

}  // namespace halqa::text
