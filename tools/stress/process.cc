#include "tools/stress/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/file.h"

extern char** environ;

namespace halqa::stress {
namespace {

using Clock = std::chrono::steady_clock;

pid_t SpawnProgram(const std::vector<std::string>& arguments, const std::string& log) {
  std::vector<char*> argv;
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t pid = -1;
  if (::posix_spawn(&pid, argv[0], &files, nullptr, argv.data(), environ) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&files);
  return pid;
}

Ending EndingOf(int status) {
  Ending ending;
  if (WIFEXITED(status)) ending.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  return ending;
}

// The end of a child, or `running` when the time is over.
Ending WaitFor(pid_t pid, std::chrono::milliseconds timeout) {
  const auto until = Clock::now() + timeout;
  for (;;) {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) return EndingOf(status);
    if (Clock::now() >= until) return {true, 0, 0};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

std::unique_ptr<ServerProcess> ServerProcess::Spawn(const ServerSpec& spec) {
  auto server = std::make_unique<ServerProcess>();
  server->spec_ = spec;
  server->port_file_ = absl::StrCat(spec.data, ".port");
  std::error_code ignored;
  std::filesystem::remove(server->port_file_, ignored);
  const auto size = std::filesystem::file_size(spec.log, ignored);
  server->log_start_ = ignored ? 0 : size;
  std::vector<std::string> arguments = {
      spec.program,      "--data",      spec.data,          "--create",         "--listen",
      "127.0.0.1:0",     "--port-file", server->port_file_, "--name-threshold", "0",
      "--drain-seconds", "2",           "--disk-reserve",   spec.reserve};
  if (!spec.faults.empty()) {
    arguments.push_back("--test-faults");
    arguments.push_back(spec.faults);
  }
  server->pid_ = SpawnProgram(arguments, spec.log);
  server->ending_.running = server->pid_ > 0;
  return server;
}

ServerProcess::~ServerProcess() { Kill(); }

bool ServerProcess::WaitReady(std::chrono::milliseconds timeout) {
  const auto until = Clock::now() + timeout;
  while (Poll().running && Clock::now() < until) {
    if (auto port = ReadFile(port_file_); port.ok() && port->size() > 1) {
      port->pop_back();
      address_ = absl::StrCat("127.0.0.1:", *port);
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

Ending ServerProcess::Poll() { return WaitEnd(std::chrono::milliseconds(0)); }

Ending ServerProcess::WaitEnd(std::chrono::milliseconds timeout) {
  if (ending_.running) ending_ = WaitFor(pid_, timeout);
  return ending_;
}

Ending ServerProcess::Kill() {
  if (ending_.running) ::kill(pid_, SIGKILL);
  return WaitEnd(std::chrono::hours(1));
}

void ServerProcess::Terminate() {
  if (ending_.running) ::kill(pid_, SIGTERM);
}

Ending ServerProcess::Stop() {
  Terminate();
  return WaitEnd(std::chrono::minutes(2));
}

std::string ServerProcess::Log() const {
  auto log = ReadFile(spec_.log);
  return log.ok() && log->size() > log_start_ ? log->substr(log_start_) : "";
}

Ending RunProgram(const std::vector<std::string>& arguments, const std::string& log,
                  std::chrono::milliseconds timeout) {
  const pid_t pid = SpawnProgram(arguments, log);
  if (pid < 0) return {false, 127, 0};
  Ending ending = WaitFor(pid, timeout);
  if (!ending.running) return ending;
  ::kill(pid, SIGKILL);
  return WaitFor(pid, std::chrono::hours(1));
}

}  // namespace halqa::stress
