#include "tools/halqa/cmd_imports.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/facts.h"
#include "tools/halqa/run_job.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

using GraphStub = v1::GraphService::Stub;

constexpr int kFollowersPerMessage = 20000;

struct ImportsFlags {
  BackendOptions backend;
  std::string id, before, account, file, as_of, source, legal_basis, page_token;
  int limit = 50;
  bool json = false;
};

void Print(const std::string& text) { std::fputs(text.c_str(), stdout); }

std::string DateText(int64_t seconds) {
  if (seconds == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
}

std::string StateOf(const v1::Import& i) {
  if (i.founding()) return "built the graph";
  return i.undone() ? absl::StrCat("undone ", DateText(i.undone_at())) : "";
}

absl::Status List(const ImportsFlags& flags, const Backend& backend) {
  const auto stub = v1::GraphService::NewStub(backend.channel());
  v1::ListImportsRequest request;
  request.set_page_size(flags.limit);
  request.set_page_token(flags.page_token);
  HALQA_ASSIGN_OR_RETURN(const auto response,
                         rpc::CallUnary(*stub, &GraphStub::ListImports, request));
  if (flags.json) {
    Print(rpc::ToJson(response) + "\n");
    return absl::OkStatus();
  }
  if (response.imports().empty()) {
    Print("No import or producer has written yet.\n");
    return absl::OkStatus();
  }
  using Align = Table::Align;
  Table table({{"import", Align::kRight},
               {"first batch (UTC)"},
               {"follows", Align::kRight},
               {"interactions", Align::kRight},
               {"profiles", Align::kRight},
               {"posts", Align::kRight},
               {"producer", Align::kLeft, 40},
               {"source", Align::kLeft, 32},
               {"expires"},
               {"state"}});
  for (const v1::Import& i : response.imports()) {
    table.AddRow({absl::StrCat(i.number()), DateText(i.created_at()), WithThousands(i.follows()),
                  WithThousands(i.interactions()), WithThousands(i.profiles()),
                  WithThousands(i.posts()), i.producer(), i.provenance().source(),
                  DateText(i.provenance().expires_at()), StateOf(i)});
  }
  Print(table.Render());
  if (!response.next_page_token().empty())
    Print(absl::StrCat("next page: --page-token ", response.next_page_token(), "\n"));
  return absl::OkStatus();
}

// Shows a job to its end and then what it found.
absl::Status Follow(const ImportsFlags& flags, const Backend& backend, const v1::Job& started,
                    const std::string& label) {
  HALQA_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(backend.channel(), started, label));
  if (flags.json) {
    Print(rpc::ToJson(job) + "\n");
    return absl::OkStatus();
  }
  Facts facts;
  for (const auto& [key, value] : Sorted(job.result())) facts.Add(key, value);
  Print(facts.Text());
  return absl::OkStatus();
}

absl::Status Undo(const ImportsFlags& flags, const Backend& backend) {
  const auto stub = v1::GraphService::NewStub(backend.channel());
  v1::UndoImportRequest request;
  request.set_name(flags.id);
  HALQA_ASSIGN_OR_RETURN(const auto started,
                         rpc::CallUnary(*stub, &GraphStub::UndoImport, request));
  return Follow(flags, backend, started.job(), "undo import " + flags.id);
}

absl::Status Purge(const ImportsFlags& flags, const Backend& backend) {
  const auto stub = v1::GraphService::NewStub(backend.channel());
  v1::PurgeHistoryRequest request;
  if (!flags.before.empty()) {
    const auto time = ParseTime(flags.before);
    if (!time.ok()) return Annotate(time.status(), "--before");
    request.set_horizon(*time);
  }
  HALQA_ASSIGN_OR_RETURN(const auto started,
                         rpc::CallUnary(*stub, &GraphStub::PurgeHistory, request));
  return Follow(flags, backend, started.job(), "forget");
}

// The ids of a file, one a line; "-" is standard input.
absl::StatusOr<std::vector<std::string>> ReadIds(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    if (!file) {
      return MakeError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND",
                       absl::StrCat(path, " cannot be read"), {{"path", path}});
    }
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::vector<std::string> ids;
  for (std::string line; std::getline(in, line);) {
    const std::string id(TrimBlank(line));
    if (id.empty()) continue;
    if (auto s = ValidateExternalId(id); !s.ok())
      return Annotate(s, absl::StrCat(path, ":", ids.size() + 1));
    ids.push_back(id);
  }
  return ids;
}

