#pragma once
// Values as people write them in tables: numbers, money, dates, yes and no, profiles.
// Thread safety: pure functions.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/records.h"

namespace halqa {

// How a file writes numbers. `decimal` is ',' or '.', or 0 to guess each number from its own shape:
// the last of two different separators is the decimal one, a repeated one separates thousands, a
// single one before K, M or Md is decimal; "12,500" reads 12500 and "12.500" reads 12.5 (12500
// where a count is asked for).
struct NumberStyle {
  char decimal = 0;
};

// An exact decimal number: (-1)^negative * mantissa * 10^exponent.
struct Decimal {
  bool negative = false;
  uint64_t mantissa = 0;
  int exponent = 0;
  double ToDouble() const;
};

// A number: "12,5 K", "1.2M", "12 500" (blank, no-break and narrow no-break spaces, apostrophes),
// "3,4 Md", "45 %" (= 0.45), Arabic-Indic digits. Errors: InvalidArgument (NOT_A_NUMBER).
absl::StatusOr<Decimal> ParseDecimal(absl::string_view text, NumberStyle style = {});
absl::StatusOr<double> ParseNumber(absl::string_view text, NumberStyle style = {});

// A whole number >= 0. Errors: InvalidArgument (NOT_A_NUMBER, NOT_A_COUNT).
absl::StatusOr<uint64_t> ParseCount(absl::string_view text, NumberStyle style = {});

struct Money {
  int64_t amount_micros = 0;
  std::string currency;  // ISO 4217
};

// An amount with or without a currency ("1 500 MAD", "DH 1500", "2,5 K€", "$1,200", "1500 درهم").
// `default_currency` is used when the text names none. Errors: InvalidArgument (NOT_MONEY).
absl::StatusOr<Money> ParseMoney(absl::string_view text, absl::string_view default_currency,
                                 NumberStyle style = {});

enum class DateOrder { kDayFirst, kMonthFirst };

// A time: ISO 8601 with or without time and offset, 03/10/2022 [12:30[:59]], "3 oct. 2022",
// "Oct 3, 2022", "Wed Oct 10 20:19:24 +0000 2018", Unix seconds or milliseconds. Without an offset
// the time is taken as UTC. Errors: InvalidArgument (NOT_A_DATE).
absl::StatusOr<UnixSeconds> ParseTime(absl::string_view text,
                                      DateOrder order = DateOrder::kDayFirst);

// oui/non, yes/no, true/false, vrai/faux, 1/0, x, نعم/لا. Errors: InvalidArgument (NOT_A_BOOLEAN).
absl::StatusOr<bool> ParseBool(absl::string_view text);

struct Profile {
  std::string platform;   // "instagram"
  std::string native_id;  // handles in lower case, numeric and channel ids as they are
  std::string handle;     // as written, without '@'; "" when the source gives only an id
  std::string ExternalId() const;
};

// "@x", "x" or a profile URL of a known platform. A bare handle belongs to `default_platform`.
// Errors: InvalidArgument (NOT_A_PROFILE; UNKNOWN_PLATFORM for a foreign host, or a bare handle
// without a default platform).
absl::StatusOr<Profile> ParseProfile(absl::string_view text, absl::string_view default_platform);

// The platform that people mean: "Insta", "IG", "X", "Facebook page" ... -> "instagram",
// "twitter", "facebook". Errors: InvalidArgument (UNKNOWN_PLATFORM).
absl::StatusOr<std::string> ParsePlatform(absl::string_view text);

// `text` without blanks, no-break spaces and direction marks at its ends.
absl::string_view TrimBlank(absl::string_view text);

}  // namespace halqa
