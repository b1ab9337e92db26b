#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"

namespace halqa {
namespace {

absl::Status NotADate(absl::string_view text) {
  return MakeError(absl::StatusCode::kInvalidArgument, "NOT_A_DATE",
                   absl::StrCat("\"", text.substr(0, 80), "\" is not a date or time"),
                   {{"value", std::string(text.substr(0, 80))}});
}

struct Parts {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int offset_minutes = 0;
};

absl::StatusOr<UnixSeconds> Combine(const Parts& p, absl::string_view text) {
  const absl::CivilSecond civil(p.year, p.month, p.day, p.hour, p.minute, p.second);
  const bool same = civil.year() == p.year && civil.month() == p.month && civil.day() == p.day &&
                    civil.hour() == p.hour && civil.minute() == p.minute;
  if (!same || p.year < 1900 || p.year > 9999) return NotADate(text);
  return absl::ToUnixSeconds(absl::FromCivil(civil, absl::UTCTimeZone())) -
         int64_t{60} * p.offset_minutes;
}

// Reads 1..`digits_max` digits from the front.
bool Number(absl::string_view* in, size_t digits_max, int* value) {
  size_t n = 0;
  *value = 0;
  while (n < in->size() && n < digits_max &&
         absl::ascii_isdigit(static_cast<unsigned char>((*in)[n]))) {
    *value = *value * 10 + ((*in)[n++] - '0');
  }
  in->remove_prefix(n);
  return n > 0;
}

// "Z", "+01:00", "+0000", "UTC", "GMT+1", or nothing.
bool Offset(absl::string_view text, Parts* p) {
  text = absl::StripAsciiWhitespace(text);
  absl::ConsumePrefix(&text, "UTC") || absl::ConsumePrefix(&text, "GMT");
  if (text.empty() || text == "Z" || text == "z") return true;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!absl::ConsumePrefix(&text, "+") && !absl::ConsumePrefix(&text, "-")) return false;
  int hours = 0, minutes = 0;
  if (!Number(&text, 2, &hours)) return false;
  absl::ConsumePrefix(&text, ":");
  if (!text.empty() && !Number(&text, 2, &minutes)) return false;
  p->offset_minutes = sign * (hours * 60 + minutes);
  return text.empty() && hours <= 14 && minutes < 60;
}

// "12:30", "12:30:59", "12:30:59.123 +01:00", "12h30", "6:05 PM", or nothing.
bool Clock(absl::string_view text, Parts* p) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return true;
  if (text == "Z") return true;
  if (!Number(&text, 2, &p->hour)) return false;
  if (!absl::ConsumePrefix(&text, ":") && !absl::ConsumePrefix(&text, "h")) return false;
  if (!Number(&text, 2, &p->minute)) return false;
  if (absl::ConsumePrefix(&text, ":") && !Number(&text, 2, &p->second)) return false;
  if (absl::ConsumePrefix(&text, ".") || absl::ConsumePrefix(&text, ",")) {
    int fraction = 0;
    if (!Number(&text, 9, &fraction)) return false;
  }
  text = absl::StripLeadingAsciiWhitespace(text);
  if (absl::EqualsIgnoreCase(text.substr(0, 2), "PM")) {
    if (p->hour < 12) p->hour += 12;
    text.remove_prefix(2);
  } else if (absl::EqualsIgnoreCase(text.substr(0, 2), "AM")) {
    if (p->hour == 12) p->hour = 0;
    text.remove_prefix(2);
  }
  return p->hour < 24 && p->minute < 60 && p->second < 61 && Offset(text, p);
}

struct MonthName {
  absl::string_view prefix;
  int month;
};

// English and French, matched by prefix in lower case, longest distinctions first.
constexpr MonthName kMonths[] = {
    {"jan", 1}, {"fév", 2}, {"fev", 2},  {"feb", 2},  {"mar", 3},  {"avr", 4},  {"apr", 4},
    {"mai", 5}, {"may", 5}, {"juin", 6}, {"jun", 6},  {"juil", 7}, {"jul", 7},  {"aoû", 8},
    {"aou", 8}, {"aug", 8}, {"sep", 9},  {"oct", 10}, {"nov", 11}, {"déc", 12}, {"dec", 12}};