absl::Status Followers(const ImportsFlags& flags, const Backend& backend) {
  HALQA_ASSIGN_OR_RETURN(const std::vector<std::string> ids, ReadIds(flags.file));
  const auto as_of = ParseTime(flags.as_of);
  if (!as_of.ok()) return Annotate(as_of.status(), "--as-of");
  const auto stub = v1::GraphService::NewStub(backend.channel());
  grpc::ClientContext context;
  v1::ReplaceFollowersResponse response;
  const auto writer = stub->ReplaceFollowers(&context, &response);
  v1::ReplaceFollowersRequest request;
  request.set_parent(flags.account);
  request.set_as_of(*as_of);
  request.mutable_provenance()->set_source(flags.source);
  request.mutable_provenance()->set_legal_basis(flags.legal_basis);
  for (size_t i = 0; i < ids.size(); ++i) {
    request.add_followers(ids[i]);
    if (request.followers_size() < kFollowersPerMessage) continue;
    if (!writer->Write(request)) break;
    request.clear_followers();
  }
  writer->Write(request);
  writer->WritesDone();
  HALQA_RETURN_IF_ERROR(rpc::FromGrpc(writer->Finish()));
  if (flags.json) {
    Print(rpc::ToJson(response) + "\n");
    return absl::OkStatus();
  }
  Facts facts;
  facts.Add("followers in the list", WithThousands(response.followers()));
  facts.Add("not known before", WithThousands(response.added()));
  facts.Add("ended", WithThousands(response.removed()));
  if (response.suppressed_rows() > 0)
    facts.Add("left out: erased", WithThousands(response.suppressed_rows()));
  Print(facts.Text());
  return absl::OkStatus();
}

using Work = absl::Status (*)(const ImportsFlags&, const Backend&);

Command AddOne(Command parent, const char* name, const char* help, Work work,
               const std::shared_ptr<ImportsFlags>& flags) {
  Command command = parent.Sub(name, help);
  AddBackendFlags(command, &flags->backend);
  command.Switch("--json", flags->json, "Print the response as JSON");
  command.Run([flags, work] {
    RunOn(flags->backend, [&](const Backend& backend) { return work(*flags, backend); });
  });
  return command;
}

void RegisterFollowers(Command app, const std::shared_ptr<ImportsFlags>& flags) {
  Command followers = AddOne(app, "followers",
                             "Tell the complete list of followers of an account: who is missing "
                             "has left",
                             Followers, flags);
  followers.Add("account", flags->account, "External id of the account").Required();
  followers.Add("file", flags->file, "File with one external id a line; - reads them here")
      .Required();
  followers.Add("--as-of", flags->as_of, "When the list was complete, as people write times")
      .Required();
  followers.Add("--source", flags->source, "Where the list comes from, kept with it");
  followers.Add("--legal-basis", flags->legal_basis, "Legal basis under which it is kept");
  followers.Footer(
      "Events that are newer than the list stay.\n"
      "Example:\n"
      "  halqa followers --data ./graph instagram:1234 followers.txt --as-of 2026-11-20");
}

}  // namespace

void RegisterImports(Command app) {
  auto flags = std::make_shared<ImportsFlags>();
  Command imports = app.Sub("imports", "Where records came from; take an import back; forget");
  imports.NeedsSub();
  Command list = AddOne(imports, "list", "Imports and producers, oldest first", List, flags);
  list.Add("--limit", flags->limit, "Imports per page").ShowDefault();
  list.Add("--page-token", flags->page_token, "Where the last page said it goes on");
  AddOne(imports, "undo", "Take back what an import brought", Undo, flags)
      .Add("id", flags->id, "Number of the import")
      .Required();
  AddOne(imports, "purge", "Forget what has expired, was erased or undone", Purge, flags)
      .Add("--before", flags->before,
           "Forget the history before this moment too, and refuse older events from then on");
  imports.Footer(
      "Examples:\n"
      "  halqa imports list --data ./graph\n"
      "  halqa imports undo 3 --server 127.0.0.1:7411\n"
      "  halqa imports purge --data ./graph --before 2025-11-25");
  RegisterFollowers(app, flags);
}

}  // namespace halqa::cli
