// Jobs, health, deadlines over a socket.

#include <set>
#include <thread>

#include "tests/service/fixture.h"

namespace halqa::services {
namespace {

class JobCallsTest : public ServiceTest {
 protected:
  grpc::Status Influencer(const std::string& name, v1::GetInfluencerResponse* response) {
    v1::GetInfluencerRequest request;
    request.set_name(name);
    grpc::ClientContext context;
    return discovery_->GetInfluencer(&context, request, response);
  }
};

TEST_F(JobCallsTest, ARankingGivesMeasures) {
  v1::GetInfluencerResponse before;
  ASSERT_TRUE(Influencer(Id(0, 0), &before).ok());
  EXPECT_EQ(before.measures().count("page_rank"), 0u);
  const v1::Job started = StartRanking();
  EXPECT_EQ(started.kind(), "ranking");
  const v1::Job done = WaitFor(started.name());
  ASSERT_EQ(done.state(), v1::JOB_STATE_SUCCEEDED) << done.error_message();
  EXPECT_EQ(done.progress(), 1);
  EXPECT_EQ(done.generation(), 1u);
  v1::GetInfluencerResponse after;
  ASSERT_TRUE(Influencer("@cook0", &after).ok());
  EXPECT_EQ(after.account().external_id(), Id(0, 0));
  EXPECT_GT(after.measures().at("page_rank"), 0);
  EXPECT_EQ(after.measures().at("followers"), 39);
  EXPECT_EQ(after.data_version().generation(), 1u);
}

TEST_F(JobCallsTest, AnyAlgorithmRunsAsAJobAndItsValuesAreRead) {
  v1::RunAlgorithmRequest request;
  auto run = [&](v1::RunAlgorithmResponse* response) {
    grpc::ClientContext context;
    return jobs_->RunAlgorithm(&context, request, response);
  };
  v1::RunAlgorithmResponse started;
  request.set_algorithm("degree");
  (*request.mutable_parameters())["kind"] = "in";
  ASSERT_TRUE(run(&started).ok());
  const v1::Job job = WaitFor(started.job().name());
  ASSERT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED) << job.error_message();
  v1::ListAnalysisValuesRequest list;
  list.set_parent(job.result().at("analysis"));
  list.set_page_size(30);
  std::vector<std::string> seen;
  double last = 1e9;
  do {
    v1::ListAnalysisValuesResponse page;
    grpc::ClientContext context;
    ASSERT_TRUE(jobs_->ListAnalysisValues(&context, list, &page).ok());
    EXPECT_EQ(page.total_size(), 80u);
    EXPECT_EQ(page.algorithm(), "degree");
    for (const auto& value : page.values()) {
      EXPECT_LE(value.value(), last);
      last = value.value();
      seen.push_back(value.external_id());
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(seen.size(), 80u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 80u);
  EXPECT_EQ(std::min(seen[0], seen[1]), Id(0, 0));
  EXPECT_EQ(std::max(seen[0], seen[1]), Id(1, 0));

  // A group is named by an account; vertices of parameters are external ids.
  request.set_algorithm("weak_components");
  request.clear_parameters();
  ASSERT_TRUE(run(&started).ok());
  list.set_parent(WaitFor(started.job().name()).result().at("analysis"));
  v1::ListAnalysisValuesResponse groups;
  grpc::ClientContext context;
  ASSERT_TRUE(jobs_->ListAnalysisValues(&context, list, &groups).ok());
  EXPECT_FALSE(groups.values(0).group().empty());
  request.set_algorithm("top_page_rank");
  (*request.mutable_parameters())["source"] = Id(0, 3);
  ASSERT_TRUE(run(&started).ok());
  EXPECT_EQ(WaitFor(started.job().name()).state(), v1::JOB_STATE_SUCCEEDED);
  (*request.mutable_parameters())["source"] = "instagram:nobody";
  ASSERT_TRUE(run(&started).ok());
  EXPECT_EQ(WaitFor(started.job().name()).error_reason(), "ACCOUNT_NOT_FOUND");

  // Wrong requests are refused before anything runs.
  request.clear_parameters();
  EXPECT_EQ(Reason(run(&started)), "MISSING_PARAMETER");
  request.set_algorithm("nosuch");
  EXPECT_EQ(Reason(run(&started)), "UNKNOWN_ALGORITHM");
  list.set_parent("99");
  grpc::ClientContext third;
  EXPECT_EQ(Reason(jobs_->ListAnalysisValues(&third, list, &groups)), "ANALYSIS_NOT_FOUND");
  v1::ListAlgorithmsResponse all;
  grpc::ClientContext fourth;
  ASSERT_TRUE(jobs_->ListAlgorithms(&fourth, {}, &all).ok());
  EXPECT_GE(all.algorithms_size(), 9);
}

TEST_F(JobCallsTest, AnIntervalHasItsEndsInColumns) {
  v1::RunAlgorithmRequest request;
  request.set_algorithm("sampled_betweenness");
  v1::RunAlgorithmResponse started;
  grpc::ClientContext starting, reading;
  ASSERT_TRUE(jobs_->RunAlgorithm(&starting, request, &started).ok());
  v1::ListAnalysisValuesRequest list;
  list.set_parent(WaitFor(started.job().name()).result().at("analysis"));
  v1::ListAnalysisValuesResponse intervals;
  ASSERT_TRUE(jobs_->ListAnalysisValues(&reading, list, &intervals).ok());
  ASSERT_EQ(intervals.columns_size(), 2);
  EXPECT_EQ(intervals.columns(0), "low");
  EXPECT_EQ(intervals.columns(1), "high");
  EXPECT_EQ(intervals.values_size(), 50);
  for (const auto& value : intervals.values()) {
    ASSERT_EQ(value.columns_size(), 2);
    EXPECT_LE(value.columns(0), value.value());
    EXPECT_GE(value.columns(1), value.value());
  }
}

TEST_F(JobCallsTest, JobsAreListedNewestFirstInPages) {
  for (int i = 0; i < 3; ++i) WaitFor(StartRanking().name());
  v1::ListJobsRequest request;
  request.set_page_size(2);
  v1::ListJobsResponse first, second;
  grpc::ClientContext one, two;
  ASSERT_TRUE(jobs_->ListJobs(&one, request, &first).ok());
  ASSERT_EQ(first.jobs_size(), 2);
  EXPECT_EQ(first.jobs(0).name(), "graphs/main/jobs/3");
  request.set_page_token(first.next_page_token());
  ASSERT_TRUE(jobs_->ListJobs(&two, request, &second).ok());
  ASSERT_EQ(second.jobs_size(), 1);
  EXPECT_EQ(second.jobs(0).name(), "graphs/main/jobs/1");
  EXPECT_EQ(second.next_page_token(), "");
}

// The queue runs one job at a time, so that the last of several is still waiting when it is
// cancelled, however fast they are.
TEST_F(JobCallsTest, AQueuedJobCanBeCancelled) {
  std::string last;
  for (int i = 0; i < 6; ++i) last = StartRanking().name();
  v1::CancelJobRequest request;
  request.set_name(last);
  v1::CancelJobResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(jobs_->CancelJob(&context, request, &response).ok());
  EXPECT_EQ(WaitFor(last).state(), v1::JOB_STATE_CANCELLED);
}

TEST_F(JobCallsTest, WrongJobsAndParametersAreNamed) {
  v1::GetJobRequest get;
  get.set_name("graphs/main/jobs/99");
  v1::GetJobResponse got;
  grpc::ClientContext one, two, three;
  EXPECT_EQ(Reason(jobs_->GetJob(&one, get, &got)), "JOB_NOT_FOUND");
  get.set_name("graphs/main/jobs/first");
  grpc::Status status = jobs_->GetJob(&two, get, &got);
  EXPECT_EQ(WrongField(status), "name");
  v1::RunRankingRequest run;
  (*run.mutable_parameters())["dampling"] = "0.5";
  v1::RunRankingResponse ran;
  status = jobs_->RunRanking(&three, run, &ran);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(status), "UNKNOWN_PARAMETER");
}

// A queue of jobs keeps the last one busy for longer than the deadline.
TEST_F(JobCallsTest, AWaitBeyondItsDeadlineSaysSo) {
  std::string last;
  for (int i = 0; i < 30; ++i) last = StartRanking().name();
  v1::WaitJobRequest request;
  request.set_name(last);
  v1::WaitJobResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(1));
  EXPECT_EQ(jobs_->WaitJob(&context, request, &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  request.mutable_timeout()->set_nanos(1);
  grpc::ClientContext patient;
  ASSERT_TRUE(jobs_->WaitJob(&patient, request, &response).ok());
  EXPECT_NE(response.job().state(), v1::JOB_STATE_UNSPECIFIED);
}

TEST_F(JobCallsTest, HealthTurnsWhenTheServerDrains) {
  using grpc::health::v1::HealthCheckResponse;
  auto health = grpc::health::v1::Health::NewStub(channel_);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("halqa.v1.GraphService");
  HealthCheckResponse response;
  grpc::ClientContext check, unknown, watch;
  ASSERT_TRUE(health->Check(&check, request, &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  auto stream = health->Watch(&watch, request);
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  request.set_service("nobody");
  EXPECT_EQ(health->Check(&unknown, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
  std::thread drain([&] { server_->Drain(); });
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  drain.join();
}

}  // namespace
}  // namespace halqa::services
