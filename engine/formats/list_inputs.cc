#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/formats/mapping_reader.h"

namespace halqa {
namespace {

std::string BaseName(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace

absl::StatusOr<std::vector<InputFile>> ListInputs(const std::vector<std::string>& paths) {
  std::vector<InputFile> inputs;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      if (!std::filesystem::exists(path, error)) {
        return ErrnoError(ENOENT, "FILE_NOT_FOUND", path);
      }
      inputs.push_back({path, BaseName(path), false});
      continue;
    }
    std::vector<InputFile> inside;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      if (!entry.is_regular_file(error)) continue;
      inside.push_back({entry.path().string(), entry.path().filename().string(), true});
    }
    std::sort(inside.begin(), inside.end(),
              [](const InputFile& a, const InputFile& b) { return a.name < b.name; });
    inputs.insert(inputs.end(), inside.begin(), inside.end());
  }
  return inputs;
}

}  // namespace halqa
