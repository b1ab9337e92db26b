#pragma once
// The one door to all file formats.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/records.h"
#include "engine/formats/read_options.h"

namespace halqa {

// Reads `paths` (files or directories) in `format` and hands their records over: accounts before
// what refers to them, as far as file names tell.
//   auto     by file name: *.ndjson and *.jsonl records, *.gml, *.v and *.e, accounts*, follows*,
//            interactions* and posts* tables with the standard headers, .txt and .snap edge lists.
//            In a directory only the first four kinds.
//   csv tsv  tables with the standard headers (docs/FORMATS.md)
//   ndjson   one record per line: {"type":"follow","follower":...}
//   snap     edge list, blank-separated, '#' comments    ldbc  .v and .e files    gml
// or the name of a mapping (MappingNames), or the path of a mapping file ending in .toml.
// .zst and .gz are read through in every format. Errors: NotFound (UNKNOWN_FORMAT,
// FILE_NOT_FOUND), InvalidArgument (UNMATCHED_FILE) and those of the format, each with file, line
// and reason where there is a line.
absl::StatusOr<ReadStats> ReadRecords(const std::string& format,
                                      const std::vector<std::string>& paths,
                                      const ReadOptions& options, RecordVisitor& visitor);

// Name and description of every mapping in the program, sorted by name.
std::vector<std::pair<std::string, std::string>> MappingNames();

}  // namespace halqa
