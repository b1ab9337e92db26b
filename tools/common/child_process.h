#pragma once
// Child processes: commands of this program, and the service.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace halqa {

// Runs a command to its end, its output on stderr. Errors: Internal (COMMAND_FAILED) with the
// command and its code.
absl::Status RunCommand(const std::vector<std::string>& arguments);

// The path of this program.
std::string SelfPath();

// A running halqad. Killed when this object goes, unless it was stopped before.
class ServiceProcess {
 public:
  ~ServiceProcess();
  // Starts `halqad` on a data directory, with further arguments of it, and waits until it serves.
  // Errors: Unavailable (SERVICE_NOT_READY).
  static absl::StatusOr<std::unique_ptr<ServiceProcess>> Start(
      const std::string& halqad, const std::string& data, const std::string& listen,
      const std::string& log_file, const std::vector<std::string>& more = {});
  const std::string& address() const { return address_; }
  pid_t pid() const { return pid_; }
  void Kill();  // SIGKILL: no warning, no clean-up
  void Stop();  // SIGTERM, then waits

 private:
  void Wait();
  pid_t pid_ = -1;
  std::string address_;
};

}  // namespace halqa
