#pragma once
// Real data that stands beside the source tree and is not part of it: HALQA_DATA names its folder,
// else ../shared/data is tried. Tests of it are skipped where it is missing.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/formats/byte_source.h"

namespace halqa::testing {

inline std::string DataFolder() {
  const char* named = std::getenv("HALQA_DATA");
  return named != nullptr ? named : HALQA_SOURCE_DIR "/../shared/data";
}

class SharedDataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(DataFolder())) GTEST_SKIP() << "no data at " << DataFolder();
  }
};

// Lines of a file, plain, .gz or .zst.
inline std::vector<std::string> Lines(const std::string& path) {
  auto source = ByteSource::Open(path);
  EXPECT_TRUE(source.ok()) << source.status();
  LineReader reader(*std::move(source));
  std::vector<std::string> lines;
  absl::string_view line;
  while (*reader.Next(&line)) lines.emplace_back(line);
  return lines;
}

}  // namespace halqa::testing
