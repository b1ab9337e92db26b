#pragma once
// The table of docs/ARCHITECTURE.md as data: who may include whom, and who owns which library. A
// change here is a change of the house and needs a decision in docs/adr/.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace halqa::style {

// A room is a folder. Rooms are named by path; "halqa/v1" and "halqa/storage" are generated code.
struct RoomRule {
  absl::string_view room;
  std::vector<absl::string_view> may_include;
};

// One include that the table forbids and that is right nevertheless.
struct Exception {
  absl::string_view room;
  absl::string_view includes;
  absl::string_view reason;
};

// A library that lives in some rooms only. `include` is the beginning of its headers' paths, `link`
// that of its CMake targets ("" where there is none to watch).
struct LibraryRule {
  absl::string_view include;
  absl::string_view link;
  std::vector<absl::string_view> rooms;  // a room, or the beginning of rooms' names
};

// A CMake target of ours and the room it is.
struct TargetName {
  absl::string_view target;
  absl::string_view room;
};

const std::vector<RoomRule>& Rooms();
const std::vector<Exception>& Exceptions();
const std::vector<LibraryRule>& Libraries();
const std::vector<TargetName>& Targets();

// Text literals in capitals that are no reasons.
const std::vector<absl::string_view>& NotReasons();

// "engine/algo" of "engine/algo/centrality/degree.h"; "" of a path outside every room.
std::string RoomOf(absl::string_view path);

// Whether a file of room `from` may include a file of room `to`.
bool MayInclude(absl::string_view from, absl::string_view to);

}  // namespace halqa::style
