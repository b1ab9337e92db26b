#include "engine/formats/follow_rows.h"

#include <algorithm>
#include <cstring>

#include "engine/base/ordered_pool.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

constexpr size_t kChunkBytes = 1 << 17;  // a few thousand rows

// Strings that stay where they are.
class Arena {
 public:
  absl::string_view Keep(absl::string_view text) {
    if (text.size() > left_) {
      const size_t size = std::max(text.size(), kBlock);
      blocks_.push_back(std::make_unique<char[]>(size));
      next_ = blocks_.back().get();
      left_ = size;
    }
    std::memcpy(next_, text.data(), text.size());
    const absl::string_view kept(next_, text.size());
    next_ += text.size();
    left_ -= text.size();
    return kept;
  }

 private:
  static constexpr size_t kBlock = 1 << 16;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace

FollowParser::FollowParser(const FileSpec& file, absl::Span<const BoundField> fields)
    : file_(&file) {
  for (const BoundField& field : fields) {
    const std::string& name = field.spec().field;
    const Part part = name == "follower"   ? Part::kFollower
                      : name == "followee" ? Part::kFollowee
                      : name == "time"     ? Part::kTime
                                           : Part::kRemoved;
    parts_.emplace_back(part, &field);
  }
}

absl::Status FollowParser::Parse(const Row& row, std::string* from, std::string* to,
                                 FollowRecord* record) const {
  *record = {};
  std::string scratch;
  for (const auto& [part, field] : parts_) {
    if (part == Part::kFollower || part == Part::kFollowee) {
      const absl::Status read = field->Id(row, part == Part::kFollower ? from : to);
      if (!read.ok()) return field->Where(read);
      continue;
    }
    const absl::string_view text = field->Text(row, &scratch);
    if (text.empty()) continue;
    if (part == Part::kTime) {
      const auto time = ParseTime(text, file_->dates);
      if (!time.ok()) return field->Where(time.status());
      record->time = *time;
    } else {
      const auto removed = ParseBool(text);
      if (!removed.ok()) return field->Where(removed.status());
      record->removed = *removed;
    }
  }
  record->follower = *from;
  record->followee = *to;
  return absl::OkStatus();
}

bool IsSkipped(const Row& row, const BoundSkips& skips) {
  for (const auto& [column, rule] : skips) {
    if (column < 0) continue;
    const absl::string_view value = TrimBlank(row[static_cast<size_t>(column)]);
    if (std::find(rule->values.begin(), rule->values.end(), value) != rule->values.end()) {
      return true;
    }
  }
  return false;
}

// A piece of the file and what was read from it.
struct FollowChunks::Chunk {
  std::string text;
  uint64_t first_line = 0;

  struct Origin {
    uint64_t line;
    absl::string_view raw;
    bool back;  // the second of the two follows of one undirected row
  };
  struct Refusal {
    size_t before;  // the record that comes next
    absl::Status error;
    uint64_t line;
    absl::string_view raw;
  };
  Arena arena;
  std::vector<FollowRecord> records;
  std::vector<Origin> origins;
  std::vector<Refusal> refusals;
  uint64_t skipped = 0, loops_dropped = 0;
};

struct FollowChunks::Impl {
  Table table;
  ReadSession* session;
  int threads;
  size_t columns;
  std::unique_ptr<OrderedPool<Chunk>> pool;  // once there is a chunk

  void Read(Chunk* chunk) const;
  absl::Status ReadRow(const Row& row, uint64_t line, absl::string_view raw, std::string* from,
                       std::string* to, Chunk* chunk) const;
};

absl::Status FollowChunks::Impl::ReadRow(const Row& row, uint64_t line, absl::string_view raw,
                                         std::string* from, std::string* to, Chunk* chunk) const {
  FollowRecord record;
  HALQA_RETURN_IF_ERROR(table.parser->Parse(row, from, to, &record));
  HALQA_ASSIGN_OR_RETURN(const bool keep, session->Check(record, table.file->self_loops));
  if (!keep) {
    ++chunk->loops_dropped;
    return absl::OkStatus();
  }
  record.follower = chunk->arena.Keep(record.follower);
  record.followee = chunk->arena.Keep(record.followee);
  chunk->records.push_back(record);
  chunk->origins.push_back({line, raw, false});
  if (!table.file->undirected) return absl::OkStatus();
  std::swap(record.follower, record.followee);
  chunk->records.push_back(record);
  chunk->origins.push_back({line, raw, true});
  return absl::OkStatus();
}

void FollowChunks::Impl::Read(Chunk* chunk) const {
  PlainRows rows(chunk->text, chunk->first_line, *table.rows->dialect(), columns);
  chunk->records.reserve(chunk->text.size() / 32);
  chunk->origins.reserve(chunk->text.size() / 32);
  Row row;
  std::string from, to;
  for (;;) {
    const auto more = rows.Next(&row);
    absl::Status status = more.status();
    if (status.ok()) {
      if (!*more) return;
      if (IsSkipped(row, *table.skips)) {
        ++chunk->skipped;
        continue;
      }
      status = ReadRow(row, rows.line(), rows.raw(), &from, &to, chunk);
    }
    if (!status.ok()) {
      chunk->refusals.push_back(
          {chunk->records.size(), std::move(status), rows.line(), rows.raw()});
    }
  }
}

FollowChunks::FollowChunks(const Table& table, ReadSession* session, int threads)
    : impl_(new Impl{table, session, threads, table.rows->columns().size(), nullptr}) {}
FollowChunks::~FollowChunks() = default;

absl::Status FollowChunks::Deliver(const Chunk& chunk) {
  ReadSession& session = *impl_->session;
  session.stats().rows_skipped += chunk.skipped;
  session.stats().self_loops_dropped += chunk.loops_dropped;
  const absl::Span<const FollowRecord> records(chunk.records);
  size_t at = 0;
  auto emit_before = [&](size_t end) -> absl::Status {
    while (at < end) {
      size_t taken = 0;
      const absl::Status status = session.EmitChecked(records.subspan(at, end - at), &taken);
      at += taken;
      if (status.ok()) continue;
      const Chunk::Origin& origin = chunk.origins[at++];
      HALQA_RETURN_IF_ERROR(session.Refuse(status, origin.line, origin.raw));
      // A refused row is refused as a whole.
      if (!origin.back && at < records.size() && chunk.origins[at].back) ++at;
    }
    return absl::OkStatus();
  };
  for (const Chunk::Refusal& refusal : chunk.refusals) {
    HALQA_RETURN_IF_ERROR(emit_before(refusal.before));
    HALQA_RETURN_IF_ERROR(session.Refuse(refusal.error, refusal.line, refusal.raw));
  }
  return emit_before(records.size());
}

absl::Status FollowChunks::TakeAll() {
  Impl& d = *impl_;
  for (bool more = true; more;) {
    auto chunk = std::make_unique<Chunk>();
    more = d.table.rows->TakePlain(kChunkBytes, &chunk->text, &chunk->first_line);
    if (more) {
      if (d.pool == nullptr) {
        d.pool = std::make_unique<OrderedPool<Chunk>>(d.threads, [&d](Chunk& c) { d.Read(&c); });
      }
      d.pool->Submit(std::move(chunk));
      HALQA_RETURN_IF_ERROR(d.session->Report(d.table.rows->source()));
    }
    const size_t waiting_max = more ? 2 * static_cast<size_t>(d.threads) : 0;
    while (d.pool != nullptr && d.pool->size() > waiting_max) {
      HALQA_RETURN_IF_ERROR(Deliver(*d.pool->Take()));
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa
