#include "engine/ingest/bulk_import.h"

#include <array>
#include <cmath>
#include <ctime>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/bulk_state.h"
#include "engine/ingest/fold.h"
#include "engine/ingest/profile.h"
#include "engine/ingest/write_request.h"

namespace halqa::ingest {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kBuildSuffix = ".importing";

// The target must be absent or empty; what an earlier killed import left beside it is removed.
absl::Status PrepareDirectories(const std::string& directory, const std::string& building) {
  std::error_code error;
  if (fs::exists(directory, error) && !fs::is_empty(directory, error)) {
    return MakeError(absl::StatusCode::kAlreadyExists, "DIRECTORY_NOT_EMPTY",
                     absl::StrCat(directory, " is not empty"), {{"directory", directory}});
  }
  fs::remove_all(building, error);
  fs::create_directories(building, error);
  if (error) return ErrnoError(error.value(), "STORE_NOT_WRITABLE", building);
  return absl::OkStatus();
}

absl::Status MoveIntoPlace(const std::string& building, const std::string& directory) {
  std::error_code error;
  fs::remove(directory, error);
  fs::rename(building, directory, error);
  if (error) return ErrnoError(error.value(), "STORE_NOT_WRITABLE", directory);
  const std::string parent = fs::absolute(directory).parent_path().string();
  return SyncDirectory(parent);
}

absl::Status CheckTime(UnixSeconds time, UnixSeconds latest) {
  if (time <= latest) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, "TIME_IN_FUTURE",
                   absl::StrCat(time, " is more than a day in the future"));
}

}  // namespace

BulkImporter::BulkImporter(BulkImportOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
}
BulkImporter::~BulkImporter() = default;

absl::Status BulkImporter::OnAccount(const AccountRecord& record) {
  HALQA_RETURN_IF_ERROR(ValidateExternalId(record.external_id));
  const uint32_t id = state_->ids.Intern(record.external_id);
  auto [it, added] = state_->profiles.try_emplace(id, record);
  if (!added) it->second = MergeProfiles(it->second, record);
  ++state_->report.profiles;
  return absl::OkStatus();
}

absl::Status BulkImporter::State::AddFollow(const FollowRecord& record, const HashedId& follower,
                                            const HashedId& followee) {
  HALQA_RETURN_IF_ERROR(CheckTime(record.time, latest_time));
  if (record.follower == record.followee) {
    return MakeError(absl::StatusCode::kInvalidArgument, "SELF_LOOP",
                     absl::StrCat(record.follower, " follows itself"));
  }
  // Both are checked before one of them gets a number.
  std::optional<uint32_t> dst = ids.Find(followee);
  std::optional<uint32_t> src = ids.Find(follower);
  if (!dst) HALQA_RETURN_IF_ERROR(ValidateExternalId(record.followee));
  if (!src) HALQA_RETURN_IF_ERROR(ValidateExternalId(record.follower));
  if (!src) src = ids.Intern(follower);
  if (!dst) dst = ids.Intern(followee);
  follows.Add({*src, *dst,
               store::MakeStateWord(record.time, record.removed ? store::FollowState::kRemoved
                                                                : store::FollowState::kActive)});
  ++report.follow_rows;
  return absl::OkStatus();
}

absl::Status BulkImporter::OnFollow(const FollowRecord& record) {
  return state_->AddFollow(record, IdTable::Hashed(record.follower),
                           IdTable::Hashed(record.followee));
}

