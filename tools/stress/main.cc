// halqa_stress: makes a real halqad lose its process, its power, its disk and its bits, and
// compares what it answers with what it had acknowledged.

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tools/common/command_line.h"
#include "tools/stress/modes.h"
#include "tools/stress/scrub.h"

namespace halqa::stress {
namespace {

// A control must find what it was made to cause.
bool RunControl(const StressOptions& options) {
  Report report("control", options);
  RunPowerLoss(options, true, &report);
  const bool found = report.findings() > 0;
  std::printf("control seed %llu: %s\n{\"mode\":\"control\",\"passed\":%s}\n",
              static_cast<unsigned long long>(options.seed),
              found ? "syncs that do nothing were found out, as they must be (ok)"
                    : "NOTHING WAS FOUND: the power loss mode proves nothing (FAILED)",
              found ? "true" : "false");
  return found;
}

struct Mode {
  const char* name;
  void (*run)(const StressOptions&, Report*);
};

constexpr Mode kModes[] = {
    {"crash", RunCrash},
    {"powerloss", [](const StressOptions& o, Report* r) { RunPowerLoss(o, false, r); }},
    {"failop", RunFailOp},
    {"diskfull", RunDiskFull},
    {"bitflip", RunBitFlip},
    {"exactly-once", RunExactlyOnce},
    {"snapshot-consistency", RunMovingSum},
    {"publication", RunPublication},
};

int RunModes(const std::string& wanted, const StressOptions& options) {
  if (wanted == "scrub") return ScrubHere(options.directory);
  bool good = true;
  for (const Mode& mode : kModes) {
    if (wanted != "all" && wanted != mode.name) continue;
    Report report(mode.name, options);
    mode.run(options, &report);
    std::fputs(report.Summary().c_str(), stdout);
    std::fflush(stdout);
    good = good && report.findings() == 0;
    if (std::string(mode.name) == "powerloss") good = RunControl(options) && good;
  }
  std::error_code ignored;
  std::filesystem::remove(options.directory, ignored);  // where it is empty
  return good ? 0 : 1;
}

}  // namespace
}  // namespace halqa::stress

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  halqa::Program program(
      "Stress of halqad with an oracle outside the database. Prints one line and one line of JSON "
      "per mode; exit code 1 when something that must not happen was found.",
      "halqa_stress");
  halqa::Command root = program.root();
  halqa::stress::StressOptions options;
  std::string mode = "all";
  options.directory =
      absl::StrCat(std::filesystem::temp_directory_path().string(), "/halqa_stress-", ::getpid());
  root.Add("mode", mode, "What to do")
      .OneOf({"all", "crash", "powerloss", "failop", "diskfull", "bitflip", "exactly-once",
              "snapshot-consistency", "publication", "scrub"});
  root.Add("--halqad", options.halqad, "Path of halqad").Required();
  root.Add("--halqa", options.halqa, "Path of halqa");
  root.Add("--dir", options.directory, "Where data directories are made");
  root.Add("--seed", options.seed, "Of everything that is random").ShowDefault();
  root.Add("--cycles", options.cycles, "Per mode; 0 = the goal of the mode").ShowDefault();
  root.Add("--seconds", options.seconds, "Per mode; 0 = no limit").ShowDefault();
  root.Add("--first", options.first, "failop: the first k; with --cycles the last").ShowDefault();
  root.Switch("--quick", options.quick, "A few cycles of each");
  int code = 0;
  root.Run([&] { code = halqa::stress::RunModes(mode, options); });
  const int parsed = program.Main(argc, argv);
  return parsed != 0 ? parsed : code;
}
