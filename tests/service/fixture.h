#pragma once
// A tiny graph behind a server on a free port.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/ingest/bulk_import.h"
#include "engine/runtime/graph.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "halqa/v1/discovery_service.grpc.pb.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "halqa/v1/job_service.grpc.pb.h"
#include "services/common/status_convert.h"
#include "services/server/server.h"

namespace halqa::services {

// Two circles of 40 accounts, cooks and footballers; all but the first of each follow it.
class ServiceTest : public ::testing::Test {
 protected:
  static std::string Id(int circle, int i) { return absl::StrCat("instagram:", circle, "_", i); }

  void SetUp() override {
    dir_ = (std::filesystem::temp_directory_path() / absl::StrCat("halqa_service_", ::getpid()))
               .string();
    std::filesystem::remove_all(dir_);
    Import();
    Serve();
  }

  // Opens the directory and serves it; what was open before is closed.
  void Serve() {
    Close();
    auto graph = runtime::Graph::Open(dir_, {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    graph_ = std::move(*graph);
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.drain_seconds = 2;
    options.backup_directory = backups_;
    auto server = Server::Start(graph_.get(), options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server);
    Connect();
  }
  void Close() {
    graphs_.reset();
    discovery_.reset();
    jobs_.reset();
    channel_.reset();
    server_.reset();
    graph_.reset();
  }
  void TearDown() override {
    Close();
    std::filesystem::remove_all(dir_);
  }

  void Import() {
    ingest::BulkImportOptions options;
    options.settings.invented = true;
    ingest::BulkImporter importer(options);
    for (int c = 0; c < 2; ++c) {
      for (int i = 0; i < 40; ++i) {
        AccountRecord a;
        a.external_id = Id(c, i);
        a.handle = absl::StrCat(c == 0 ? "cook" : "foot", i);
        a.is_public = true;
        a.declared_followers = 3000 + i;
        if (i % 2 == 1) a.bio = c == 0 ? "cuisine marocaine et recettes" : "football et sport";
        ASSERT_TRUE(importer.OnAccount(a).ok());
      }
      for (int i = 1; i < 40; ++i) {
        ASSERT_TRUE(importer.OnFollow({Id(c, i), Id(c, 0), 1700000000, false}).ok());
        const int next = 1 + i % 39;
        if (next == i) continue;
        ASSERT_TRUE(importer.OnFollow({Id(c, i), Id(c, next), 1700000000, false}).ok());
      }
    }
    RunContext run(1);
    ASSERT_TRUE(importer.Finish(dir_, run).ok());
  }
  // A channel of its own, so that a test can come back as another client.
  void Connect() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                         grpc::InsecureChannelCredentials(), arguments);
    graphs_ = v1::GraphService::NewStub(channel_);
    discovery_ = v1::DiscoveryService::NewStub(channel_);
    jobs_ = v1::JobService::NewStub(channel_);
  }
  v1::Job StartRanking() {
    v1::RunRankingRequest request;
    (*request.mutable_parameters())["evidence_min"] = "2";
    v1::RunRankingResponse response;
    grpc::ClientContext context;
    const grpc::Status status = jobs_->RunRanking(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.job();
  }
  v1::Job WaitFor(const std::string& name) {
    v1::WaitJobRequest request;
    request.set_name(name);
    request.mutable_timeout()->set_seconds(60);
    v1::WaitJobResponse response;
    grpc::ClientContext context;
    const grpc::Status status = jobs_->WaitJob(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.job();
  }
  static std::string Reason(const grpc::Status& status) { return DecodeError(status).reason; }
  // The field of the first BadRequest violation, "" where there is none.
  static std::string WrongField(const grpc::Status& status) {
    google::rpc::Status details;
    details.ParseFromString(status.error_details());
    for (const auto& any : details.details()) {
      google::rpc::BadRequest bad;
      if (any.UnpackTo(&bad) && bad.field_violations_size() > 0) {
        return bad.field_violations(0).field();
      }
    }
    return "";
  }

  std::string dir_;
  std::string backups_;  // directory that the server is given for backups
  std::unique_ptr<runtime::Graph> graph_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::GraphService::Stub> graphs_;
  std::unique_ptr<v1::DiscoveryService::Stub> discovery_;
  std::unique_ptr<v1::JobService::Stub> jobs_;
};

}  // namespace halqa::services
