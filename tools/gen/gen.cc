#include "tools/gen/gen.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/ordered_pool.h"
#include "engine/base/status_macros.h"
#include "engine/formats/byte_sink.h"
#include "engine/formats/ndjson_writer.h"
#include "tools/gen/relations.h"
#include "tools/gen/wording.h"
#include "tools/gen/words.h"
#include "tools/gen/world.h"

namespace halqa::gen {
namespace {

constexpr uint32_t kBlock = 5000;  // accounts between two checkpoints
constexpr size_t kFlushBytes = 1 << 16;

// Lines on their way to a file.
class Lines {
 public:
  absl::Status Open(const std::string& path, absl::string_view header) {
    HALQA_ASSIGN_OR_RETURN(sink_, ByteSink::Create(path));
    text_ = std::string(header);
    return absl::OkStatus();
  }
  std::string* text() { return &text_; }
  absl::Status Flush(size_t when_bytes = kFlushBytes) {
    if (text_.size() < when_bytes) return absl::OkStatus();
    absl::Status written = sink_->Write(text_);
    text_.clear();
    return written;
  }
  absl::Status Close() {
    HALQA_RETURN_IF_ERROR(Flush(1));
    return sink_->Close();
  }

 private:
  std::unique_ptr<ByteSink> sink_;
  std::string text_;
};

class Generator {
 public:
  Generator(const GenOptions& options, RunContext& run, GenSummary* summary)
      : world_(options), run_(run), summary_(summary), in_degree_(options.accounts, 0) {}

  absl::Status Run() {
    HALQA_RETURN_IF_ERROR(WriteReadme());
    HALQA_RETURN_IF_ERROR(WriteRelations());
    HALQA_RETURN_IF_ERROR(WriteAccounts());
    return WriteTruth();
  }

 private:
  std::string Path(absl::string_view name) const {
    return (std::filesystem::path(world_.options().out_dir) / std::string(name)).string();
  }
  absl::Status WriteReadme();
  absl::Status WriteRelations();
  absl::Status WriteAccounts();
  absl::Status WriteTruth();

  // What the accounts at the places [begin, end) do.
  struct RelationBlock {
    uint32_t begin = 0, end = 0;
    std::string follows, reactions;  // rows of the two tables
    std::vector<uint32_t> followees;
    uint64_t reaction_rows = 0;
  };
  void DrawBlock(RelationBlock* block) const;
  void PutFollows(absl::string_view id, const std::vector<Follow>& follows,
                  RelationBlock* block) const;
  void PutReactions(absl::string_view id, const std::vector<Reaction>& reactions,
                    RelationBlock* block) const;
  void PutTruth(uint32_t account, std::string* out);

