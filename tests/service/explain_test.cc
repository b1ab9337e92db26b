// ExplainRank over a socket.

#include <cmath>

#include "tests/service/fixture.h"

namespace halqa::services {
namespace {

class ExplainCallTest : public ServiceTest {
 protected:
  void Write(const std::string& follower, const std::string& followee, int64_t time) {
    v1::WriteBatchRequest batch;
    auto* follow = batch.add_follows();
    follow->set_follower(follower);
    follow->set_followee(followee);
    follow->set_time(time);
    v1::WriteBatchResponse ack;
    grpc::ClientContext context;
    const grpc::Status status = graphs_->WriteBatch(&context, batch, &ack);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  void Rank() {
    const v1::Job job = WaitFor(StartRanking().name());
    ASSERT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED) << job.DebugString();
  }
  v1::ExplainRankResponse Explain(const v1::ExplainRankRequest& request) {
    v1::ExplainRankResponse response;
    grpc::ClientContext context;
    status_ = discovery_->ExplainRank(&context, request, &response);
    return response;
  }
  static v1::ExplainRankRequest Of(const std::string& name, const std::string& topic = "") {
    v1::ExplainRankRequest request;
    request.set_name(name);
    request.set_topic(topic);
    return request;
  }
  grpc::Status status_;
};

double SumOf(const google::protobuf::RepeatedPtrField<v1::ScorePart>& parts) {
  double sum = 0;
  for (const v1::ScorePart& part : parts) sum += part.value();
  return sum;
}

TEST_F(ExplainCallTest, ThePartsAddUpToWhatGetInfluencerShows) {
  Rank();
  v1::GetInfluencerRequest get;
  get.set_name("@cook0");
  v1::GetInfluencerResponse known;
  grpc::ClientContext context;
  ASSERT_TRUE(discovery_->GetInfluencer(&context, get, &known).ok());
  v1::ExplainRankRequest request = Of("@cook0");
  request.set_depth(2);
  request.set_contributions_max(5);
  const auto r = Explain(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(r.score(), known.measures().at("page_rank"));
  EXPECT_NEAR(SumOf(r.parts()), r.score(), 1e-12);
  EXPECT_EQ(r.account().handle(), "cook0");
  ASSERT_EQ(r.parts_size(), 9);  // restart, dangling, five accounts, others, residual
  EXPECT_EQ(r.parts(2).kind(), "account");
  EXPECT_NEAR(SumOf(r.parts(2).parts()), r.parts(2).value(), 1e-12);
  EXPECT_LE(std::fabs(r.parts(8).value()), r.residual_max());
  EXPECT_EQ(r.kinds(0).key(), "follow");
  EXPECT_EQ(r.months(0).key(), "2023-11");
  EXPECT_EQ(r.versions().at("explain"), 1u);
  EXPECT_EQ(r.parameters().at("damping"), "0.85");
  EXPECT_EQ(r.data_version().generation(), 1u);
  EXPECT_FALSE(r.has_counterfactual());
  for (const v1::TopicAuthority& topic : known.topics()) {
    const auto t = Explain(Of("@cook0", topic.topic()));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(t.rank(), topic.rank());
    EXPECT_NEAR(t.list_value(), topic.authority(), 1e-12);
    EXPECT_NEAR(SumOf(t.parts()), t.score(), 1e-12);
  }
}

TEST_F(ExplainCallTest, CompetitorAndCounterfactualAreTold) {
  Rank();
  v1::ExplainRankRequest request = Of("@cook3");
  request.add_without_accounts("@cook2");
  const auto r = Explain(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_TRUE(r.has_competitor());
  const v1::Competitor& c = r.competitor();
  EXPECT_GT(c.score(), r.score());
  EXPECT_NEAR(
      c.restart() + c.dangling() + c.only_mine() + c.only_theirs() + c.both() + c.residual(),
      c.score_difference(), 1e-14);
  ASSERT_TRUE(r.has_counterfactual());
  EXPECT_EQ(r.counterfactual().accounts(), 1u);
  EXPECT_EQ(r.counterfactual().rank_before(), r.rank());
  EXPECT_NE(r.counterfactual().score_after(), r.score());  // cook2 was its follower
}

// Those who may not be named give under their pseudonyms.
TEST_F(ExplainCallTest, NobodyIsNamedWhoMayNotBe) {
  Write("instagram:fan", Id(0, 5), 1700000000);
  Rank();
  const auto r = Explain(Of(Id(0, 5)));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  int unnamed = 0;
  for (const v1::ScorePart& part : r.parts()) {
    if (part.kind() != "account" || part.account().named()) continue;
    ++unnamed;
    EXPECT_EQ(part.account().external_id().substr(0, 11), "instagram:~");
    EXPECT_FALSE(part.account().has_handle());
  }
  EXPECT_EQ(unnamed, 1);
  EXPECT_EQ(r.DebugString().find("fan"), std::string::npos);
}

TEST_F(ExplainCallTest, WrongRequestsNameTheirField) {
  Explain(Of("@cook0"));
  EXPECT_EQ(Reason(status_), "NO_GENERATION");
  Rank();
  Explain(Of("@nobody"));
  EXPECT_EQ(Reason(status_), "ACCOUNT_NOT_FOUND");
  Explain(Of("@cook0", "nosuch"));
  EXPECT_EQ(WrongField(status_), "topic");
  Explain(Of("@cook0", "health"));
  EXPECT_EQ(Reason(status_), "TOPIC_SENSITIVE");
  v1::ExplainRankRequest request = Of("@cook0");
  request.set_depth(3);
  Explain(request);
  EXPECT_EQ(WrongField(status_), "depth");
  request.set_depth(0);
  request.set_contributions_max(-1);
  Explain(request);
  EXPECT_EQ(WrongField(status_), "contributions_max");
  request.set_contributions_max(2000);
  request.set_without_niche(77777);
  Explain(request);
  EXPECT_EQ(Reason(status_), "NICHE_NOT_FOUND");
  request.set_without_niche(0);
  request.add_without_accounts("@cook0");
  Explain(request);
  EXPECT_EQ(Reason(status_), "WITHOUT_ITSELF");
  for (int i = 0; i < 100; ++i) request.add_without_accounts("@cook1");
  Explain(request);
  EXPECT_EQ(Reason(status_), "TOO_MANY_ITEMS");
}

TEST_F(ExplainCallTest, AStateThatIsGoneIsRefused) {
  Rank();
  Write(Id(0, 0), Id(0, 9), 1600000000);
  RunContext run(1);
  ASSERT_TRUE(graph_->live().Fold(run).ok());
  Explain(Of("@cook0"));
  EXPECT_EQ(Reason(status_), "RANKED_STATE_GONE");
  Rank();
  Explain(Of("@cook0"));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

}  // namespace
}  // namespace halqa::services
