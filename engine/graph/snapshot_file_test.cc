#include "engine/graph/snapshot_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/random.h"
#include "engine/graph/builder.h"
#include "engine/graph/snapshot_layout.h"

namespace halqa {
namespace {

constexpr SnapshotIdentity kIdentity{7, 42, 0xfeedfacecafebeefull};

struct Sample {
  Csr graph;
  std::vector<AccountId> accounts;
};

Sample MakeSample(uint32_t n, uint64_t m, bool weighted, bool undirected) {
  CounterRng rng(n + m, 3);
  std::vector<VertexIndex> u, v;
  std::vector<float> w;
  for (uint64_t i = 0; i < m; ++i) {
    u.push_back(static_cast<VertexIndex>(rng.Below(n)));
    v.push_back(static_cast<VertexIndex>(rng.Below(n)));
    if (weighted) w.push_back(static_cast<float>(rng.Uniform()));
  }
  BuildOptions options;
  options.vertices = n;
  options.undirected = undirected;
  RunContext run(1);
  Sample sample{*BuildCsr({u, v, w}, options, run), {}};
  for (uint32_t i = 0; i < n; ++i) sample.accounts.push_back(AccountId{(n - 1 - i) * 3 + 1});
  return sample;
}

std::string Path(const std::string& name) {
  return ::testing::TempDir() + "halqa_snapshot_" + name;
}

void Store(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
}

// Changes one byte of a stored file in place.
void Flip(const std::string& path, uint64_t at, int mask) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<long>(at));
  const int byte = file.get();
  file.seekp(static_cast<long>(at));
  file.put(static_cast<char>(byte ^ mask));
}

// Opens and reads everything; OK only if all bytes were found right.
absl::Status FullRead(const std::string& path) {
  auto snapshot = Snapshot::Open(path);
  if (!snapshot.ok()) return snapshot.status();
  return snapshot->View(2).status();
}

TEST(Snapshot, GivesBackWhatWasWritten) {
  for (const bool weighted : {false, true}) {
    for (const bool undirected : {false, true}) {
      const Sample s = MakeSample(300, 2000, weighted, undirected);
      const std::string path = Path("roundtrip");
      ASSERT_TRUE(WriteSnapshot(path, kIdentity, s.graph.View(), s.accounts).ok());
      EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
      auto snapshot = Snapshot::Open(path, {&kIdentity, true, 2});
      ASSERT_TRUE(snapshot.ok()) << snapshot.status();
      EXPECT_EQ(snapshot->identity(), kIdentity);
      const CsrView got = *snapshot->View();
      const CsrView want = s.graph.View();
      EXPECT_TRUE(ValidateCsr(got).ok());
      EXPECT_EQ(got.out_offsets, want.out_offsets);
      EXPECT_EQ(got.out_targets, want.out_targets);
      EXPECT_EQ(got.out_weights, want.out_weights);
      EXPECT_EQ(got.in_sources, want.in_sources);
      EXPECT_EQ(got.in_weights, want.in_weights);
      EXPECT_EQ(got.symmetric, undirected);
      for (uint32_t v = 0; v < want.vertices; ++v) {
        EXPECT_EQ(snapshot->AccountOf(v), s.accounts[v]);
        EXPECT_EQ(snapshot->VertexOf(s.accounts[v]), v);
        EXPECT_EQ(*snapshot->OutRow(v), want.Out(v));
        EXPECT_EQ(*snapshot->InRow(v), want.In(v));
      }
      EXPECT_EQ(snapshot->VertexOf(AccountId{0}), kNoVertex);
      EXPECT_EQ(snapshot->VertexOf(AccountId{5000}), kNoVertex);
      EXPECT_EQ(snapshot->VertexOf(kNoAccount), kNoVertex);
      EXPECT_EQ(snapshot->accounts_limit(), 299u * 3 + 2);
    }
  }
}

TEST(Snapshot, EmptyGraph) {
  const Sample s = MakeSample(1, 0, false, false);
  const std::string path = Path("empty");
  ASSERT_TRUE(WriteSnapshot(path, kIdentity, s.graph.View(), s.accounts).ok());
  EXPECT_TRUE(FullRead(path).ok()) << FullRead(path);
  RunContext run(1);
  Csr none = *BuildCsr({}, {}, run);
  ASSERT_TRUE(WriteSnapshot(path, kIdentity, none.View(), {}).ok());
  EXPECT_TRUE(FullRead(path).ok()) << FullRead(path);
}

TEST(Snapshot, EveryHeaderByteMatters) {
  const Sample s = MakeSample(50, 300, true, false);
  const std::string path = Path("header");
  ASSERT_TRUE(WriteSnapshot(path, kIdentity, s.graph.View(), s.accounts).ok());
  for (size_t i = 0; i < 4096; ++i) {
    Flip(path, i, 1 << (i % 8));
    const absl::Status status = Snapshot::Open(path).status();
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << "byte " << i;
    ASSERT_EQ(ErrorReason(status), "SNAPSHOT_CORRUPT") << "byte " << i;
    Flip(path, i, 1 << (i % 8));
  }
  EXPECT_TRUE(FullRead(path).ok());
}

