#include "tests/style/house.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace halqa::style {

const std::vector<RoomRule>& Rooms() {
  static const std::vector<RoomRule> kRooms = {
      {"engine/base", {}},
      {"engine/graph", {"engine/base"}},
      {"engine/store", {"engine/base", "halqa/storage"}},
      {"engine/text", {"engine/base"}},
      {"engine/filter", {"engine/base"}},
      {"engine/formats", {"engine/base"}},
      {"engine/algo", {"engine/graph", "engine/base"}},
      {"engine/bgl", {"engine/graph", "engine/base"}},
      {"engine/projection", {"engine/store", "engine/graph", "engine/base"}},
      {"engine/index", {"engine/store", "engine/text", "engine/base"}},
      {"engine/ingest",
       {"engine/store", "engine/graph", "engine/index", "engine/projection", "engine/formats",
        "engine/base"}},
      {"engine/discovery",
       {"engine/algo", "engine/bgl", "engine/filter", "engine/text", "engine/graph",
        "engine/base"}},
      {"engine/campaign", {"engine/algo", "engine/filter", "engine/graph", "engine/base"}},
      {"engine/listening", {"engine/algo", "engine/text", "engine/graph", "engine/base"}},
      {"engine/runtime", {"engine/*"}},
      {"services/common",
       {"engine/runtime", "engine/discovery", "engine/campaign", "engine/listening",
        "engine/filter", "engine/base", "halqa/v1"}},
      {"services/*",
       {"services/common", "engine/runtime", "engine/discovery", "engine/campaign",
        "engine/listening", "engine/filter", "engine/base", "halqa/v1"}},
      {"services/server",
       {"services/*", "engine/runtime", "engine/discovery", "engine/campaign", "engine/listening",
        "engine/filter", "engine/base", "halqa/v1"}},
      // docs/adr/0003: an in-process server gives --data and --server one code path.
      {"tools/*",
       {"tools/*", "engine/*", "!engine/store", "services/common", "services/server", "halqa/v1"}},
  };
  return kRooms;
}

const std::vector<Exception>& Exceptions() {
  static const std::vector<Exception> kExceptions = {
      {"services/common", "engine/ingest",
       "a write request is the writer's own type, and runtime hands it through unchanged"},
      {"services/graph", "engine/ingest",
       "a write request is the writer's own type, and runtime hands it through unchanged"},
  };
  return kExceptions;
}

const std::vector<LibraryRule>& Libraries() {
  static const std::vector<LibraryRule> kLibraries = {
      {"rocksdb/", "RocksDB::", {"engine/store"}},
      {"unicode/", "ICU::", {"engine/text"}},
      {"libstemmer", "halqa_stemmer", {"engine/text"}},
      {"boost/graph", "Boost::", {"engine/bgl", "tests/"}},
      {"grpcpp/", "gRPC::", {"services/", "tools/"}},
      {"halqa/storage/", "halqa_storage_proto", {"engine/store"}},
      {"halqa/v1/", "halqa_v1_proto", {"services/", "tools/", "tests/"}},
      {"google/protobuf", "", {"engine/store", "services/", "tools/", "tests/"}},
      {"simdjson", "simdjson::", {"engine/formats"}},
      {"CLI/", "CLI11::", {"services/server", "tools/"}},
      {"spdlog/", "spdlog::", {"services/server", "tools/"}},
  };
  return kLibraries;
}

const std::vector<TargetName>& Targets() {
  static const std::vector<TargetName> kTargets = {
      {"halqa_storage_proto", "halqa/storage"},
      {"halqa_v1_proto", "halqa/v1"},
      {"halqa_tool_common", "tools/common"},
      {"halqa_gen", "tools/gen"},
      {"halqa_metrics", "tools/evaluate"},
      {"halqa_rpc_client", "tools/rpc"},
      // Generated code, data and libraries without a room.
      {"halqa_text_data", ""},
      {"halqa_stemmer", ""},
      {"halqa_rpc_proto", ""},
      {"halqa_health_proto", ""},
      {"halqa_reflection_client_proto", ""},
  };
  return kTargets;
}

const std::vector<absl::string_view>& NotReasons() {
  static const std::vector<absl::string_view> kNot = {
      "UTF_8",
      // Canonical codes, as `halqa call` prints them. OUT_OF_RANGE and DEADLINE_EXCEEDED are
      // reasons too.
      "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
      "FAILED_PRECONDITION", "DATA_LOSS"};
  return kNot;
}

std::string RoomOf(absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  if (parts.size() < 2) return "";
  static constexpr absl::string_view kTop[] = {"engine", "services", "tools", "tests", "halqa"};
  if (std::find(std::begin(kTop), std::end(kTop), parts[0]) == std::end(kTop)) return "";
  return absl::StrCat(parts[0], "/", parts[1]);
}

namespace {

// "engine/*" covers every room of the engine.
bool Covers(absl::string_view pattern, absl::string_view room) {
  if (!absl::EndsWith(pattern, "*")) return pattern == room;
  return absl::StartsWith(room, pattern.substr(0, pattern.size() - 1));
}

// The rule of the room itself, else that of its floor.
const RoomRule* RuleOf(absl::string_view room) {
  const RoomRule* found = nullptr;
  for (const RoomRule& rule : Rooms()) {
    if (rule.room == room) return &rule;
    if (Covers(rule.room, room)) found = &rule;
  }
  return found;
}

}  // namespace

bool MayInclude(absl::string_view from, absl::string_view to) {
  if (from == to || absl::StartsWith(from, "tests/")) return true;
  for (const Exception& e : Exceptions()) {
    if (e.room == from && e.includes == to) return true;
  }
  const RoomRule* rule = RuleOf(from);
  if (rule == nullptr) return false;
  bool allowed = false;
  for (absl::string_view pattern : rule->may_include) {
    if (absl::StartsWith(pattern, "!")) {
      if (Covers(pattern.substr(1), to)) return false;
    } else {
      allowed = allowed || Covers(pattern, to);
    }
  }
  return allowed;
}

}  // namespace halqa::style
