#include "tests/golden/script.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace halqa::golden {

Script ParseScript(absl::string_view text) {
  Script script;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    ++number;
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, "$ ")) {
      script.steps.push_back({std::string(rest), {}, 0, number});
    } else if (script.steps.empty()) {
      script.head.emplace_back(line);
      if (absl::ConsumePrefix(&rest, "# law: ")) script.law = std::string(rest);
    } else if (int code = 0; absl::ConsumePrefix(&rest, "? ") && absl::SimpleAtoi(rest, &code)) {
      script.steps.back().exit_code = code;
    } else {
      script.steps.back().output.emplace_back(line);
    }
  }
  return script;
}

std::string FormatScript(const Script& script) {
  std::string out;
  for (const std::string& line : script.head) absl::StrAppend(&out, line, "\n");
  for (const Step& step : script.steps) {
    absl::StrAppend(&out, "$ ", step.command, "\n");
    for (const std::string& line : step.output) absl::StrAppend(&out, line, "\n");
    if (step.exit_code != 0) absl::StrAppend(&out, "? ", step.exit_code, "\n");
  }
  return out;
}

std::string Normalise(absl::string_view output, absl::string_view directory,
                      absl::string_view source) {
  struct Rule {
    std::regex pattern;
    const char* with;
  };
  static const auto& rules = *new std::vector<Rule>{
      {std::regex(R"(\b[0-9][0-9.,]* s\b)"), "<N> s"},
      {std::regex(R"(\b[0-9][0-9,]* rows/s)"), "<N> rows/s"},
      {std::regex(R"(\b[0-9][0-9.,]* (MiB|ms|us)\b)"), "<N> $1"},
      {std::regex(R"(\(estimate [0-9,]+\))"), "(estimate <N>)"},
      {std::regex(R"((seconds: [a-z_ ]*[a-z_]) +[0-9.]+)"), "$1 <N>"},
      {std::regex(R"re(("(?:[a-z]+_)?(?:seconds|per_second|peak_bytes)": ?)[0-9.e+-]+)re"),
       "$1<N>"},
      {std::regex(R"re("(peak_bytes|rows_per_second)": ?[0-9.e+-]+)re"), "\"$1\":<N>"},
      {std::regex(R"re("stages":\{[^}]*\})re"), "\"stages\":{<N>}"},
      {std::regex(":~[0-9a-f]{16}"), ":~<HASH>"},
      {std::regex(R"re((snapshot |"snapshot_id": ?")[0-9a-f]+-)re"), "$1<HASH>-"}};
  std::string out = absl::StrReplaceAll(output, {{directory, "<DIR>"}, {source, "<SOURCE>"}});
  for (const Rule& rule : rules) out = std::regex_replace(out, rule.pattern, rule.with);
  return out;
}

Step RunStep(const Step& step, const std::string& directory, const std::string& bin) {
  const std::string file = absl::StrCat(directory, "/.step");
  std::ofstream(file) << "export PATH=" << bin << ":$PATH DATA=" << HALQA_SOURCE_DIR
                      << "/tests/data LC_ALL=C.UTF-8\ncd " << directory << "\nexec 2>&1\n"
                      << step.command << "\n";
  Step out = step;
  std::string text;
  FILE* pipe = ::popen(absl::StrCat("bash ", file, " </dev/null").c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  for (size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  const int status = ::pclose(pipe);
  out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  out.output.clear();
  const std::string plain = Normalise(text, directory, HALQA_SOURCE_DIR);
  if (!plain.empty()) out.output = absl::StrSplit(absl::StripSuffix(plain, "\n"), '\n');
  return out;
}

}  // namespace halqa::golden
