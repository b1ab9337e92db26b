#pragma once
// A real halqad as a child process, started, watched and killed by the stress programs.

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace halqa::stress {

struct ServerSpec {
  std::string program;  // path of halqad
  std::string data;
  std::string log;     // its stderr is appended here
  std::string faults;  // --test-faults, "" = none
  std::string reserve = "0";
};

// How a process ended.
struct Ending {
  bool running = false;
  int code = 0;    // exit code
  int signal = 0;  // 0 = none
};

// Killed when this object goes.
class ServerProcess {
 public:
  static std::unique_ptr<ServerProcess> Spawn(const ServerSpec& spec);
  ~ServerProcess();

  // Waits until it serves. False when it ended before, or did not serve in time.
  bool WaitReady(std::chrono::milliseconds timeout = std::chrono::seconds(60));
  const std::string& address() const { return address_; }
  Ending Poll();
  // Waits for the end; still running when the time is over.
  Ending WaitEnd(std::chrono::milliseconds timeout);
  // SIGKILL, and the end: signal 9, or how it had ended by itself before.
  Ending Kill();
  // SIGTERM.
  void Terminate();
  // SIGTERM, and the end.
  Ending Stop();
  // What it has logged since it was spawned.
  std::string Log() const;

 private:
  ServerSpec spec_;
  std::string port_file_, address_;
  size_t log_start_ = 0;
  pid_t pid_ = -1;
  Ending ending_;
};

// Runs a program to its end, output to `log`. Returns its ending; killed after `timeout`.
Ending RunProgram(const std::vector<std::string>& arguments, const std::string& log,
                  std::chrono::milliseconds timeout);

}  // namespace halqa::stress
