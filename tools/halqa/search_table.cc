#include "tools/halqa/search_table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/common/table.h"

namespace halqa::cli {
namespace {

constexpr size_t kDefaultCells = 120;
constexpr size_t kWhyCellsMin = 24;
constexpr size_t kWhySignals = 3, kWhyNotSignals = 2;
constexpr double kShownContribution = 0.005;
constexpr double kEvenInterval = 1.25;

std::string Rounded(double value) {
  return WithThousands(static_cast<uint64_t>(std::llround(std::max(value, 0.0))));
}

// "+.31", "+1.20".
std::string Signed(double contribution) {
  std::string text = absl::StrFormat("%+.2f", contribution);
  if (text.size() == 5 && text[1] == '0') text.erase(1, 1);
  return text;
}

// "7 of 50 leading accounts of food follow" -> "7 of 50 leaders follow"; "" without such a reason.
std::string LeadersWords(const v1::InfluencerResult& result, bool several_topics) {
  constexpr absl::string_view kMiddle = " leading accounts of ";
  for (const std::string& reason : result.reasons()) {
    const size_t at = reason.find(std::string(kMiddle));
    if (at == std::string::npos || !absl::EndsWith(reason, " follow")) continue;
    const std::string topic = reason.substr(at + kMiddle.size());
    if (several_topics) {
      return absl::StrCat(reason.substr(0, at), " ", topic.substr(0, topic.size() - 7),
                          " leaders follow");
    }
    return absl::StrCat(reason.substr(0, at), " leaders follow");
  }
  return "";
}

std::string WordsOf(const v1::Signal& signal, const std::string& leaders) {
  if (signal.signal() == "relevance") return "text";
  if (signal.signal() == "topic_authority") return leaders.empty() ? "authority" : leaders;
  if (signal.signal() == "niche_fit") return "niche";
  if (signal.signal() == "expected_reach") return "reach";
  if (signal.signal() == "potential_reach") return "size";
  if (signal.signal() == "in_degree") return "followed here";
  return signal.signal();
}

// At most `count` signals that lift (sign 1) or lower (sign -1) the score, the strongest first.
std::vector<const v1::Signal*> Strongest(const v1::InfluencerResult& result, double sign,
                                         size_t count) {
  std::vector<const v1::Signal*> signals;
  for (const v1::Signal& signal : result.signals()) {
    if (sign * signal.contribution() >= kShownContribution) signals.push_back(&signal);
  }
  std::stable_sort(signals.begin(), signals.end(), [&](const auto* a, const auto* b) {
    return sign * a->contribution() > sign * b->contribution();
  });
  if (signals.size() > count) signals.resize(count);
  return signals;
}

std::string PlatformOf(const v1::Account& account) {
  return account.external_id().substr(0, account.external_id().find(':'));
}

bool SeveralPlatforms(const v1::SearchInfluencersResponse& response) {
  for (const auto& r : response.results()) {
    if (PlatformOf(r.account()) != PlatformOf(response.results(0).account())) return true;
  }
  return false;
}

std::string NicheWords(const v1::InfluencerResult& r) {
  if (!r.niche_label().empty()) return r.niche_label();
  return r.niche() == 0 ? "-" : absl::StrCat("no. ", r.niche());
}

std::vector<std::string> RowOf(const v1::InfluencerResult& r, bool platform) {
  std::vector<std::string> cells = {absl::StrCat(r.rank()), ShownName(r.account())};
  if (platform) cells.push_back(PlatformOf(r.account()));
  cells.push_back(r.tier().empty() ? "unknown" : r.tier());
  cells.push_back(ShownFollowers(r.account()));
  cells.push_back(ShownReach(r.reach()));
  cells.push_back(NicheWords(r));
  return cells;
}

std::string ResultTable(const v1::SearchInfluencersResponse& response, size_t cells) {
  const bool platform = SeveralPlatforms(response);
  using Align = Table::Align;
  std::vector<Table::Column> columns = {{"#", Align::kRight}, {"account", Align::kLeft, 24}};
  if (platform) columns.push_back({"on", Align::kLeft, 9});
  columns.push_back({"tier", Align::kLeft, 10});
  columns.push_back({"followers", Align::kRight});
  columns.push_back({"reach", Align::kRight});
  columns.push_back({"niche", Align::kLeft, 14});
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> widths;
  for (const auto& column : columns) widths.push_back(DisplayWidth(column.title));
  for (const auto& r : response.results()) {
    rows.push_back(RowOf(r, platform));
    for (size_t i = 0; i < widths.size(); ++i) {
      const size_t width = std::min(DisplayWidth(rows.back()[i]), columns[i].cells_max);
      widths[i] = std::max(widths[i], width);
    }
  }
  size_t used = 0;
  for (const size_t width : widths) used += width + 2;
  WhyOptions why;
  why.cells = std::max(kWhyCellsMin, cells > used ? cells - used : 0);
  why.several_topics = response.resolved_query().topics_size() > 1;
  columns.push_back({"why", Align::kLeft, std::max<size_t>(why.cells, 80)});
  Table table(std::move(columns));
  for (int i = 0; i < response.results_size(); ++i) {
    rows[i].push_back(Why(response.results(i), why));
    table.AddRow(std::move(rows[i]));
  }
  return table.Render();
}

}  // namespace

std::string Ordinal(uint32_t n) {
  const uint32_t tens = n % 100, ones = n % 10;
  const bool teen = tens >= 11 && tens <= 13;
  const char* const end = teen || ones == 0 || ones > 3 ? "th"
                          : ones == 1                   ? "st"
                          : ones == 2                   ? "nd"
                                                        : "rd";
  return absl::StrCat(WithThousands(n), end);
}

std::string ShownName(const v1::Account& account) {
  if (account.has_handle() && !account.handle().empty()) {
    return absl::StrCat("@", account.handle());
  }
  return account.external_id();
}

std::string ShownFollowers(const v1::Account& account) {
  if (account.has_declared_followers()) return WithThousands(account.declared_followers());
  return account.known_followers() == 0 ? "unknown" : WithThousands(account.known_followers());
}

std::string ShownReach(const v1::Reach& reach) {
  if (!reach.has_expected()) return "unknown";
  const v1::Estimate& e = reach.expected();
  const double below = e.value() - e.lower(), above = e.upper() - e.value();
  // "±" only where it is nearly true.
  if (std::max(below, above) > kEvenInterval * std::min(below, above)) {
    return absl::StrCat(Rounded(e.value()), " (", Rounded(e.lower()), "-", Rounded(e.upper()), ")");
  }
  return absl::StrCat(Rounded(e.value()), " ± ", Rounded(std::max(below, above)));
}

std::string Why(const v1::InfluencerResult& result, const WhyOptions& options) {
  const std::vector<const v1::Signal*> lifting = Strongest(result, 1, kWhySignals);
  const std::string leaders = LeadersWords(result, options.several_topics);
  std::string out;
  for (const v1::Signal* signal : lifting) {
    const std::string part = absl::StrCat(out.empty() ? "" : ", ", WordsOf(*signal, leaders), " ",
                                          Signed(signal->contribution()));
    if (!out.empty() && DisplayWidth(out) + DisplayWidth(part) > options.cells) break;
    out += part;
  }
  return out.empty() ? "no signal lifts it" : out;
}

std::string WhyNot(const v1::InfluencerResult& result) {
  std::vector<std::string> words;
  for (const v1::Signal* signal : Strongest(result, -1, kWhyNotSignals)) {
    words.push_back(absl::StrCat(WordsOf(*signal, ""), " ", Signed(signal->contribution())));
  }
  return words.empty() ? "" : absl::StrCat(" (", absl::StrJoin(words, ", "), ")");
}

std::string ShownVersion(const v1::DataVersion& version) {
  return absl::StrCat(version.invented() ? "INVENTED DATA, " : "",
                      version.generation() == 0 ? std::string("not ranked yet")
                                                : absl::StrCat("generation ", version.generation()),
                      ", snapshot ", version.snapshot_id(), ", change ", version.lsn());
}

std::string SearchText(const v1::SearchInfluencersResponse& response, size_t cells) {
  std::string out = absl::StrCat(response.resolved_query().description(), "\n",
                                 ShownVersion(response.data_version()), "\n");
  for (const std::string& note : response.resolved_query().notes()) {
    absl::StrAppend(&out, "note: ", note, "\n");
  }
  if (response.results().empty()) {
    absl::StrAppend(&out, "No account matches.\n");
    for (const auto& s : response.suggestions()) {
      absl::StrAppend(&out, "instead: '", s.query(), "'",
                      s.filter().empty() ? "" : absl::StrCat(" --filter '", s.filter(), "'"), ": ",
                      WithThousands(s.matched()), s.matched() == 1 ? " account" : " accounts",
                      "\n");
    }
  } else {
    absl::StrAppend(&out, ResultTable(response, cells));
  }
  for (const auto& r : response.also_ranked()) {
    absl::StrAppend(&out, ShownName(r.account()), ", ", ShownFollowers(r.account()), " followers: ",
                    r.rank() == 0 ? "not among those compared"
                                  : absl::StrCat("here ", Ordinal(r.rank()), WhyNot(r)),
                    "\n");
  }
  absl::StrAppend(&out, WithThousands(response.total_size()),
                  response.total_size() == 1 ? " account compared" : " accounts compared");
  if (!response.next_page_token().empty()) {
    absl::StrAppend(&out, "; next page: --page-token ", response.next_page_token());
  }
  return out + "\n";
}

size_t TerminalCells() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultCells;
  return size.ws_col;
}

}  // namespace halqa::cli
