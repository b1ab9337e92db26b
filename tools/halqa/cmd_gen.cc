#include "tools/halqa/cmd_gen.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"
#include "tools/gen/gen.h"

namespace halqa {
namespace {

struct GenCommand {
  gen::GenOptions options;
  bool json = false;
};

std::string SummaryJson(const gen::GenOptions& options, const gen::GenSummary& s) {
  JsonWriter json;
  json.BeginObject().Key("invented").Bool(true).Key("out").String(options.out_dir);
  json.Key("seed").UInt(options.seed).Key("accounts").UInt(s.accounts);
  json.Key("follows").UInt(s.follows).Key("interactions").UInt(s.interactions);
  json.Key("posts").UInt(s.posts).Key("expert_accounts").UInt(s.experts);
  json.Key("star_accounts").UInt(s.stars).Key("accounts_with_bought_followers").UInt(s.bought);
  return json.End().text();
}

int Run(const GenCommand& command) {
  ProgressBar bar("gen");
  RunContext run;
  run.set_progress([&](double fraction) { bar.Update(fraction); });
  gen::GenSummary s;
  const absl::Status status = gen::Generate(command.options, run, &s);
  if (!status.ok()) return ReportError(status);
  bar.Done();
  if (command.json) {
    std::printf("%s\n", SummaryJson(command.options, s).c_str());
    return kExitOk;
  }
  std::printf(
      "INVENTED DATA in %s: %s accounts (%s experts, %s stars, %s with bought followers),\n"
      "%s follows, %s interactions, %s posts, seed %llu. The planted truth is in truth.csv.\n",
      command.options.out_dir.c_str(), WithThousands(s.accounts).c_str(),
      WithThousands(s.experts).c_str(), WithThousands(s.stars).c_str(),
      WithThousands(s.bought).c_str(), WithThousands(s.follows).c_str(),
      WithThousands(s.interactions).c_str(), WithThousands(s.posts).c_str(),
      static_cast<unsigned long long>(command.options.seed));
  return kExitOk;
}

}  // namespace

void RegisterGen(Command app) {
  auto command = std::make_shared<GenCommand>();
  Command gen = app.Sub("gen", "Write an invented sphere of influence with a planted truth");
  gen.Add("--out", command->options.out_dir, "directory to write").Required();
  gen.Add("--accounts", command->options.accounts, "number of accounts, 1000 to 10000000")
      .ShowDefault();
  gen.Add("--follows-per-account", command->options.follows_per_account,
          "mean number of accounts that one follows, 2 to 200")
      .ShowDefault();
  gen.Add("--seed", command->options.seed, "another seed, another sphere").ShowDefault();
  gen.Switch("--json", command->json, "print the summary as JSON");
  gen.Run([command] {
    if (const int code = Run(*command); code != kExitOk) EndWith(code);
  });
}

}  // namespace halqa
