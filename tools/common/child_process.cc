#include "tools/common/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/file.h"

namespace halqa {
namespace {

// Replaces this process; output goes to `output` (a descriptor).
[[noreturn]] void Exec(const std::vector<std::string>& arguments, int output) {
  std::vector<char*> argv;
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  ::dup2(output, 1);
  if (output != 2) ::dup2(output, 2);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no service outlives its owner
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

std::string SelfPath() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

absl::Status RunCommand(const std::vector<std::string>& arguments) {
  const pid_t pid = ::fork();
  if (pid == 0) Exec(arguments, 2);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return MakeError(absl::StatusCode::kInternal, "COMMAND_FAILED",
                   absl::StrCat(absl::StrJoin(arguments, " "), " ended with code ", code));
}

absl::StatusOr<std::unique_ptr<ServiceProcess>> ServiceProcess::Start(
    const std::string& halqad, const std::string& data, const std::string& listen,
    const std::string& log_file, const std::vector<std::string>& more) {
  const std::string port_file = absl::StrCat(data, ".port");
  std::error_code ignored;
  std::filesystem::remove(port_file, ignored);
  auto service = std::make_unique<ServiceProcess>();
  service->pid_ = ::fork();
  if (service->pid_ == 0) {
    const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    std::vector<std::string> arguments = {halqad, "--data",      data,     "--listen",
                                          listen, "--port-file", port_file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Exec(arguments, log < 0 ? 2 : log);
  }
  for (int tries = 0; tries < 12000; ++tries) {
    if (auto port = ReadFile(port_file); port.ok() && !port->empty()) {
      const std::string host = listen.substr(0, listen.rfind(':'));
      service->address_ = absl::StrCat(host, ":", absl::StripSuffix(*port, "\n"));
      return service;
    }
    int status = 0;
    if (::waitpid(service->pid_, &status, WNOHANG) == service->pid_) {
      service->pid_ = -1;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return MakeError(absl::StatusCode::kUnavailable, "SERVICE_NOT_READY",
                   absl::StrCat("halqad did not start serving on ", listen, "; its log is ",
                                log_file, " (is the port taken? try --listen 127.0.0.1:0)"));
}

void ServiceProcess::Wait() {
  int status = 0;
  if (pid_ > 0) ::waitpid(pid_, &status, 0);
  pid_ = -1;
}

void ServiceProcess::Kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
  Wait();
}

void ServiceProcess::Stop() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
  Wait();
}

ServiceProcess::~ServiceProcess() { Kill(); }

}  // namespace halqa
