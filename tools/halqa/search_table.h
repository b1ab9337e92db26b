#pragma once
// A search's answer for people.

#include <string>

#include "halqa/v1/discovery_service.pb.h"

namespace halqa::cli {

// "@handle", or the external id of an account that has none or may not be named.
std::string ShownName(const v1::Account& account);
// Followers as the platform states them, else those the graph knows; "unknown" without both.
std::string ShownFollowers(const v1::Account& account);
// "11,900 ± 700", or "5,434 (1,590-15,584)" where the interval is uneven; "unknown" when not set.
std::string ShownReach(const v1::Reach& reach);

struct WhyOptions {
  size_t cells = 60;            // the weakest reasons are left out where all do not fit
  bool several_topics = false;  // then a reason names its topic
};
// The (at most three) signals that lift the account most: "7 of 50 leaders follow +.31, text +.22".
std::string Why(const v1::InfluencerResult& result, const WhyOptions& options);

// "214th", "1,021st".
std::string Ordinal(uint32_t n);

// " (authority -.31, text -.22)": what lowers the account most, or "".
std::string WhyNot(const v1::InfluencerResult& result);

// All of it: what the query was taken to mean, the table, who else was asked for, where it goes on.
// `cells` is the width of the terminal.
std::string SearchText(const v1::SearchInfluencersResponse& response, size_t cells);

// "INVENTED DATA, " or nothing, then "generation 3, snapshot 1f-204".
std::string ShownVersion(const v1::DataVersion& version);

// Columns of the terminal; 120 where standard output is none.
size_t TerminalCells();

}  // namespace halqa::cli
