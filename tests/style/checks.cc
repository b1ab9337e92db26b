#include "tests/style/checks.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/style/house.h"
#include "tests/style/source.h"

namespace halqa::style {
namespace {

bool IsHeader(absl::string_view path) { return absl::EndsWith(path, ".h"); }

// A rule names a room, or with a slash at its end all rooms of a floor.
bool Owns(const LibraryRule& rule, absl::string_view room) {
  return std::any_of(rule.rooms.begin(), rule.rooms.end(), [&](absl::string_view owner) {
    return absl::EndsWith(owner, "/") ? absl::StartsWith(room, owner) : room == owner;
  });
}

std::string Owners(const LibraryRule& rule) {
  std::string out;
  for (absl::string_view room : rule.rooms) absl::StrAppend(&out, out.empty() ? "" : ", ", room);
  return out;
}

// The room of a target, "" of one that is no room; false where nobody knows the target.
bool RoomOfTarget(absl::string_view target, std::string* room) {
  for (const TargetName& t : Targets()) {
    if (t.target != target) continue;
    *room = std::string(t.room);
    return true;
  }
  if (!absl::ConsumePrefix(&target, "halqa_")) return false;
  if (absl::ConsumePrefix(&target, "services_")) {
    *room = absl::StrCat("services/", target);
    return true;
  }
  *room = absl::StrCat("engine/", target);
  return std::any_of(Rooms().begin(), Rooms().end(),
                     [&](const RoomRule& rule) { return rule.room == *room; });
}

void CheckLine(const SourceFile& file, int number, absl::string_view line, bool raw,
               std::vector<Violation>* out) {
  if (absl::StrContains(line, '\t')) out->push_back({file.path, number, "a tab character"});
  const int columns = Columns(line);
  if (columns > kColumnsMax && !raw && !absl::StrContains(line, "://")) {
    out->push_back({file.path, number,
                    absl::StrCat("the line has ", columns, " columns, at most ", kColumnsMax)});
  }
}

int LineCount(absl::string_view text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

struct Link {
  int line = 0;
  std::string target;
  bool test = false;  // of a test program
};

// The targets of the LINKS of halqa_room and of target_link_libraries.
std::vector<Link> FindLinks(absl::string_view text) {
  std::vector<Link> out;
  static const std::regex kCall(
      "(halqa_room|halqa_test|halqa_proto_library|target_link_libraries)\\s*\\(([^)]*)\\)");
  static const std::regex kWord("[^\\s]+");
  const std::string code = std::regex_replace(std::string(text), std::regex("#[^\n]*"), "");
  for (std::sregex_iterator it(code.begin(), code.end(), kCall), end; it != end; ++it) {
    const std::string call = (*it)[1].str();
    const std::string arguments = (*it)[2].str();
    bool on = false;
    int position = 0;
    for (std::sregex_iterator w(arguments.begin(), arguments.end(), kWord); w != end; ++w) {
      const std::string word = w->str();
      ++position;
      const bool keyword = word == "LINKS" || word == "PRIVATE" || word == "PUBLIC" ||
                           word == "INTERFACE" || word == "SUBDIRS" || word == "SOURCES";
      if (keyword) on = word != "SUBDIRS" && word != "SOURCES";
      if (keyword || !on || position == 1) continue;
      const auto offset = it->position(2) + w->position(0);
      const auto line = 1 + std::count(code.begin(), code.begin() + offset, '\n');
      out.push_back({static_cast<int>(line), word, call == "halqa_test"});
    }
  }
  return out;
}

void CheckLink(const SourceFile& cmake, const std::string& room, const Link& link,
               std::vector<Violation>* out) {
  for (const LibraryRule& rule : Libraries()) {
    if (rule.link.empty() || !absl::StartsWith(link.target, rule.link) || Owns(rule, room))
      continue;
    out->push_back(
        {cmake.path, link.line,
         absl::StrCat(room, " may not link ", link.target, " (only ", Owners(rule), ")")});
  }
  if (!absl::StartsWith(link.target, "halqa_")) return;
  std::string to;
  if (!RoomOfTarget(link.target, &to)) {
    out->push_back({cmake.path, link.line,
                    absl::StrCat(link.target, " is no room that the table in house.cc knows")});
  } else if (!to.empty() && !MayInclude(room, to)) {
    out->push_back({cmake.path, link.line, absl::StrCat(room, " may not link ", to)});
  }
}

bool IsException(absl::string_view from, absl::string_view to) {
  return std::any_of(Exceptions().begin(), Exceptions().end(),
                     [&](const Exception& e) { return e.room == from && e.includes == to; });
}

}  // namespace

std::string ToString(const Violation& v) {
  return absl::StrCat(v.path, ":", v.line, ": ", v.message);
}

bool IsTest(absl::string_view path) {
  return absl::EndsWith(path, "_test.cc") || absl::EndsWith(path, "_test.h") ||
         absl::StartsWith(path, "tests/");
}

std::vector<Violation> CheckIncludes(const SourceFile& file) {
  std::vector<Violation> out;
  const std::string room = RoomOf(file.path);
  if (IsTest(file.path)) return out;
  for (const Include& include : FindIncludes(file.text)) {
    for (const LibraryRule& rule : Libraries()) {
      if (!absl::StartsWith(include.path, rule.include) || Owns(rule, room)) continue;
      out.push_back({file.path, include.line,
                     absl::StrCat(room, " may not include ", include.path, " (only ", Owners(rule),
                                  " may)")});
    }
    const std::string to = include.quoted ? RoomOf(include.path) : "";
    if (to.empty() || MayInclude(room, to)) continue;
    out.push_back({file.path, include.line,
                   absl::StrCat(room, " may not include ", to, " (", include.path, ")")});
  }
  return out;
}

std::vector<Violation> CheckShape(const SourceFile& file) {
  std::vector<Violation> out;
  const std::vector<int> raw = RawStringLines(file.text);
  const std::set<int> raw_lines(raw.begin(), raw.end());
  int number = 0;
  for (absl::string_view line : absl::StrSplit(file.text, '\n')) {
    ++number;
    CheckLine(file, number, line, raw_lines.contains(number), &out);
  }
  if (LineCount(file.text) > kFileLinesMax) {
    out.push_back(
        {file.path, 1,
         absl::StrCat("the file has ", LineCount(file.text), " lines, at most ", kFileLinesMax)});
  }
  for (const Function& f : FindFunctions(file.text)) {
    if (f.line_count <= kFunctionLinesMax) continue;
    out.push_back(
        {file.path, f.line,
         absl::StrCat(f.name, " has ", f.line_count, " lines, at most ", kFunctionLinesMax)});
  }
  if (!IsHeader(file.path)) return out;
  const std::string code = BlankComments(file.text);
  if (!absl::StrContains(code, "#pragma once")) {
    out.push_back({file.path, 1, "a header without #pragma once"});
  }
  const size_t found = BlankCode(file.text).find("using namespace");
  if (found != std::string::npos) {
    const auto line = 1 + std::count(file.text.begin(), file.text.begin() + found, '\n');
    out.push_back({file.path, static_cast<int>(line), "using namespace in a header"});
  }
  return out;
}

std::vector<Violation> ReportLong(const SourceFile& file) {
  std::vector<Violation> out;
  if (LineCount(file.text) > kFileLinesGood) {
    out.push_back({file.path, 1, absl::StrCat("the file has ", LineCount(file.text), " lines")});
  }
  for (const Function& f : FindFunctions(file.text)) {
    if (f.line_count <= kFunctionLinesGood) continue;
    out.push_back({file.path, f.line, absl::StrCat(f.name, " has ", f.line_count, " lines")});
  }
  return out;
}

std::vector<Violation> CheckLinks(const SourceFile& cmake, const std::vector<SourceFile>& sources) {
  std::vector<Violation> out;
  const std::string room = RoomOf(cmake.path);
  std::set<std::string> linked;
  for (const Link& link : FindLinks(cmake.text)) {
    std::string to;
    if (RoomOfTarget(link.target, &to)) linked.insert(to);
    if (!link.test && !absl::StartsWith(room, "tests/")) CheckLink(cmake, room, link, &out);
  }
  // A program may rely on what its rooms link in turn.
  const bool is_room = absl::StrContains(cmake.text, "halqa_room(");
  for (const SourceFile& file : sources) {
    if (IsTest(file.path) || !is_room) continue;
    for (const Include& include : FindIncludes(file.text)) {
      const std::string to = include.quoted ? RoomOf(include.path) : "";
      if (to.empty() || to == room || linked.contains(to)) continue;
      if (!MayInclude(room, to) || IsException(room, to)) continue;  // CheckIncludes tells
      out.push_back({file.path, include.line, absl::StrCat(cmake.path, " does not link ", to)});
    }
  }
  return out;
}

std::vector<Violation> CheckReasons(const SourceFile& file, absl::string_view errors_page) {
  std::vector<Violation> out;
  if (IsTest(file.path)) return out;
  for (const Reason& reason : FindReasons(file.text)) {
    const bool other = absl::StartsWith(reason.name, "HALQA") ||
                       std::count(NotReasons().begin(), NotReasons().end(), reason.name) > 0;
    if (other || absl::StrContains(errors_page, absl::StrCat("`", reason.name, "`"))) continue;
    out.push_back(
        {file.path, reason.line, absl::StrCat("docs/ERRORS.md does not explain ", reason.name)});
  }
  return out;
}

std::vector<SourceFile> ReadTree(const std::string& root, const std::vector<std::string>& folders,
                                 bool (*wanted)(absl::string_view path)) {
  namespace fs = std::filesystem;
  std::vector<SourceFile> out;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
      const std::string path = fs::relative(entry.path(), root).generic_string();
      if (!entry.is_regular_file() || !wanted(path)) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      out.push_back({path, std::string(std::istreambuf_iterator<char>(in), {})});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return out;
}

}  // namespace halqa::style
