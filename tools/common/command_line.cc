#include "tools/common/command_line.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/records.h"
#include "tools/common/exit_codes.h"

namespace halqa {
namespace {

// The library would read -1 as the largest number there is.
std::string RefuseMinus(std::string& text) {
  return !text.empty() && text.front() == '-' ? "must not be negative" : "";
}

// Texts go into protocol buffers and JSON; names of files may hold any bytes.
absl::Status CheckArguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    if (IsValidUtf8(argv[i]) || std::filesystem::exists(argv[i], error)) continue;
    return FieldError("NOT_UTF8", absl::StrCat("argument ", i), "is not valid UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace

Flag Flag::Required() const { return Flag(option_->required()); }
Flag Flag::ShowDefault() const { return Flag(option_->capture_default_str()); }
Flag Flag::OneOf(const std::vector<std::string>& words) const {
  return Flag(option_->check(CLI::IsMember(words)));
}
Flag Flag::InRange(int64_t least, int64_t most) const {
  return Flag(option_->check(CLI::Range(least, most)));
}
Flag Flag::NotNegative() const { return Flag(option_->check(CLI::NonNegativeNumber)); }
Flag Flag::Bytes() const { return Flag(option_->transform(CLI::AsSizeValue(false))); }
Flag Flag::Repeated() const {
  return Flag(option_->expected(1)->allow_extra_args(false)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll));
}
Flag Flag::TypeName(const std::string& name) const { return Flag(option_->type_name(name)); }
Flag Flag::Environment(const std::string& variable) const {
  return Flag(option_->envname(variable));
}
Flag Flag::Needs(Flag other) const { return Flag(option_->needs(other.option_)); }
Flag Flag::Excludes(Flag other) const { return Flag(option_->excludes(other.option_)); }

Command Command::Sub(const std::string& name, const std::string& help) {
  return Command(app_->add_subcommand(name, help));
}
Command Command::Group(const std::string& name, const std::string& help) {
  return Command(app_->add_option_group(name, help));
}

template <typename T>
Flag Command::Add(const std::string& names, T& target, const std::string& help) {
  CLI::Option* option = app_->add_option(names, target, help);
  if (std::is_unsigned_v<T>) option->check(CLI::Validator(RefuseMinus, ""));
  return Flag(option);
}
template Flag Command::Add(const std::string&, std::string&, const std::string&);
template Flag Command::Add(const std::string&, int&, const std::string&);
template Flag Command::Add(const std::string&, uint32_t&, const std::string&);
template Flag Command::Add(const std::string&, uint64_t&, const std::string&);
template Flag Command::Add(const std::string&, double&, const std::string&);
template Flag Command::Add(const std::string&, std::vector<std::string>&, const std::string&);

Flag Command::Switch(const std::string& names, bool& target, const std::string& help) {
  return Flag(app_->add_flag(names, target, help));
}
void Command::ExactlyOne() { app_->require_option(1); }
void Command::NeedsSub() { app_->require_subcommand(1); }
void Command::Footer(const std::string& text) { app_->footer(text); }
void Command::Run(std::function<void()> work) { app_->callback(std::move(work)); }

void EndWith(int exit_code) { throw CLI::RuntimeError(exit_code); }
void EndWithMissingFlag(const std::string& names) { throw CLI::RequiredError(names); }

Program::Program(const std::string& description, const std::string& name)
    : app_(std::make_unique<CLI::App>(description, name)) {}
Program::~Program() = default;
Command Program::root() { return Command(app_.get()); }

int Program::Main(int argc, char** argv) {
  if (auto status = CheckArguments(argc, argv); !status.ok()) return ReportError(status);
  try {
    app_->parse(argc, argv);
  } catch (const CLI::RuntimeError& e) {
    return e.get_exit_code();  // the command has said why
  } catch (const CLI::ParseError& e) {
    return app_->exit(e) == 0 ? kExitOk : kExitUsage;
  }
  return kExitOk;
}

}  // namespace halqa
