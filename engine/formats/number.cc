#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"

namespace halqa {
namespace {

// Blanks that stand for nothing: no-break, narrow no-break, thin, figure spaces, direction marks,
// byte order mark.
constexpr absl::string_view kWideBlanks[] = {
    "\xc2\xa0",     "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x87", "\xe2\x80\x8e",
    "\xe2\x80\x8f", "\xd8\x9c",     "\xef\xbb\xbf", "\xe2\x81\xa6", "\xe2\x81\xa9"};

// Length of the blank at the front of `text`, 0 if there is none.
size_t BlankAtFront(absl::string_view text) {
  if (text.empty() || (text.front() > ' ' && text.front() < 0x7f)) return 0;
  if (absl::ascii_isspace(static_cast<unsigned char>(text.front()))) return 1;
  for (absl::string_view blank : kWideBlanks) {
    if (absl::StartsWith(text, blank)) return blank.size();
  }
  return 0;
}

size_t BlankAtBack(absl::string_view text) {
  if (text.empty() || (text.back() > ' ' && text.back() < 0x7f)) return 0;
  if (absl::ascii_isspace(static_cast<unsigned char>(text.back()))) return 1;
  for (absl::string_view blank : kWideBlanks) {
    if (absl::EndsWith(text, blank)) return blank.size();
  }
  return 0;
}

absl::Status NotANumber(absl::string_view text) {
  return MakeError(absl::StatusCode::kInvalidArgument, "NOT_A_NUMBER",
                   absl::StrCat("\"", text.substr(0, 80), "\" is not a number"),
                   {{"value", std::string(text.substr(0, 80))}});
}

// Brings digits and separators of other scripts to ASCII and every blank between them to ' '.
std::string Plain(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (const size_t blank = BlankAtFront(text); blank > 0) {
      out.push_back(' ');
      text.remove_prefix(blank);
      continue;
    }
    const auto lead = static_cast<uint8_t>(text[0]);
    const uint8_t second = text.size() > 1 ? static_cast<uint8_t>(text[1]) : 0;
    if (lead == 0xd9 && second >= 0xa0 && second <= 0xa9) {
      out.push_back(static_cast<char>('0' + second - 0xa0));
    } else if (lead == 0xdb && second >= 0xb0 && second <= 0xb9) {
      out.push_back(static_cast<char>('0' + second - 0xb0));
    } else if (lead == 0xd9 && second == 0xab) {
      out.push_back('.');
    } else if (lead == 0xd9 && second == 0xac) {
      out.push_back('\'');
    } else {
      out.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(2);
  }
  return out;
}

struct Suffix {
  absl::string_view text;
  int exponent;
};

// Longest first where one ends with another.
constexpr Suffix kSuffixes[] = {{"milliards", 9}, {"milliard", 9}, {"millions", 6}, {"million", 6},
                                {"mille", 3},     {"mds", 9},      {"md", 9},       {"mrd", 9},
                                {"mln", 6},       {"mio", 6},      {"bn", 9},       {"k", 3},
                                {"m", 6},         {"b", 9},        {"%", -2},       {"ألف", 3},
                                {"الف", 3},       {"مليون", 6},    {"مليار", 9}};

// Cuts a scale word from the end of `text` and returns its power of ten.
int CutSuffix(absl::string_view* text) {
  for (const Suffix& s : kSuffixes) {
    if (!absl::EndsWithIgnoreCase(*text, s.text)) continue;
    text->remove_suffix(s.text.size());
    *text = absl::StripTrailingAsciiWhitespace(*text);
    return s.exponent;
  }
  return 0;
}

// The decimal separator of the digits in `text`, 0 when there is none.
char DecimalSeparator(absl::string_view text, NumberStyle style, bool scaled) {
  const size_t comma = text.rfind(','), dot = text.rfind('.');
  constexpr size_t kNone = absl::string_view::npos;
  if (comma == kNone && dot == kNone) return 0;
  if (comma != kNone && dot != kNone) return comma > dot ? ',' : '.';
  const char only = comma != kNone ? ',' : '.';
  const size_t at = comma != kNone ? comma : dot;
  if (text.find(only) != at) return 0;
  if (style.decimal != 0) return style.decimal == only ? only : 0;
  const bool three = text.size() - at == 4 && at >= 1 && at <= 3 && text[0] != '0';
  return only == ',' && three && !scaled ? 0 : only;
}

// Reads digits with thousand separators in groups of three. Returns false on anything else.
bool ReadWhole(absl::string_view text, char decimal, Decimal* out) {
  size_t in_group = 0;
  bool grouped = false;
  char separator = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      if (out->mantissa > (std::numeric_limits<uint64_t>::max() - 9) / 10) return false;
      out->mantissa = out->mantissa * 10 + static_cast<uint64_t>(c - '0');
      ++in_group;
      continue;
    }
    if (c != ' ' && c != ',' && c != '.' && c != '\'' && c != '_') return false;
    if (c == decimal || (separator != 0 && c != separator)) return false;
    if (in_group == 0 || in_group > 3 || (grouped && in_group != 3)) return false;
    separator = c;
    grouped = true;
    in_group = 0;
  }
  return in_group > 0 && (!grouped || in_group == 3);
}

