// The path of `halqa call`: reflection, JSON in and out, all kinds of methods.

#include "engine/base/error.h"
#include "tests/service/fixture.h"
#include "tools/rpc/dynamic_call.h"
#include "tools/rpc/rpc_error.h"
#include "tools/rpc/schema.h"

namespace halqa::services {
namespace {

class DynamicCallTest : public ServiceTest {
 protected:
  void SetUp() override {
    ServiceTest::SetUp();
    auto schema = rpc::Schema::Load(channel_);
    ASSERT_TRUE(schema.ok()) << schema.status();
    schema_ = std::move(*schema);
  }
  void TearDown() override {
    schema_.reset();
    ServiceTest::TearDown();
  }
  absl::Status Call(const std::string& method, const std::string& json,
                    const rpc::DynamicCallOptions& options = {}) {
    responses_.clear();
    const auto found = schema_->FindMethod(method);
    if (!found.ok()) return found.status();
    auto values = rpc::SplitJson(json);
    if (!values.ok()) return values.status();
    rpc::ListedRequests requests(*std::move(values));
    return rpc::CallDynamic(
        channel_, **found, requests, [&](const std::string& r) { responses_.push_back(r); },
        options);
  }
  std::unique_ptr<rpc::Schema> schema_;
  std::vector<std::string> responses_;
};

TEST_F(DynamicCallTest, ReflectionListsTheServices) {
  for (const char* name : {"grpc.health.v1.Health", "halqa.v1.DiscoveryService",
                           "halqa.v1.GraphService", "halqa.v1.JobService"}) {
    EXPECT_TRUE(std::count(schema_->services().begin(), schema_->services().end(), name)) << name;
  }
  EXPECT_TRUE(schema_->FindMethod("halqa.v1.GraphService/GetAccount").ok());
  EXPECT_TRUE(schema_->FindMethod("GraphService.GetAccount").ok());
  const absl::Status method = schema_->FindMethod("GraphService.Get").status();
  EXPECT_EQ(ErrorReason(method), "UNKNOWN_METHOD");
  EXPECT_NE(method.message().find("GetAccount"), absl::string_view::npos);
  const absl::Status service = schema_->FindMethod("Graph.Get").status();
  EXPECT_EQ(ErrorReason(service), "UNKNOWN_SERVICE");
  EXPECT_NE(service.message().find("halqa.v1.GraphService"), absl::string_view::npos);
  const std::string text =
      rpc::DescribeMethod(**schema_->FindMethod("DiscoveryService.SearchInfluencers"));
  EXPECT_NE(text.find("weights  (list of SignalWeight)"), std::string::npos) << text;
}

TEST_F(DynamicCallTest, UnaryCallsEqualTheStubs) {
  ASSERT_TRUE(Call("Health.Check", "{}").ok());
  ASSERT_EQ(responses_.size(), 1u);
  EXPECT_EQ(responses_[0], "{\"status\":\"SERVING\"}");
  ASSERT_TRUE(Call("GraphService.GetAccount", "{\"name\": \"instagram:0_0\"}").ok());
  v1::GetAccountRequest request;
  request.set_name("instagram:0_0");
  v1::GetAccountResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(graphs_->GetAccount(&context, request, &response).ok());
  EXPECT_EQ(responses_[0], rpc::ToJson(response));
  EXPECT_TRUE(Call("GraphService.GetGraphStats", "").ok());  // no request means an empty one
}

TEST_F(DynamicCallTest, StreamsTakeAndGiveSeveralValues) {
  const std::string batch =
      "\"batch\":{\"follows\":[{\"follower\":\"instagram:1_1\","
      "\"followee\":\"instagram:0_0\"}]}}";
  ASSERT_TRUE(Call("GraphService.StreamWrites", absl::StrCat("{\"producer\":\"p\",\"cursor\":1,",
                                                             batch, "\n{\"cursor\":\"2\",", batch))
                  .ok());
  ASSERT_FALSE(responses_.empty());
  EXPECT_NE(responses_.back().find("\"durable_cursor\":\"2\""), std::string::npos);
  rpc::DynamicCallOptions short_time;
  short_time.timeout_seconds = 0.3;  // a watch never ends by itself
  EXPECT_EQ(Call("Health.Watch", "{}", short_time).code(), absl::StatusCode::kDeadlineExceeded);
  ASSERT_EQ(responses_.size(), 1u);
}

TEST_F(DynamicCallTest, ErrorsKeepReasonAndValues) {
  const absl::Status page =
      Call("GraphService.ListFollowers", "{\"parent\":\"instagram:0_0\",\"page_size\":-1}");
  EXPECT_EQ(page.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(page), "NEGATIVE_PAGE_SIZE");
  EXPECT_EQ(ErrorDetails(page)["field"], "page_size");
  EXPECT_EQ(ErrorReason(Call("GraphService.GetAccount", "{\"nme\":1}")), "INVALID_JSON");
  EXPECT_EQ(ErrorReason(Call("GraphService.GetAccount", "{\"name\":")), "INVALID_JSON");
  EXPECT_EQ(ErrorReason(Call("Health.Check", "{}{}")), "TOO_MANY_REQUESTS");
  const auto nobody = rpc::Connect("127.0.0.1:1", std::chrono::milliseconds(4000));
  EXPECT_EQ(ErrorReason(nobody.status()), "SERVER_UNREACHABLE");
}

}  // namespace
}  // namespace halqa::services
