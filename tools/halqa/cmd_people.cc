#include "tools/halqa/cmd_people.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/facts.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

using GraphStub = v1::GraphService::Stub;

struct PeopleFlags {
  BackendOptions backend;
  std::string account, canonical;
  bool json = false;
};

void Print(const std::string& text) { std::fputs(text.c_str(), stdout); }

std::string TimeText(int64_t seconds) {
  if (seconds == 0) return "unknown";
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

std::string ReceiptText(const v1::ErasureReceipt& r) {
  Facts facts;
  facts.Add("erased", r.name());
  facts.Add("at", TimeText(r.erased_at()));
  facts.Add("change record", absl::StrCat(r.lsn()));
  if (r.found()) {
    facts.Add("follows by it", WithThousands(r.following()));
    facts.Add("follows of it", WithThousands(r.followers()));
    facts.Add("posts", WithThousands(r.posts()));
    facts.Add("profile", r.had_profile() ? "removed" : "none was held");
  } else {
    facts.Add("held before", "nothing; the id is kept out of later imports");
  }
  facts.Add("signature", r.signature());
  return facts.Text();
}

absl::Status Erase(const PeopleFlags& flags, const Backend& backend) {
  const auto stub = v1::GraphService::NewStub(backend.channel());
  v1::DeleteAccountRequest request;
  request.set_name(flags.account);
  HALQA_ASSIGN_OR_RETURN(const auto response,
                         rpc::CallUnary(*stub, &GraphStub::DeleteAccount, request));
  if (flags.json) {
    Print(rpc::ToJson(response) + "\n");
    return absl::OkStatus();
  }
  if (response.duplicate()) Print("It had been erased before; this is the first receipt.\n");
  Print(ReceiptText(response.receipt()));
  return absl::OkStatus();
}

// Counts of a subject's parts as they stream in.
struct SubjectSummary {
  v1::ExportSubjectResponse first;
  uint64_t follows_by = 0, follows_of = 0, ended = 0, interactions_by = 0, interactions_of = 0;
  uint64_t posts = 0;

  void Add(const v1::ExportSubjectResponse& part) {
    posts += static_cast<uint64_t>(part.posts_size());
    for (const v1::HeldFollow& f : part.follows()) {
      (f.outgoing() ? follows_by : follows_of) += 1;
      ended += f.events_size() > 0 && f.events(0).removed() ? 1 : 0;
    }
    for (const v1::HeldInteraction& x : part.interactions())
      (x.outgoing() ? interactions_by : interactions_of) += x.count();
  }
};

std::string SubjectText(const SubjectSummary& s) {
  if (s.first.has_erasure())
    return absl::StrCat("Nothing is held any more.\n", ReceiptText(s.first.erasure()));
  const v1::Account& a = s.first.account();
  Facts facts;
  facts.Add("account", a.external_id());
  facts.Add("shown", a.named() ? "by name" : "by pseudonym");
  facts.Add("name", a.display_name());
  facts.Add("bio", a.bio());
  facts.Add("source", a.source());
  facts.Add("legal basis", a.legal_basis());
  if (a.collected_at() != 0) facts.Add("collected", TimeText(a.collected_at()));
  if (a.expires_at() != 0) facts.Add("expires", TimeText(a.expires_at()));
  facts.Add("posts", WithThousands(s.posts));
  facts.Add("follows by it", WithThousands(s.follows_by));
  facts.Add("follows of it", WithThousands(s.follows_of));
  facts.Add("of both, ended", WithThousands(s.ended));
  facts.Add("interactions by it", WithThousands(s.interactions_by));
  facts.Add("interactions upon it", WithThousands(s.interactions_of));
  std::string out = facts.Text();
  if (s.first.imports_size() > 0) {
    Table table({{"import", Table::Align::kRight}, {"producer"}, {"source"}, {"legal basis"}});
    for (const v1::Import& i : s.first.imports()) {
      table.AddRow({absl::StrCat(i.number()), i.producer(), i.provenance().source(),
                    i.provenance().legal_basis()});
    }
    absl::StrAppend(&out, "\n", table.Render());
  }
  return out + "--json prints every record.\n";
}

absl::Status Subject(const PeopleFlags& flags, const Backend& backend) {
  const auto stub = v1::GraphService::NewStub(backend.channel());
  v1::ExportSubjectRequest request;
  request.set_name(flags.account);
  grpc::ClientContext context;
  const auto reader = stub->ExportSubject(&context, request);
  SubjectSummary summary;
  v1::ExportSubjectResponse part;
  bool first = true;
  while (reader->Read(&part)) {
    if (std::exchange(first, false)) summary.first = part;
    summary.Add(part);
    if (flags.json) Print(rpc::ToJson(part) + "\n");
  }
  HALQA_RETURN_IF_ERROR(rpc::FromGrpc(reader->Finish()));
  if (!flags.json) Print(SubjectText(summary));
  return absl::OkStatus();
}

absl::Status Alias(const PeopleFlags& flags, const Backend& backend) {
  const auto stub = v1::GraphService::NewStub(backend.channel());
  v1::AliasAccountRequest request;
  request.set_alias(flags.account);
  request.set_canonical(flags.canonical);
  HALQA_ASSIGN_OR_RETURN(const auto response,
                         rpc::CallUnary(*stub, &GraphStub::AliasAccount, request));
  if (flags.json) {
    Print(rpc::ToJson(response) + "\n");
  } else if (response.duplicate()) {
    Print("They were one account before; nothing changed.\n");
  } else {
    Print(absl::StrCat(flags.account, " now means ", flags.canonical,
                       "; its edges follow with the next snapshot.\n"));
  }
  return absl::OkStatus();
}

using Work = absl::Status (*)(const PeopleFlags&, const Backend&);

Command AddOne(Command app, const char* name, const char* help, Work work, const char* account_help,
               const std::shared_ptr<PeopleFlags>& flags) {
  Command command = app.Sub(name, help);
  AddBackendFlags(command, &flags->backend);
  command.Add("account", flags->account, account_help).Required();
  command.Switch("--json", flags->json, "Print the response as JSON");
  command.Run([flags, work] {
    RunOn(flags->backend, [&](const Backend& backend) { return work(*flags, backend); });
  });
  return command;
}

}  // namespace

void RegisterPeople(Command app) {
  auto flags = std::make_shared<PeopleFlags>();
  AddOne(app, "erase", "Erase an account for good: profile, posts, edges; later imports skip it",
         Erase, "External id or pseudonym", flags)
      .Footer(
          "The receipt is signed; keep it. Backups made before still hold the account until they\n"
          "expire; give a restore --erased-from the old directory, or the account may come back.\n"
          "Examples:\n"
          "  halqa erase --server 127.0.0.1:7411 instagram:1234\n"
          "  halqa erase --data ./graph instagram:~0123456789abcdef --json");
  AddOne(app, "subject", "Tell everything that is held about one account, and from where", Subject,
         "External id or pseudonym", flags)
      .Footer(
          "Examples:\n"
          "  halqa subject --data ./graph instagram:1234\n"
          "  halqa subject --server 127.0.0.1:7411 instagram:1234 --json > subject.ndjson");
  Command alias = AddOne(app, "alias", "Say that two external ids are one account", Alias,
                         "External id that goes", flags);
  alias.Add("canonical", flags->canonical, "External id that stays").Required();
  alias.Footer(
      "Profile, posts and edges are joined; the first id means the second from now on.\n"
      "Example:\n  halqa alias --data ./graph twitter:old_handle twitter:44196397");
}

}  // namespace halqa::cli
