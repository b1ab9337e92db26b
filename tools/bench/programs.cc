#include "tools/bench/programs.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "tools/common/child_process.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::bench {
namespace {

namespace fs = std::filesystem;

std::string OnPath(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (absl::string_view part : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    const std::string candidate = absl::StrCat(part, "/", name);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

}  // namespace

absl::StatusOr<Finished> RunProgram(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError(errno, "COMMAND_FAILED", "pipe");
  const auto start = std::chrono::steady_clock::now();
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::vector<char*> argv;
    for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    ::dup2(ends[1], 1);
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  Finished finished;
  char buffer[4096];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    finished.output.append(buffer, static_cast<size_t>(n));
  }
  ::close(ends[0]);
  int status = 0;
  struct rusage usage {};
  ::wait4(pid, &status, 0, &usage);
  finished.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const struct timeval& t : {usage.ru_utime, usage.ru_stime}) {
    finished.core_seconds += static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  }
  finished.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return finished;
  return MakeError(absl::StatusCode::kInternal, "COMMAND_FAILED",
                   absl::StrCat(absl::StrJoin(arguments, " "), " did not end well"));
}

std::string FindProgram(const std::string& given, const std::string& name) {
  if (!given.empty()) return given;
  const fs::path tree = fs::path(SelfPath()).parent_path().parent_path().parent_path();
  for (const fs::path& place :
       {tree / "tools" / name / name, tree / "services/server" / name / name}) {
    if (::access(place.c_str(), X_OK) == 0) return place.string();
  }
  return OnPath(name);
}

absl::StatusOr<double> PeerEdgesPerSecond(const std::string& db_bench, const std::string& directory,
                                          uint64_t edges) {
  fs::remove_all(directory);
  HALQA_ASSIGN_OR_RETURN(
      const Finished run,
      RunProgram({db_bench, "--benchmarks=fillrandom", absl::StrCat("--db=", directory),
                  absl::StrCat("--num=", edges), "--key_size=9", "--value_size=4",
                  "--batch_size=1000", "--sync=1", "--max_background_jobs=2",
                  "--compression_type=lz4"}));
  fs::remove_all(directory);
  // "fillrandom   :       3.267 micros/op 306060 ops/sec 3.267 seconds ..."
  const std::vector<absl::string_view> words =
      absl::StrSplit(run.output, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  double rate = 0;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "ops/sec" && absl::SimpleAtod(words[i - 1], &rate)) return rate;
  }
  return MakeError(absl::StatusCode::kInternal, "COMMAND_FAILED", "db_bench printed no rate");
}

absl::StatusOr<v1::GetGraphStatsResponse> Stats(const std::string& address) {
  auto stub =
      v1::GraphService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  return rpc::CallUnary(*stub, &v1::GraphService::Stub::GetGraphStats, v1::GetGraphStatsRequest());
}

Resident ResidentBytes(int pid) {
  std::ifstream in(absl::StrCat("/proc/", pid, "/status"));
  Resident resident;
  for (std::string line; std::getline(in, line);) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    uint64_t kib = 0;
    if (words.size() < 2 || !absl::SimpleAtoi(words[1], &kib)) continue;
    if (words[0] == "VmRSS:") resident.all = kib * 1024;
    if (words[0] == "RssAnon:") resident.anonymous = kib * 1024;
  }
  return resident;
}

uint64_t DirectoryBytes(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    if (entry.is_regular_file(error)) bytes += entry.file_size(error);
  }
  return bytes;
}

}  // namespace halqa::bench
