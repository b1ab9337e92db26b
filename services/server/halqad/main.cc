// halqad: the service. One graph directory, one port, clean drain on SIGTERM.

#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/faults.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "services/server/server.h"

namespace halqa::services {
namespace {

struct Settings {
  std::string data;
  std::string port_file;
  bool create = false;
  uint64_t name_threshold = 1000;
  int job_threads = 0;
  uint64_t memory_bytes_max = 0;
  std::string disk_reserve = "auto";
  std::string test_faults;
  ServerOptions server;
};

void AddOptions(CLI::App& app, Settings* s) {
  app.set_config("--config", "", "TOML file with the same names as the flags")
      ->envname("HALQAD_CONFIG");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.add_option("--data", s->data, "Directory of the graph")->required()->envname("HALQAD_DATA");
  app.add_flag("--create", s->create, "Make an empty graph where there is none");
  app.add_option("--name-threshold", s->name_threshold,
                 "With --create: public accounts with fewer followers are not shown by name")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--listen", s->server.listen, "HOST:PORT; port 0 takes a free one")
      ->envname("HALQAD_LISTEN")
      ->capture_default_str();
  app.add_option("--port-file", s->port_file, "File that gets the port once the server is ready")
      ->envname("HALQAD_PORT_FILE");
  app.add_option("--threads", s->server.threads, "Threads that answer requests")
      ->envname("HALQAD_THREADS")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--job-threads", s->job_threads, "Threads of a job, 0 = all cores")
      ->envname("HALQAD_JOB_THREADS")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  app.add_option("--memory-max", s->memory_bytes_max, "Bytes one job may use, 0 = no limit")
      ->envname("HALQAD_MEMORY_MAX")
      ->transform(CLI::AsSizeValue(false));
  app.add_option("--drain-seconds", s->server.drain_seconds,
                 "Time that running calls get after SIGTERM")
      ->envname("HALQAD_DRAIN_SECONDS")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  app.add_option(
         "--disk-reserve", s->disk_reserve,
         "Free bytes below which writes are refused (erasing goes on), 0 = none, auto = 5 % "
         "of the disk, at least 2 GiB or 10 %, whichever is less")
      ->envname("HALQAD_DISK_RESERVE")
      ->capture_default_str();
  app.add_option(
      "--test-faults", s->test_faults,
      "Tests of this program only: make the disk fail on purpose (engine/base/faults.h)");
  app.add_option("--backup-dir", s->server.backup_directory,
                 "Directory in which AdminService makes and keeps backups")
      ->envname("HALQAD_BACKUP_DIR");
  app.add_flag("!--no-reflection", s->server.reflection, "Do not offer server reflection");
  app.footer(
      "Examples:\n  halqad --data ./graph\n  halqad --data ./graph --listen 127.0.0.1:0 "
      "--port-file port.txt\n"
      "Order of settings: flag, environment, file, default.");
}

int Fail(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  spdlog::error("{}{}", std::string(status.message()), reason.empty() ? "" : " [" + reason + "]");
  return 1;
}

// Takes SIGINT and SIGTERM from the start on. While the graph opens, the first one ends the
// process: nothing is acknowledged yet and every file survives a kill. Afterwards the first one
// asks for a drain and the second one ends the process.
class SignalWatch {
 public:
  explicit SignalWatch(const sigset_t& signals) {
    std::thread([this, signals] { Watch(signals); }).detach();
  }
  // From now on a signal asks for a drain.
  void SetServing() {
    std::lock_guard lock(mutex_);
    serving_ = true;
  }
  // Whether the first signal has come; waits for it for a while.
  bool WaitFor(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return signalled_; });
  }

 private:
  void Watch(const sigset_t& signals) {
    for (;;) {
      int signal = 0;
      sigwait(&signals, &signal);
      std::lock_guard lock(mutex_);
      const char* name = signal == SIGTERM ? "SIGTERM" : "SIGINT";
      if (!serving_ || signalled_) {
        spdlog::warn("{}: ending now", name);
        _exit(128 + signal);
      }
      spdlog::info("{}: draining", name);
      signalled_ = true;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool serving_ = false;
  bool signalled_ = false;
};

absl::Status CheckListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  uint32_t port = 0;
  const bool named = colon != std::string::npos && colon > 0;
  if (named && absl::SimpleAtoi(listen.substr(colon + 1), &port) && port <= 65535)
    return absl::OkStatus();
  return FieldError("BAD_ADDRESS", "--listen",
                    absl::StrCat("'", listen, "' is not HOST:PORT with a port of 0 to 65535"));
}

absl::Status ReadDiskOptions(const Settings& s, runtime::GraphOptions* options) {
  if (s.disk_reserve == "auto") {
    options->disk_reserve_bytes = ~uint64_t{0};
  } else if (std::string text = s.disk_reserve;
             !CLI::AsSizeValue(false)(text).empty() ||
             !absl::SimpleAtoi(text, &options->disk_reserve_bytes)) {
    return FieldError("BAD_PARAMETER", "--disk-reserve",
                      absl::StrCat("'", s.disk_reserve, "' is neither a size nor 'auto'"));
  }
  if (s.test_faults.empty()) return absl::OkStatus();
  spdlog::warn("--test-faults {}: THIS SERVER LOSES DATA ON PURPOSE. For tests only.",
               s.test_faults);
  HALQA_ASSIGN_OR_RETURN(options->faults, FaultPlan::Parse(s.test_faults));
  SetFileFaults(options->faults);
  return absl::OkStatus();
}

// Blocks until a signal asks for a drain (OK) or the disk has failed.
absl::Status ServeUntilDone(const runtime::Graph& graph, SignalWatch& signals) {
  while (!signals.WaitFor(std::chrono::milliseconds(50))) {
    HALQA_RETURN_IF_ERROR(graph.live().db().Failure());
  }
  return absl::OkStatus();
}

int Serve(const Settings& s, SignalWatch& signals) {
  if (auto status = CheckListen(s.server.listen); !status.ok()) return Fail(status);
  runtime::GraphOptions options;
  if (auto status = ReadDiskOptions(s, &options); !status.ok()) return Fail(status);
  options.create_if_missing = s.create;
  options.settings_if_new.name_threshold = s.name_threshold;
  options.threads = s.job_threads;
  options.memory_bytes_max = s.memory_bytes_max;
  options.log = [](const std::string& line) { spdlog::info("{}", line); };
  auto graph = runtime::Graph::Open(s.data, options);
  if (!graph.ok()) return Fail(graph.status());
  auto server = Server::Start(graph->get(), s.server);
  if (!server.ok()) return Fail(server.status());
  signals.SetServing();
  if (!s.port_file.empty()) {
    const auto written = WriteFileDurably(s.port_file, absl::StrCat((*server)->port(), "\n"));
    if (!written.ok()) return Fail(written);
  }
  const auto stats = (*graph)->Stats();
  spdlog::info("serving {} on port {}: {} accounts, {} follows", s.data, (*server)->port(),
               stats.accounts, stats.snapshot_follows);
  absl::Status ended = ServeUntilDone(**graph, signals);
  if (!ended.ok()) spdlog::error("draining: {}", std::string(ended.message()));
  (*server)->Drain();
  server->reset();
  if (ended.ok()) ended = (*graph)->live().db().Failure();
  graph->reset();
  if (!ended.ok()) return Fail(ended);
  spdlog::info("stopped");
  return 0;
}

}  // namespace
}  // namespace halqa::services

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("halqad"));
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  CLI::App app("halqad: Halqa's gRPC service for one graph", "halqad");
  halqa::services::Settings settings;
  halqa::services::AddOptions(app, &settings);
  CLI11_PARSE(app, argc, argv);
  // Lives as long as the process: its thread never ends.
  static halqa::services::SignalWatch watch(signals);
  return halqa::services::Serve(settings, watch);
}
