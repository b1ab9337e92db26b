#pragma once
// Golden scripts: commands and what they print, as text. tests/golden/README.md has the rules.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace halqa::golden {

struct Step {
  std::string command;
  std::vector<std::string> output;  // lines, normalised
  int exit_code = 0;
  int line = 0;  // of the command in the script
};

struct Script {
  std::vector<std::string> head;  // comment lines before the first command
  std::vector<Step> steps;
  std::string law;  // of the line "# law: ..."
};

// Reads a script. What follows a command up to the next one is its output; "? N" is its exit code.
Script ParseScript(absl::string_view text);
std::string FormatScript(const Script& script);

// Replaces what may differ between runs (see README.md). `directory` is where the commands run.
std::string Normalise(absl::string_view output, absl::string_view directory,
                      absl::string_view source);

// Runs the step in `directory` by bash, `bin` first in PATH; returns it with what it gave.
Step RunStep(const Step& step, const std::string& directory, const std::string& bin);

}  // namespace halqa::golden
