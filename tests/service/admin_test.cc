// AdminService over a socket: backups, checks, compaction, status.

#include "engine/runtime/admin.h"
#include "engine/store/backup_files.h"
#include "halqa/v1/admin_service.grpc.pb.h"
#include "tests/service/fixture.h"

namespace halqa::services {
namespace {

class AdminTest : public ServiceTest {
 protected:
  void SetUp() override {
    ServiceTest::SetUp();
    root_ = dir_ + "_backups";
    std::filesystem::remove_all(root_);
    backups_ = root_ + "/b";
    Serve();
    admin_ = v1::AdminService::NewStub(channel_);
  }
  void TearDown() override {
    admin_.reset();
    ServiceTest::TearDown();
    std::filesystem::remove_all(root_);
  }
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    return (admin_.get()->*method)(&context, request, response);
  }
  v1::Job Backup(uint32_t keep = 0) {
    v1::CreateBackupRequest request;
    request.set_keep_newest(keep);
    v1::CreateBackupResponse response;
    const auto status = Call(&v1::AdminService::Stub::CreateBackup, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return WaitFor(response.job().name());
  }
  v1::ListBackupsResponse List(int size = 0, const std::string& token = "") {
    v1::ListBackupsRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    v1::ListBackupsResponse response;
    const auto status = Call(&v1::AdminService::Stub::ListBackups, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::Job Verify(const std::string& name) {
    v1::VerifyBackupRequest request;
    request.set_name(name);
    v1::VerifyBackupResponse response;
    const auto status = Call(&v1::AdminService::Stub::VerifyBackup, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return WaitFor(response.job().name());
  }
  void Follow(int from, int to) {
    v1::WriteBatchRequest request;
    auto* follow = request.add_follows();
    follow->set_follower(Id(0, from));
    follow->set_followee(Id(1, to));
    v1::WriteBatchResponse response;
    grpc::ClientContext context;
    const auto status = graphs_->WriteBatch(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  std::string root_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

TEST_F(AdminTest, BackupsAreMadeListedVerifiedAndRemoved) {
  EXPECT_EQ(List().backups_size(), 0);
  const v1::Job first = Backup();
  ASSERT_EQ(first.state(), v1::JOB_STATE_SUCCEEDED) << first.error_message();
  EXPECT_EQ(first.kind(), "backup");
  EXPECT_EQ(first.result().at("backup"), "1");
  EXPECT_EQ(first.result().at("accounts"), "80");
  Backup();
  Backup();
  const auto page = List(2);
  ASSERT_EQ(page.backups_size(), 2);
  EXPECT_EQ(page.backups(0).name(), "graphs/main/backups/1");
  const auto rest = List(2, page.next_page_token());
  ASSERT_EQ(rest.backups_size(), 1);
  EXPECT_EQ(rest.backups(0).name(), "graphs/main/backups/3");
  EXPECT_EQ(rest.next_page_token(), "");
  EXPECT_EQ(Verify("2").state(), v1::JOB_STATE_SUCCEEDED);

  v1::DeleteBackupRequest remove;
  remove.set_name("graphs/main/backups/1");
  v1::DeleteBackupResponse removed;
  EXPECT_TRUE(Call(&v1::AdminService::Stub::DeleteBackup, remove, &removed).ok());
  EXPECT_EQ(Reason(Call(&v1::AdminService::Stub::DeleteBackup, remove, &removed)),
            "BACKUP_NOT_FOUND");
  v1::PruneBackupsRequest prune;
  v1::PruneBackupsResponse pruned;
  EXPECT_EQ(WrongField(Call(&v1::AdminService::Stub::PruneBackups, prune, &pruned)), "keep_newest");
  prune.set_keep_newest(1);
  ASSERT_TRUE(Call(&v1::AdminService::Stub::PruneBackups, prune, &pruned).ok());
  ASSERT_EQ(pruned.removed_size(), 1);
  EXPECT_EQ(pruned.removed(0), "graphs/main/backups/2");
  EXPECT_EQ(Backup(/*keep=*/1).result().at("removed"), "1");
}

// Erased after the newest backup: a restore knows it from the list beside the backups.
TEST_F(AdminTest, AnErasureIsOnTheListBesideTheBackupsAtOnce) {
  v1::DeleteAccountRequest request;
  request.set_name(Id(0, 1));
  auto erase = [&] {
    v1::DeleteAccountResponse response;
    grpc::ClientContext context;
    return graphs_->DeleteAccount(&context, request, &response);
  };
  ASSERT_TRUE(erase().ok());  // no backup yet, so nothing to bring the account back
  Backup();
  EXPECT_EQ(store::ReadErasures(backups_)->size(), 1u);
  request.set_name(Id(0, 2));
  ASSERT_TRUE(erase().ok());
  EXPECT_EQ(store::ReadErasures(backups_)->size(), 2u);
  // A list that cannot be written is told; calling again mends it.
  const std::string list = store::ErasuresPath(backups_), aside = list + ".aside";
  std::filesystem::rename(list, aside);
  std::filesystem::create_directories(list + "/in the way");
  request.set_name(Id(0, 3));
  const auto failed = erase();
  EXPECT_EQ(failed.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Reason(failed), "ERASURE_NOT_IN_BACKUPS");
  std::filesystem::remove_all(list);
  std::filesystem::rename(aside, list);
  ASSERT_TRUE(erase().ok());
  EXPECT_EQ(store::ReadErasures(backups_)->size(), 3u);
}

TEST_F(AdminTest, ADamagedBackupIsNamed) {
  Backup();
  for (const auto& e : std::filesystem::directory_iterator(backups_ + "/shared_checksum")) {
    std::filesystem::resize_file(e.path(), e.file_size() / 2);
    break;
  }
  const v1::Job job = Verify("1");
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(job.error_reason(), "BACKUP_DAMAGED");
}

TEST_F(AdminTest, WithoutADirectoryThereAreNoBackups) {
  backups_ = "";
  Serve();
  admin_ = v1::AdminService::NewStub(channel_);
  v1::CreateBackupResponse created;
  const auto status =
      Call(&v1::AdminService::Stub::CreateBackup, v1::CreateBackupRequest(), &created);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(status), "BACKUPS_NOT_CONFIGURED");
  v1::ListBackupsResponse listed;
  EXPECT_EQ(Reason(Call(&v1::AdminService::Stub::ListBackups, v1::ListBackupsRequest(), &listed)),
            "BACKUPS_NOT_CONFIGURED");
}

// A name is a number, never a path.
TEST_F(AdminTest, NamesThatAreNoNumbersAreRefused) {
  for (const char* name :
       {"", "../1", "graphs/main/backups/../1", "graphs/main/jobs/1", "0", "-1", "4294967296"}) {
    v1::VerifyBackupRequest request;
    request.set_name(name);
    v1::VerifyBackupResponse response;
    EXPECT_EQ(WrongField(Call(&v1::AdminService::Stub::VerifyBackup, request, &response)), "name")
        << name;
  }
  v1::CreateBackupRequest request;
  request.set_parent("graphs/other");
  v1::CreateBackupResponse response;
  EXPECT_EQ(Reason(Call(&v1::AdminService::Stub::CreateBackup, request, &response)),
            "GRAPH_NOT_FOUND");
}

TEST_F(AdminTest, TheOpenGraphIsChecked) {
  Follow(1, 2);
  v1::CheckGraphResponse response;
  ASSERT_TRUE(Call(&v1::AdminService::Stub::CheckGraph, v1::CheckGraphRequest(), &response).ok());
  const v1::Job job = WaitFor(response.job().name());
  ASSERT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED) << job.error_message();
  EXPECT_EQ(job.result().at("findings"), "0");
  EXPECT_EQ(job.result().at("lsn"), "1");
  EXPECT_EQ(job.result().at("checked accounts"), "160");
}

TEST_F(AdminTest, CompactionKeepsTheGraph) {
  Follow(1, 2);
  v1::CompactResponse response;
  ASSERT_TRUE(Call(&v1::AdminService::Stub::Compact, v1::CompactRequest(), &response).ok());
  const v1::Job job = WaitFor(response.job().name());
  ASSERT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED) << job.error_message();
  EXPECT_EQ(job.result().count("bytes_after"), 1u);
  v1::CheckGraphResponse checked;
  ASSERT_TRUE(Call(&v1::AdminService::Stub::CheckGraph, v1::CheckGraphRequest(), &checked).ok());
  EXPECT_EQ(WaitFor(checked.job().name()).result().at("findings"), "0");
}

TEST_F(AdminTest, StatusSaysWhereTheGraphStands) {
  Follow(1, 2);
  v1::GetGraphStatusResponse status;
  ASSERT_TRUE(
      Call(&v1::AdminService::Stub::GetGraphStatus, v1::GetGraphStatusRequest(), &status).ok());
  EXPECT_EQ(status.lsn(), 1u);
  EXPECT_EQ(status.folded_lsn(), 0u);
  EXPECT_EQ(status.accounts(), 80u);
  EXPECT_EQ(status.delta_edges(), 1u);
  EXPECT_TRUE(status.backups_configured());
  EXPECT_FALSE(status.has_newest_backup());
  EXPECT_GT(status.free_bytes(), 0u);
  Backup();
  ASSERT_TRUE(
      Call(&v1::AdminService::Stub::GetGraphStatus, v1::GetGraphStatusRequest(), &status).ok());
  EXPECT_EQ(status.newest_backup().lsn(), 1u);
  EXPECT_EQ(status.newest_backup().timeline(), status.timeline());
}

// Record numbers start again where the backup stood, so a token of the old history must not fit.
TEST_F(AdminTest, APageTokenDoesNotOutliveARestore) {
  ASSERT_EQ(Backup().state(), v1::JOB_STATE_SUCCEEDED);
  v1::ListFollowersRequest request;
  request.set_parent("graphs/main/accounts/" + Id(0, 0));
  request.set_page_size(5);
  v1::ListFollowersResponse page;
  {
    grpc::ClientContext context;
    const auto status = graphs_->ListFollowers(&context, request, &page);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_NE(page.next_page_token(), "");
  }
  request.set_page_token(page.next_page_token());
  {
    grpc::ClientContext context;
    ASSERT_TRUE(graphs_->ListFollowers(&context, request, &page).ok());
  }
  Close();
  RunContext run(1);
  const auto report = runtime::RestoreGraph({backups_, 1, root_ + "/restored", {}, {}}, {}, run);
  ASSERT_TRUE(report.ok()) << report.status();
  std::filesystem::remove_all(dir_);
  std::filesystem::rename(root_ + "/restored", dir_);
  Serve();
  grpc::ClientContext context;
  EXPECT_EQ(Reason(graphs_->ListFollowers(&context, request, &page)), "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace halqa::services
