#include "tools/halqa/cmd_agreement.h"

#include <cstdio>
#include <memory>
#include <string>

#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/evaluate/agreement.h"

namespace halqa::cli {
namespace {

struct AgreementFlags {
  std::string first, second;
  bool json = false;
};

std::string Json(const Agreement& a) {
  JsonWriter json;
  json.BeginObject().Key("both").UInt(a.both).Key("only_first").UInt(a.only_first);
  json.Key("only_second").UInt(a.only_second).Key("first_groups").UInt(a.first_groups);
  json.Key("second_groups").UInt(a.second_groups).Key("ami").Number(a.ami);
  return json.Key("ari").Number(a.ari).End().text();
}

void Run(const AgreementFlags& flags) {
  const auto agreement = CompareLabels(flags.first, flags.second);
  if (!agreement.ok()) EndWith(ReportError(agreement.status()));
  if (flags.json) {
    std::printf("%s\n", Json(*agreement).c_str());
    return;
  }
  std::printf("%llu vertices in both files, %llu in the first only, %llu in the second only\n",
              static_cast<unsigned long long>(agreement->both),
              static_cast<unsigned long long>(agreement->only_first),
              static_cast<unsigned long long>(agreement->only_second));
  std::printf("%u groups, %u groups\n", agreement->first_groups, agreement->second_groups);
  std::printf("AMI %.4f, ARI %.4f\n", agreement->ami, agreement->ari);
}

}  // namespace

void RegisterAgreement(Command app) {
  auto flags = std::make_shared<AgreementFlags>();
  Command command = app.Sub("agreement", "How alike two files of communities are");
  command.Add("first", flags->first, "As `halqa analyze --output` writes it, or two columns")
      .Required();
  command.Add("second", flags->second, "Another, of the same vertices").Required();
  command.Switch("--json", flags->json, "Print the figures as JSON");
  command.Footer(
      "Example:\n"
      "  halqa analyze leiden --data ./graph --output a.csv\n"
      "  halqa analyze co_audience_communities --data ./graph --output b.csv\n"
      "  halqa agreement a.csv b.csv\n"
      "AMI and ARI are 1 for the same groups, whatever their names, and about 0 for groups that\n"
      "have nothing to do with each other.");
  command.Run([flags] { Run(*flags); });
}

}  // namespace halqa::cli