int MonthOf(absl::string_view word) {
  const std::string lower = absl::AsciiStrToLower(word);
  for (const MonthName& m : kMonths) {
    if (absl::StartsWith(lower, m.prefix)) return m.month;
  }
  return 0;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// 2022-10-03..., 2022/10/03...
bool YearFirst(absl::string_view text, Parts* p) {
  if (text.size() < 8 || !IsDigit(text[3]) || !Number(&text, 4, &p->year)) return false;
  const char sep = text.front();
  if (sep != '-' && sep != '/' && sep != '.') return false;
  text.remove_prefix(1);
  if (!Number(&text, 2, &p->month) || text.empty() || text.front() != sep) return false;
  text.remove_prefix(1);
  if (!Number(&text, 2, &p->day)) return false;
  if (!text.empty() && text.front() != 'T' && text.front() != ' ') return false;
  if (!text.empty()) text.remove_prefix(1);
  return Clock(text, p);
}

// 03/10/2022, 3-10-2022 12:30, 03.10.2022.
bool YearLast(absl::string_view text, DateOrder order, Parts* p) {
  int first = 0, second = 0;
  if (!Number(&text, 2, &first) || text.empty()) return false;
  const char sep = text.front();
  if (sep != '/' && sep != '-' && sep != '.') return false;
  text.remove_prefix(1);
  if (!Number(&text, 2, &second) || text.empty() || text.front() != sep) return false;
  text.remove_prefix(1);
  const size_t before = text.size();
  if (!Number(&text, 4, &p->year)) return false;
  if (before - text.size() == 2) p->year += 2000;
  p->day = order == DateOrder::kDayFirst ? first : second;
  p->month = order == DateOrder::kDayFirst ? second : first;
  absl::ConsumePrefix(&text, ",");
  if (!text.empty() && text.front() != ' ' && text.front() != 'T') return false;
  if (!text.empty()) text.remove_prefix(1);
  return Clock(text, p);
}

// Words in any order that holds a month name: "3 oct. 2022 12:30", "Oct 3, 2022",
// "Wed Oct 10 20:19:24 +0000 2018".
bool Worded(absl::string_view text, Parts* p) {
  for (absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(" ,"), absl::SkipEmpty())) {
    const int month = MonthOf(word);
    int value = 0;
    if (month > 0 && p->month == 0) {
      p->month = month;
    } else if (absl::StrContains(word, ':')) {
      if (!Clock(word, p)) return false;
    } else if (word.front() == '+' || word.front() == '-') {
      if (!Offset(word, p)) return false;
    } else if (word.size() == 4 && absl::SimpleAtoi(word, &value)) {
      p->year = value;
    } else if (IsDigit(word.front())) {
      if (p->day != 0 || !Number(&word, 2, &p->day)) return false;
      if (!word.empty() && word != "er" && word != ".") return false;
    } else if (absl::EqualsIgnoreCase(word, "pm") && p->hour < 12) {
      p->hour += 12;
    }
  }
  return p->month > 0 && p->day > 0 && p->year > 0;
}

}  // namespace

absl::StatusOr<UnixSeconds> ParseTime(absl::string_view text, DateOrder order) {
  const absl::string_view body = TrimBlank(text);
  int64_t unix_time = 0;
  if (body.size() >= 9 && absl::SimpleAtoi(body, &unix_time) && unix_time > 0) {
    if (unix_time < 100'000'000'000) return unix_time;
    if (unix_time < 100'000'000'000'000) return unix_time / 1000;
    return NotADate(text);
  }
  Parts parts;
  if (YearFirst(body, &parts)) return Combine(parts, text);
  parts = Parts();
  if (YearLast(body, order, &parts)) return Combine(parts, text);
  parts = Parts();
  if (Worded(body, &parts)) return Combine(parts, text);
  return NotADate(text);
}

absl::StatusOr<bool> ParseBool(absl::string_view text) {
  const std::string word = absl::AsciiStrToLower(TrimBlank(text));
  for (absl::string_view yes :
       {"1", "true", "yes", "y", "oui", "o", "vrai", "x", "✓", "نعم", "أجل"}) {
    if (word == yes) return true;
  }
  for (absl::string_view no : {"0", "false", "no", "n", "non", "faux", "-", "✗", "لا"}) {
    if (word == no) return false;
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "NOT_A_BOOLEAN",
                   absl::StrCat("\"", text.substr(0, 80), "\" is neither yes nor no"),
                   {{"value", std::string(text.substr(0, 80))}});
}

}  // namespace halqa
