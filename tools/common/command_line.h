#pragma once
// Commands and flags of programs, on top of CLI11. Only command_line.cc parses CLI11's headers:
// they cost 15 s of compiling in every file that includes them.

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace halqa {

// One flag of a command. A copy means the same flag.
class Flag {
 public:
  explicit Flag(CLI::Option* option) : option_(option) {}
  Flag Required() const;
  Flag ShowDefault() const;  // the help text states the value it has now
  Flag OneOf(const std::vector<std::string>& words) const;
  Flag InRange(int64_t least, int64_t most) const;
  Flag NotNegative() const;
  Flag Bytes() const;     // "512MB" is a number of bytes
  Flag Repeated() const;  // may be given several times, one value each
  Flag TypeName(const std::string& name) const;
  Flag Environment(const std::string& variable) const;
  Flag Needs(Flag other) const;
  Flag Excludes(Flag other) const;

 private:
  CLI::Option* option_;
};

// A command or a group of its flags. Targets must live until the command has run.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}
  Command Sub(const std::string& name, const std::string& help);
  Command Group(const std::string& name, const std::string& help);
  // T is std::string, int, uint32_t, uint64_t, double or std::vector<std::string>. A name without
  // dashes is a positional argument.
  template <typename T>
  Flag Add(const std::string& names, T& target, const std::string& help);
  Flag Switch(const std::string& names, bool& target, const std::string& help);
  void ExactlyOne();  // of the flags of this group
  void NeedsSub();
  void Footer(const std::string& text);
  void Run(std::function<void()> work);  // when the command was given

 private:
  CLI::App* app_;
};

// Ends the command that runs; its error has been told.
[[noreturn]] void EndWith(int exit_code);
// Ends the command that runs like a command line without a required flag.
[[noreturn]] void EndWithMissingFlag(const std::string& names);

// A program that is called with a command.
class Program {
 public:
  Program(const std::string& description, const std::string& name);
  ~Program();
  Command root();
  // Parses and runs. Returns the exit code of the process.
  int Main(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace halqa
