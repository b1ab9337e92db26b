#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"

namespace halqa {

// One line that a lenient reader did not take.
struct RejectedLine {
  std::string file;
  uint64_t line = 0;
  std::string reason;   // stable, "RAGGED_ROW"
  std::string message;  // for people
  std::string raw;      // the line as it stands in the file, at most 4096 bytes
};

// How files are read, whatever their format.
struct ReadOptions {
  // Strict (the default) stops at the first bad line. Lenient hands it to `on_reject` and goes on;
  // a damaged file, a wrong encoding or a wrong header stops both.
  bool lenient = false;
  std::function<absl::Status(const RejectedLine& line)> on_reject;
  // Called every few thousand lines with compressed bytes read and in total, over all files. An
  // error stops the reader and is returned.
  std::function<absl::Status(uint64_t bytes_done, uint64_t bytes_total)> progress;
  // Values for {name} in a mapping, for example owner of an archive.
  std::map<std::string, std::string> variables;
  // Platform of ids in files that name none (snap, ldbc, gml). [a-z0-9_]{1,32}.
  std::string platform = "graph";
  // Edges of snap, ldbc and gml files go both ways.
  bool undirected = false;
  // Leave out edges from an account to itself, counted, instead of refusing them.
  bool drop_self_loops = false;
  // That read large tables of follows; records arrive in file order at any number. 0 = all cores.
  int threads = 0;
};

// What a reader handed over and left out.
struct ReadStats {
  uint64_t files = 0;
  uint64_t accounts = 0, follows = 0, interactions = 0, posts = 0;
  uint64_t rejected = 0;            // lines given to on_reject
  uint64_t self_loops_dropped = 0;  // rows
  uint64_t duplicates_dropped = 0;  // account rows left out or merged by the mapping's wish
  uint64_t rows_skipped = 0;        // rows the mapping says to skip ("Total" lines)
};

}  // namespace halqa
