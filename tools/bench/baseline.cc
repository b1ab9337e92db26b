#include "tools/bench/baseline.h"

#include <fstream>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/error.h"

namespace halqa::bench {
namespace {

struct Former {
  double sweeps = 0;
  double rounds = 0;
  double work = 0;
};

using FormerLines = std::map<std::pair<std::string, std::string>, Former>;

FormerLines Read(const std::string& path) {
  FormerLines lines;
  std::ifstream in(path);
  std::string graph, kernel;
  for (Former f; in >> graph >> kernel >> f.sweeps >> f.rounds >> f.work;) {
    lines[{graph, kernel}] = f;
  }
  return lines;
}

void Compare(const Line& line, const char* what, double now, double then, std::string* worse) {
  if (now <= then * kAllowedRatio) return;
  absl::StrAppendFormat(worse, "  %s %s: %s %.6g, were %.6g (%.2f x)\n", line.graph, line.kernel,
                        what, now, then, then > 0 ? now / then : 0);
}

}  // namespace

std::string Worse(const std::string& path, const std::vector<Line>& lines) {
  const FormerLines former = Read(path);
  std::string worse;
  for (const Line& line : lines) {
    const auto it = former.find({line.graph, line.kernel});
    if (it == former.end()) {
      absl::StrAppend(&worse, "  ", line.graph, " ", line.kernel, ": not in ", path, "\n");
      continue;
    }
    Compare(line, "sweeps", line.sweeps, it->second.sweeps, &worse);
    Compare(line, "rounds", line.rounds, it->second.rounds, &worse);
    Compare(line, "counted work", static_cast<double>(line.work), it->second.work, &worse);
  }
  return worse;
}

void KeepBest(const std::vector<Line>& more, std::vector<Line>* lines) {
  for (size_t i = 0; i < lines->size() && i < more.size(); ++i) {
    if (more[i].sweeps < (*lines)[i].sweeps) (*lines)[i] = more[i];
  }
}

absl::Status WriteBaseline(const std::string& path, const std::vector<Line>& lines) {
  std::ofstream out(path);
  for (const Line& l : lines) {
    out << absl::StrFormat("%s %s %.2f %d %d\n", l.graph, l.kernel, l.sweeps, l.rounds, l.work);
  }
  out.close();
  if (out.good()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED",
                   absl::StrCat(path, ": cannot be written"));
}

}  // namespace halqa::bench