// In groups, so that the look-ups of one group wait for memory together.
absl::Status BulkImporter::OnFollows(absl::Span<const FollowRecord> records, size_t* taken) {
  constexpr size_t kGroup = 32;
  std::array<HashedId, 2 * kGroup> hashed;
  for (*taken = 0; *taken < records.size();) {
    const absl::Span<const FollowRecord> group = records.subspan(*taken, kGroup);
    for (size_t i = 0; i < group.size(); ++i) {
      hashed[2 * i] = IdTable::Hashed(group[i].follower);
      hashed[2 * i + 1] = IdTable::Hashed(group[i].followee);
    }
    state_->ids.Prefetch({hashed.data(), 2 * group.size()});
    for (size_t i = 0; i < group.size(); ++i, ++*taken) {
      HALQA_RETURN_IF_ERROR(state_->AddFollow(group[i], hashed[2 * i], hashed[2 * i + 1]));
    }
  }
  return absl::OkStatus();
}

absl::Status BulkImporter::OnInteraction(const InteractionRecord& record) {
  State& s = *state_;
  HALQA_RETURN_IF_ERROR(CheckTime(record.time, s.latest_time));
  if (record.actor == record.target) {
    return MakeError(absl::StatusCode::kInvalidArgument, "SELF_LOOP",
                     absl::StrCat(record.actor, " interacts with itself"));
  }
  HALQA_RETURN_IF_ERROR(ValidateExternalId(record.actor));
  HALQA_RETURN_IF_ERROR(ValidateExternalId(record.target));
  State::Interaction x{s.ids.Intern(record.actor), {}};
  x.entry.dst = s.ids.Intern(record.target);
  x.entry.kind = static_cast<uint8_t>(record.kind);
  x.entry.hour = store::HourBucket(record.time);
  x.entry.count = record.count;
  x.entry.value_micros = record.value_micros.value_or(0);
  if (record.sign) {
    x.entry.sign_milli_sum = std::lround(*record.sign * 1000);
    x.entry.sign_count = 1;
  }
  s.interactions.push_back(x);
  ++s.report.interaction_rows;
  return absl::OkStatus();
}

absl::Status BulkImporter::OnPost(const PostRecord& record) {
  HALQA_RETURN_IF_ERROR(CheckTime(record.time, state_->latest_time));
  HALQA_RETURN_IF_ERROR(ValidateExternalId(record.author));
  HALQA_RETURN_IF_ERROR(ValidateExternalId(record.external_id));
  state_->posts[state_->ids.Intern(record.author)].push_back(record);
  return absl::OkStatus();
}

absl::StatusOr<ImportReport> BulkImporter::Finish(const std::string& target, RunContext& run) {
  State& s = *state_;
  std::string directory = target;  // without '/' at its end, or it would be built inside itself
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  const std::string building = absl::StrCat(directory, kBuildSuffix);
  HALQA_RETURN_IF_ERROR(PrepareDirectories(directory, building));
  {
    store::StoreOptions store_options;
    store_options.create_if_missing = true;
    HALQA_ASSIGN_OR_RETURN(auto db, store::Store::Open(building, store_options));
    struct Stage {
      const char* name;
      absl::Status (State::*write)(store::Store&, RunContext&);
    };
    const Stage stages[] = {{"follows", &State::WriteFollows},
                            {"interactions", &State::WriteInteractions},
                            {"ids", &State::WriteIds},
                            {"accounts and index", &State::WriteAccountsAndIndex},
                            {"posts", &State::WritePosts}};
    double done = 0;
    for (const Stage& stage : stages) {
      s.options.on_stage(stage.name);
      RunContext part = run.Part(done / 6, (done + 1) / 6);
      HALQA_RETURN_IF_ERROR((s.*stage.write)(*db, part));
      done += 1;
    }
    HALQA_RETURN_IF_ERROR(s.WriteState(*db));
    s.options.on_stage("snapshot");
    RunContext part = run.Part(5.0 / 6, 1);
    HALQA_RETURN_IF_ERROR(s.WriteSnapshot(*db, part));
    HALQA_RETURN_IF_ERROR(db->Flush());
  }
  s.report.accounts = s.ids.size();
  HALQA_RETURN_IF_ERROR(MoveIntoPlace(building, directory));
  const ImportReport report = s.report;
  state_ = std::make_unique<State>();
  return report;
}

}  // namespace halqa::ingest
