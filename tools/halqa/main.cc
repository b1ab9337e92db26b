// halqa: one command for data directories, plain graph files and servers.

#include "tools/common/command_line.h"

#include "tools/common/exit_codes.h"
#include "tools/halqa/analyze.h"
#include "tools/halqa/cmd_agreement.h"
#include "tools/halqa/cmd_backup.h"
#include "tools/halqa/cmd_call.h"
#include "tools/halqa/cmd_demo.h"
#include "tools/halqa/cmd_evaluate.h"
#include "tools/halqa/cmd_explain.h"
#include "tools/halqa/cmd_export.h"
#include "tools/halqa/cmd_fsck.h"
#include "tools/halqa/cmd_gen.h"
#include "tools/halqa/cmd_import.h"
#include "tools/halqa/cmd_imports.h"
#include "tools/halqa/cmd_jobs.h"
#include "tools/halqa/cmd_niches.h"
#include "tools/halqa/cmd_nightly.h"
#include "tools/halqa/cmd_people.h"
#include "tools/halqa/cmd_rank.h"
#include "tools/halqa/cmd_search.h"
#include "tools/halqa/cmd_show.h"
#include "tools/halqa/cmd_stats.h"
#include "tools/halqa/cmd_taxonomy.h"
#include "tools/halqa/cmd_text.h"

int main(int argc, char** argv) {
  halqa::Program program(
      "Halqa finds who moves a niche, how many people that reaches, what a budget buys.", "halqa");
  halqa::Command app = program.root();
  app.NeedsSub();
  halqa::cli::RegisterAgreement(app);
  halqa::cli::RegisterAnalyze(app);
  halqa::RegisterGen(app);
  halqa::cli::RegisterBackup(app);
  halqa::cli::RegisterCall(app);
  halqa::cli::RegisterDemo(app);
  halqa::cli::RegisterImport(app);
  halqa::cli::RegisterImports(app);
  halqa::cli::RegisterFsck(app);
  halqa::cli::RegisterJobs(app);
  halqa::cli::RegisterExplain(app);
  halqa::cli::RegisterExport(app);
  halqa::cli::RegisterEvaluate(app);
  halqa::cli::RegisterNiches(app);
  halqa::cli::RegisterNightly(app);
  halqa::cli::RegisterPeople(app);
  halqa::cli::RegisterRank(app);
  halqa::cli::RegisterSearch(app);
  halqa::cli::RegisterShow(app);
  halqa::cli::RegisterStats(app);
  halqa::cli::RegisterTaxonomy(app);
  halqa::cli::RegisterText(app);
  return program.Main(argc, argv);
}
