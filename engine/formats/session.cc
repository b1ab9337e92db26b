#include "engine/formats/session.h"

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

constexpr size_t kRawBytesMax = 4096;

// Errors about one line; others are about the file, the machine or the run.
bool IsAboutOneLine(const absl::Status& error) {
  const bool input = error.code() == absl::StatusCode::kInvalidArgument ||
                     error.code() == absl::StatusCode::kAlreadyExists ||
                     error.code() == absl::StatusCode::kNotFound;
  const std::string reason = ErrorReason(error);
  // A stream that broke off says at which byte; a single bad line does not.
  const bool broken = reason == "INVALID_ENCODING" && ErrorDetails(error).count("byte") > 0;
  return input && !broken && reason != "DUPLICATE_COLUMN";
}

// ValidateExternalId, quickly for the ids that nearly all files hold: printable ASCII.
absl::Status CheckId(absl::string_view id) {
  const size_t colon = id.find(':');
  bool plain = colon >= 1 && colon <= 32 && id.size() > colon + 1 && id.size() <= colon + 257;
  for (size_t i = 0; plain && i < id.size(); ++i) {
    const char c = id[i];
    const bool platform = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    plain = i < colon ? platform : c > ' ' && c < 0x7f;
  }
  return plain ? absl::OkStatus() : ValidateExternalId(id);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> ReadSession::Open(const std::string& path) {
  file_ = path;
  line_of_id_.clear();
  HALQA_ASSIGN_OR_RETURN(auto source, ByteSource::Open(path));
  ++stats_.files;
  return source;
}

void ReadSession::FinishFile(const ByteSource& source) {
  bytes_done_ += source.compressed_bytes_total();
}

absl::Status ReadSession::Report(uint64_t bytes_in_file) {
  if (!options_.progress) return absl::OkStatus();
  return options_.progress(bytes_done_ + bytes_in_file, bytes_total_);
}

absl::Status ReadSession::Refuse(const absl::Status& error, uint64_t line, absl::string_view raw) {
  if (!IsAboutOneLine(error)) {
    const bool located = ErrorDetails(error).count("file") > 0;
    return located ? error : WithDetail(error, "file", file_);
  }
  if (!options_.lenient) {
    absl::Status located = Annotate(error, absl::StrCat(file_, ":", line));
    return WithDetail(WithDetail(std::move(located), "file", file_), "line", absl::StrCat(line));
  }
  ++stats_.rejected;
  if (!options_.on_reject) return absl::OkStatus();
  return options_.on_reject({file_, line, ErrorReason(error), std::string(error.message()),
                             std::string(raw.substr(0, kRawBytesMax))});
}

absl::StatusOr<bool> ReadSession::FirstOfItsName(absl::string_view id, uint64_t line,
                                                 Duplicates duplicates) {
  if (duplicates == Duplicates::kAllow) return true;
  const auto [it, fresh] = line_of_id_.emplace(Checksum64(id), line);
  if (fresh) return true;
  if (duplicates == Duplicates::kKeepFirst) {
    ++stats_.duplicates_dropped;
    return false;
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "DUPLICATE_ID",
                   absl::StrCat("id \"", id, "\" stands on line ", it->second, " already"),
                   {{"external_id", std::string(id)}, {"first_line", absl::StrCat(it->second)}});
}

absl::Status ReadSession::Emit(const AccountRecord& record) {
  HALQA_RETURN_IF_ERROR(CheckId(record.external_id));
  HALQA_RETURN_IF_ERROR(visitor_.OnAccount(record));
  ++stats_.accounts;
  return absl::OkStatus();
}

absl::Status ReadSession::Emit(const PostRecord& record) {
  HALQA_RETURN_IF_ERROR(CheckId(record.external_id));
  HALQA_RETURN_IF_ERROR(CheckId(record.author));
  HALQA_RETURN_IF_ERROR(visitor_.OnPost(record));
  ++stats_.posts;
  return absl::OkStatus();
}

absl::StatusOr<bool> ReadSession::CheckLoop(absl::string_view from, absl::string_view to,
                                            SelfLoops loops) const {
  if (from != to) return true;
  if (loops == SelfLoops::kDrop || options_.drop_self_loops) return false;
  return MakeError(absl::StatusCode::kInvalidArgument, "SELF_LOOP",
                   absl::StrCat("\"", from, "\" points to itself"),
                   {{"external_id", std::string(from)}});
}

absl::StatusOr<bool> ReadSession::Check(const FollowRecord& record, SelfLoops loops) const {
  HALQA_RETURN_IF_ERROR(CheckId(record.follower));
  HALQA_RETURN_IF_ERROR(CheckId(record.followee));
  return CheckLoop(record.follower, record.followee, loops);
}

absl::Status ReadSession::Emit(const FollowRecord& record, SelfLoops loops, bool both_ways) {
  HALQA_ASSIGN_OR_RETURN(const bool keep, Check(record, loops));
  if (!keep) {
    ++stats_.self_loops_dropped;
    return absl::OkStatus();
  }
  HALQA_RETURN_IF_ERROR(visitor_.OnFollow(record));
  ++stats_.follows;
  if (!both_ways) return absl::OkStatus();
  FollowRecord back = record;
  std::swap(back.follower, back.followee);
  HALQA_RETURN_IF_ERROR(visitor_.OnFollow(back));
  ++stats_.follows;
  return absl::OkStatus();
}

absl::Status ReadSession::EmitChecked(absl::Span<const FollowRecord> records, size_t* taken) {
  const absl::Status status = visitor_.OnFollows(records, taken);
  stats_.follows += *taken;
  return status;
}

absl::Status ReadSession::Emit(const InteractionRecord& record, SelfLoops loops) {
  HALQA_RETURN_IF_ERROR(CheckId(record.actor));
  HALQA_RETURN_IF_ERROR(CheckId(record.target));
  HALQA_ASSIGN_OR_RETURN(const bool keep, CheckLoop(record.actor, record.target, loops));
  if (!keep) {
    ++stats_.self_loops_dropped;
    return absl::OkStatus();
  }
  HALQA_RETURN_IF_ERROR(visitor_.OnInteraction(record));
  ++stats_.interactions;
  return absl::OkStatus();
}

}  // namespace halqa
