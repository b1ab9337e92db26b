#pragma once
// The tables that leave the graph: scored accounts and niches.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/formats/table_writer.h"
#include "tools/halqa/scores.h"

namespace halqa::cli {

// One row per account; with `searched` also its rank and score in the search. Returns the rows.
// Errors: those of TableWriter.
absl::StatusOr<uint64_t> WriteAccounts(const std::vector<ScoreRow>& rows, bool searched,
                                       const std::string& path, TableFormat format);

// One row per niche. Errors: those of TableWriter.
absl::StatusOr<uint64_t> WriteNiches(const std::vector<v1::Niche>& niches, const std::string& path,
                                     TableFormat format);

// The shortest decimal text that reads back as the same number.
std::string NumberText(double value);

}  // namespace halqa::cli