TEST(Snapshot, EveryBodyByteIsCovered) {
  const Sample s = MakeSample(900, 700000, true, false);  // sections longer than one block
  const std::string path = Path("body");
  ASSERT_TRUE(WriteSnapshot(path, kIdentity, s.graph.View(), s.accounts).ok());
  const uint64_t size = ReadFile(path)->size();
  CounterRng rng(1, 1);
  for (int i = 0; i < 400; ++i) {
    const uint64_t at = 4096 + rng.Below(size - 4096);
    Flip(path, at, 0x10);
    const absl::Status status = FullRead(path);
    ASSERT_EQ(ErrorReason(status), "SNAPSHOT_CORRUPT") << "byte " << at << " " << status;
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss);
    Flip(path, at, 0x10);
  }
  EXPECT_TRUE(FullRead(path).ok());
}

TEST(Snapshot, ADamagedRowIsFoundBeforeItIsRead) {
  const Sample s = MakeSample(900, 700000, false, false);
  const std::string path = Path("row");
  ASSERT_TRUE(WriteSnapshot(path, kIdentity, s.graph.View(), s.accounts).ok());
  std::string bytes = *ReadFile(path);
  internal::SnapshotHeader header;
  std::memcpy(static_cast<void*>(&header), bytes.data(), sizeof header);
  const auto& targets = header.sections[1];
  ASSERT_GT(targets.bytes, uint64_t{1} << 20);
  bytes[targets.offset + targets.bytes - 1] ^= 1;
  Store(path, bytes);
  auto snapshot = Snapshot::Open(path);
  ASSERT_TRUE(snapshot.ok()) << "blocks of rows are checked when they are used";
  EXPECT_TRUE(snapshot->OutRow(0).ok());
  EXPECT_EQ(ErrorReason(snapshot->OutRow(899).status()), "SNAPSHOT_CORRUPT");
  EXPECT_TRUE(snapshot->InRow(899).ok());
  EXPECT_EQ(ErrorReason(snapshot->View().status()), "SNAPSHOT_CORRUPT");
}

TEST(Snapshot, TruncationAnywhereIsDataLoss) {
  const Sample s = MakeSample(200, 1500, true, false);
  const std::string path = Path("cut");
  ASSERT_TRUE(WriteSnapshot(path, kIdentity, s.graph.View(), s.accounts).ok());
  const std::string good = *ReadFile(path);
  internal::SnapshotHeader header;
  std::memcpy(static_cast<void*>(&header), good.data(), sizeof header);
  std::vector<uint64_t> cuts = {0, 1, 100, 4095, 4096, header.table_offset, good.size() - 1};
  for (const auto& section : header.sections) {
    cuts.insert(cuts.end(), {section.offset, section.offset + section.bytes / 2});
  }
  for (const uint64_t cut : cuts) {
    Store(path, good.substr(0, cut));
    EXPECT_EQ(ErrorReason(Snapshot::Open(path).status()), "SNAPSHOT_CORRUPT") << cut;
  }
  Store(path, good + "x");
  EXPECT_EQ(ErrorReason(Snapshot::Open(path).status()), "SNAPSHOT_CORRUPT");
}

TEST(Snapshot, WrongIdentityAndNewerFormat) {
  const Sample s = MakeSample(20, 50, false, false);
  const std::string path = Path("identity");
  ASSERT_TRUE(WriteSnapshot(path, kIdentity, s.graph.View(), s.accounts).ok());
  for (const SnapshotIdentity& other :
       {SnapshotIdentity{8, 42, kIdentity.chain}, SnapshotIdentity{7, 43, kIdentity.chain},
        SnapshotIdentity{7, 42, 1}}) {
    const absl::Status status = Snapshot::Open(path, {&other}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(ErrorReason(status), "SNAPSHOT_WRONG_IDENTITY");
  }
  std::string bytes = *ReadFile(path);
  bytes[8] = 2;
  const uint64_t checksum = Checksum64(absl::string_view(bytes).substr(0, 4088));
  std::memcpy(bytes.data() + 4088, &checksum, 8);
  Store(path, bytes);
  const absl::Status status = Snapshot::Open(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "SNAPSHOT_FORMAT_NEWER");
}

TEST(Snapshot, WriterRefusesWhatItCannotKeep) {
  const Sample s = MakeSample(20, 50, false, false);
  std::vector<AccountId> accounts = s.accounts;
  accounts[3] = accounts[9];
  const std::string path = Path("refused");
  EXPECT_EQ(ErrorReason(WriteSnapshot(path, kIdentity, s.graph.View(), accounts)),
            "DUPLICATE_ACCOUNT");
  accounts.pop_back();
  EXPECT_EQ(ErrorReason(WriteSnapshot(path, kIdentity, s.graph.View(), accounts)),
            "LENGTH_MISMATCH");
  CsrView no_in = s.graph.View();
  no_in.in_offsets = {};
  EXPECT_EQ(ErrorReason(WriteSnapshot(path, kIdentity, no_in, s.accounts)), "MISSING_IN_ROWS");
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(
      ErrorReason(WriteSnapshot(Path("no/such/dir/x"), kIdentity, s.graph.View(), s.accounts)),
      "FILE_NOT_FOUND");
}

}  // namespace
}  // namespace halqa