bool ReadFraction(absl::string_view text, Decimal* out) {
  while (!text.empty() && text.back() == '0') text.remove_suffix(1);
  for (char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    // Digits beyond the 18th cannot change any value that we keep.
    if (out->mantissa > uint64_t{100'000'000'000'000'000}) continue;
    out->mantissa = out->mantissa * 10 + static_cast<uint64_t>(c - '0');
    --out->exponent;
  }
  return true;
}

// Plain digits are most of what large files hold; returns false for everything else.
bool ReadPlainDigits(absl::string_view text, uint64_t* value) {
  if (text.empty() || text.size() > 18) return false;
  uint64_t v = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    v = v * 10 + static_cast<uint64_t>(c - '0');
  }
  *value = v;
  return true;
}

bool ReadScientific(absl::string_view body, Decimal* out) {
  const size_t e = body.find_first_of("eE");
  if (e == absl::string_view::npos || e == 0 || e + 1 >= body.size()) return false;
  absl::string_view power = body.substr(e + 1);
  const bool down = power.front() == '-';
  if (power.front() == '-' || power.front() == '+') power.remove_prefix(1);
  uint64_t value = 0;
  if (power.size() > 3 || !ReadPlainDigits(power, &value)) return false;
  const absl::string_view digits = body.substr(0, e);
  const size_t dot = digits.find('.');
  if (!ReadWhole(digits.substr(0, dot), '.', out)) return false;
  if (dot != absl::string_view::npos && !ReadFraction(digits.substr(dot + 1), out)) return false;
  out->exponent += down ? -static_cast<int>(value) : static_cast<int>(value);
  return true;
}

}  // namespace

absl::string_view TrimBlank(absl::string_view text) {
  while (const size_t n = BlankAtFront(text)) text.remove_prefix(n);
  while (const size_t n = BlankAtBack(text)) text.remove_suffix(n);
  return text;
}

double Decimal::ToDouble() const {
  const auto m = static_cast<double>(mantissa);
  const double v = exponent < 0 ? m / std::pow(10.0, -exponent) : m * std::pow(10.0, exponent);
  return negative ? -v : v;
}

absl::StatusOr<Decimal> ParseDecimal(absl::string_view text, NumberStyle style) {
  Decimal out;
  if (ReadPlainDigits(text, &out.mantissa)) return out;
  const std::string plain = Plain(TrimBlank(text));
  absl::string_view body = absl::StripAsciiWhitespace(plain);
  if (absl::ConsumePrefix(&body, "-") || absl::ConsumePrefix(&body, "\xe2\x88\x92")) {
    out.negative = true;
  } else {
    absl::ConsumePrefix(&body, "+");
  }
  Decimal scientific = out;
  if (ReadScientific(body, &scientific)) return scientific;
  const int scale = CutSuffix(&body);
  const char decimal = DecimalSeparator(body, style, scale > 0);
  const size_t at = decimal == 0 ? absl::string_view::npos : body.rfind(decimal);
  absl::string_view whole = body.substr(0, at);
  if (whole.empty() && at == 0) whole = "0";  // ".5"
  if (!ReadWhole(whole, decimal, &out)) return NotANumber(text);
  if (at != absl::string_view::npos &&
      (at + 1 == body.size() || !ReadFraction(body.substr(at + 1), &out))) {
    return NotANumber(text);
  }
  out.exponent += scale;
  return out;
}