  World world_;
  RunContext& run_;
  GenSummary* summary_;
  std::vector<uint32_t> in_degree_;
};

absl::Status Generator::WriteReadme() {
  const GenOptions& o = world_.options();
  return WriteFileDurably(
      Path("README"),
      absl::StrCat(
          "INVENTED DATA. No person, account, post or price in this folder is real.\n\n"
          "Made by: halqa gen --accounts ",
          o.accounts, " --follows-per-account ", o.follows_per_account, " --seed ", o.seed,
          "\n"
          "Topics: ",
          world_.topics(),
          ". The crawl is partial: declared followers are "
          "about ",
          world_.scale(),
          " times those in the data.\n\n"
          "accounts.ndjson.zst      accounts\n"
          "follows.tsv.zst          who follows whom, since when\n"
          "interactions.tsv.zst     who reacted to whom, how and when\n"
          "posts.ndjson.zst         posts of the influencers\n"
          "truth.csv                the planted truth, for evaluation only: not imported\n"));
}

void Generator::PutFollows(absl::string_view id, const std::vector<Follow>& follows,
                           RelationBlock* block) const {
  std::string* const out = &block->follows;
  for (const Follow& f : follows) {
    absl::StrAppend(out, id, "\t");
    world_.AppendId(f.followee, out);
    absl::StrAppend(out, "\t", f.time, "\n");
    block->followees.push_back(f.followee);
  }
}

void Generator::PutReactions(absl::string_view id, const std::vector<Reaction>& reactions,
                             RelationBlock* block) const {
  std::string* const out = &block->reactions;
  for (const Reaction& r : reactions) {
    absl::StrAppend(out, id, "\t");
    world_.AppendId(r.target, out);
    absl::StrAppend(out, "\t", InteractionKindName(r.kind), "\t", r.count, "\t", r.time, "\t");
    if (r.value_micros != 0) absl::StrAppend(out, r.value_micros);
    out->push_back('\n');
  }
  block->reaction_rows += reactions.size();
}

void Generator::DrawBlock(RelationBlock* block) const {
  std::vector<Follow> follows;
  std::vector<Reaction> reactions;
  std::string id;
  for (uint32_t i = block->begin; i < block->end; ++i) {
    const uint32_t account = world_.AtPosition(i);
    id.clear();
    world_.AppendId(account, &id);
    DrawFollows(world_, account, &follows);
    DrawReactions(world_, account, follows, &reactions);
    PutFollows(id, follows, block);
    PutReactions(id, reactions, block);
  }
}

// The accounts of a block depend on nothing but the seed: blocks are drawn on all cores and written
// in order.
absl::Status Generator::WriteRelations() {
  Lines follow_lines, reaction_lines;
  HALQA_RETURN_IF_ERROR(follow_lines.Open(Path("follows.tsv.zst"), "follower\tfollowee\ttime\n"));
  HALQA_RETURN_IF_ERROR(reaction_lines.Open(Path("interactions.tsv.zst"),
                                            "actor\ttarget\tkind\tcount\ttime\tvalue_micros\n"));
  const auto waiting_max = static_cast<size_t>(2 * run_.threads());
  OrderedPool<RelationBlock> pool(run_.threads(), [this](RelationBlock& b) { DrawBlock(&b); });
  for (uint32_t begin = 0; begin < world_.accounts() || pool.size() > 0;) {
    if (begin < world_.accounts() && pool.size() < waiting_max) {
      auto block = std::make_unique<RelationBlock>();
      block->begin = begin;
      block->end = begin = std::min(world_.accounts(), begin + kBlock);
      pool.Submit(std::move(block));
      continue;
    }
    const auto block = pool.Take();
    HALQA_RETURN_IF_ERROR(run_.Checkpoint(0.8 * block->begin, world_.accounts()));
    for (const uint32_t followee : block->followees) ++in_degree_[followee];
    summary_->follows += block->followees.size();
    summary_->interactions += block->reaction_rows;
    follow_lines.text()->append(block->follows);
    reaction_lines.text()->append(block->reactions);
    HALQA_RETURN_IF_ERROR(follow_lines.Flush());
    HALQA_RETURN_IF_ERROR(reaction_lines.Flush());
  }
  HALQA_RETURN_IF_ERROR(follow_lines.Close());
  return reaction_lines.Close();
}

absl::Status Generator::WriteAccounts() {
  HALQA_ASSIGN_OR_RETURN(auto account_sink, ByteSink::Create(Path("accounts.ndjson.zst")));
  HALQA_ASSIGN_OR_RETURN(auto post_sink, ByteSink::Create(Path("posts.ndjson.zst")));
  NdjsonWriter accounts(std::move(account_sink)), post_writer(std::move(post_sink));
  AccountRecord record;
  std::vector<PostRecord> posts;
  for (uint32_t i = 0; i < world_.accounts(); ++i) {
    if (i % kBlock == 0) {
      const double done = 0.8 + 0.15 * i / world_.accounts();
      HALQA_RETURN_IF_ERROR(run_.Checkpoint(done, 1));
    }
    const uint32_t account = world_.AtPosition(i);
    MakeAccount(world_, account, in_degree_[account], &record);
    HALQA_RETURN_IF_ERROR(accounts.OnAccount(record));
    MakePosts(world_, account, in_degree_[account], &posts);
    for (const PostRecord& post : posts) HALQA_RETURN_IF_ERROR(post_writer.OnPost(post));
    summary_->posts += posts.size();
  }
  summary_->accounts = world_.accounts();
  HALQA_RETURN_IF_ERROR(accounts.Close());
  return post_writer.Close();
}

void Generator::PutTruth(uint32_t account, std::string* out) {
  const Soul soul = world_.Of(account);
  const bool expert = soul.role == Role::kExpert;
  world_.AppendId(account, out);
  absl::StrAppend(out, ",p", soul.person, ",c", soul.community, ",", RoleName(soul.role), ",",
                  expert ? 1 : 0, ",", soul.bought ? 1 : 0, ",", Topics()[soul.topic].id);
  for (uint32_t topic = 0; topic < world_.topics(); ++topic) {
    const float y = world_.Expertise(soul, topic, account);
    out->push_back(',');
    if (y > 0) absl::StrAppend(out, std::round(y * 1000) / 1000);
  }
  out->push_back('\n');
  summary_->experts += expert;
  summary_->stars += soul.role == Role::kStar;
  summary_->bought += soul.bought;
}

absl::Status Generator::WriteTruth() {
  std::string header = "account,person,community,role,is_expert,bought_followers,topic";
  for (uint32_t topic = 0; topic < world_.topics(); ++topic) {
    absl::StrAppend(&header, ",expertise_", Topics()[topic].id);
  }
  Lines lines;
  HALQA_RETURN_IF_ERROR(lines.Open(Path("truth.csv"), header + "\n"));
  for (uint32_t i = 0; i < world_.accounts(); ++i) {
    if (i % kBlock == 0) {
      HALQA_RETURN_IF_ERROR(run_.Checkpoint(0.95 + 0.05 * i / world_.accounts(), 1));
    }
    PutTruth(world_.AtPosition(i), lines.text());
    HALQA_RETURN_IF_ERROR(lines.Flush());
  }
  HALQA_RETURN_IF_ERROR(lines.Close());
  return run_.Checkpoint(1, 1);
}

}  // namespace

absl::Status GenOptions::Validate() const {
  if (accounts < 1000 || accounts > 10'000'000) {
    return FieldError("OUT_OF_RANGE", "accounts", "must be from 1000 to 10000000");
  }
  if (!(follows_per_account >= 2 && follows_per_account <= 200)) {
    return FieldError("OUT_OF_RANGE", "follows_per_account", "must be from 2 to 200");
  }
  if (out_dir.empty()) return FieldError("MISSING_FIELD", "out_dir", "name a directory to write");
  return absl::OkStatus();
}

absl::Status Generate(const GenOptions& options, RunContext& run, GenSummary* summary) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  std::error_code error;
  std::filesystem::create_directories(options.out_dir, error);
  if (error) return ErrnoError(error.value(), "FILE_WRITE_FAILED", options.out_dir);
  GenSummary unused;
  return Generator(options, run, summary == nullptr ? &unused : summary).Run();
}

}  // namespace halqa::gen