absl::StatusOr<double> ParseNumber(absl::string_view text, NumberStyle style) {
  HALQA_ASSIGN_OR_RETURN(const Decimal d, ParseDecimal(text, style));
  return d.ToDouble();
}

// value * 10^(exponent + shift) as a whole number; false when it is not whole or does not fit.
static bool Whole(Decimal d, int shift, uint64_t* value) {
  int exponent = d.mantissa == 0 ? 0 : d.exponent + shift;
  for (; exponent < 0; ++exponent) {
    if (d.mantissa % 10 != 0) return false;
    d.mantissa /= 10;
  }
  for (; exponent > 0; --exponent) {
    if (d.mantissa > std::numeric_limits<int64_t>::max() / 10) return false;
    d.mantissa *= 10;
  }
  *value = d.mantissa;
  return d.mantissa <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
}

absl::StatusOr<uint64_t> ParseCount(absl::string_view text, NumberStyle style) {
  HALQA_ASSIGN_OR_RETURN(Decimal d, ParseDecimal(text, style));
  uint64_t value = 0;
  // "12.500" followers are twelve thousand five hundred: a count has no three-digit fraction.
  const absl::string_view trimmed = TrimBlank(text);
  const size_t dot = trimmed.find('.');
  const bool dotted_thousands = style.decimal == 0 && dot != absl::string_view::npos &&
                                trimmed.size() - dot == 4 && trimmed[0] != '0' && d.exponent < 0;
  if (dotted_thousands) {
    auto grouped = ParseDecimal(text, NumberStyle{','});
    if (grouped.ok()) d = *grouped;
  }
  if ((d.negative && d.mantissa > 0) || !Whole(d, 0, &value)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "NOT_A_COUNT",
                     absl::StrCat("\"", text.substr(0, 80), "\" is not a whole number from 0 up"),
                     {{"value", std::string(text.substr(0, 80))}});
  }
  return value;
}

namespace {

struct CurrencyWord {
  absl::string_view word, code;
};

// Longest first where one contains another.
constexpr CurrencyWord kCurrencies[] = {
    {"dirhams", "MAD"}, {"dirham", "MAD"}, {"درهم", "MAD"},  {"د.م.", "MAD"}, {"MAD", "MAD"},
    {"DHS", "MAD"},     {"DH", "MAD"},     {"euros", "EUR"}, {"euro", "EUR"}, {"EUR", "EUR"},
    {"€", "EUR"},       {"US$", "USD"},    {"USD", "USD"},   {"$", "USD"},    {"GBP", "GBP"},
    {"£", "GBP"},       {"TND", "TND"},    {"DZD", "DZD"},   {"AED", "AED"},  {"SAR", "SAR"},
    {"EGP", "EGP"},     {"XOF", "XOF"},    {"FCFA", "XOF"}};

// Cuts the currency from either end. Returns "" when there is none.
absl::string_view CutCurrency(absl::string_view* text) {
  for (const CurrencyWord& c : kCurrencies) {
    if (absl::EndsWithIgnoreCase(*text, c.word)) {
      text->remove_suffix(c.word.size());
    } else if (absl::StartsWithIgnoreCase(*text, c.word)) {
      text->remove_prefix(c.word.size());
    } else {
      continue;
    }
    *text = TrimBlank(*text);
    return c.code;
  }
  return "";
}

}  // namespace

absl::StatusOr<Money> ParseMoney(absl::string_view text, absl::string_view default_currency,
                                 NumberStyle style) {
  absl::string_view body = TrimBlank(text);
  absl::string_view currency = CutCurrency(&body);
  if (currency.empty()) currency = default_currency;
  const auto amount = ParseDecimal(body, style);
  uint64_t micros = 0;
  if (!amount.ok() || currency.empty() || absl::EndsWith(body, "%") ||
      !Whole(*amount, 6, &micros)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "NOT_MONEY",
                     absl::StrCat("\"", text.substr(0, 80), "\" is not an amount of money",
                                  currency.empty() ? " with a currency" : ""),
                     {{"value", std::string(text.substr(0, 80))}});
  }
  const auto signed_micros = static_cast<int64_t>(micros);
  return Money{amount->negative ? -signed_micros : signed_micros, std::string(currency)};
}

}  // namespace halqa
