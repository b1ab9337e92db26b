// Writing, reading back, pages and errors over a socket.

#include "tests/service/fixture.h"

namespace halqa::services {
namespace {

v1::WriteBatchRequest OneFollow(const std::string& follower, const std::string& followee) {
  v1::WriteBatchRequest batch;
  auto* follow = batch.add_follows();
  follow->set_follower(follower);
  follow->set_followee(followee);
  return batch;
}

class GraphCallsTest : public ServiceTest {
 protected:
  v1::ListFollowingResponse Following(const std::string& id, int size = 0,
                                      const std::string& token = "") {
    v1::ListFollowingRequest request;
    request.set_parent(id);
    request.set_page_size(size);
    request.set_page_token(token);
    v1::ListFollowingResponse response;
    grpc::ClientContext context;
    status_ = graphs_->ListFollowing(&context, request, &response);
    return response;
  }
  v1::ListFollowersResponse Followers(const std::string& id, int size,
                                      const std::string& token = "") {
    v1::ListFollowersRequest request;
    request.set_parent(id);
    request.set_page_size(size);
    request.set_page_token(token);
    v1::ListFollowersResponse response;
    grpc::ClientContext context;
    status_ = graphs_->ListFollowers(&context, request, &response);
    return response;
  }
  v1::SearchInfluencersResponse Search(const v1::SearchInfluencersRequest& request) {
    v1::SearchInfluencersResponse response;
    grpc::ClientContext context;
    status_ = discovery_->SearchInfluencers(&context, request, &response);
    return response;
  }
  grpc::Status status_;
};

// A page of ids says the same of the same accounts, and nothing that it did not look up.
TEST_F(GraphCallsTest, APageOfIdsIsThePageWithoutTheRest) {
  v1::WriteBatchResponse ack;
  for (int i = 1; i < 5; ++i) {
    grpc::ClientContext context;
    ASSERT_TRUE(graphs_->WriteBatch(&context, OneFollow(Id(0, 0), Id(0, i)), &ack).ok());
  }
  const auto whole = Following(Id(0, 0));
  v1::ListFollowingRequest request;
  request.set_parent(Id(0, 0));
  request.set_detail(v1::ACCOUNT_DETAIL_ID);
  v1::ListFollowingResponse ids;
  grpc::ClientContext context;
  ASSERT_TRUE(graphs_->ListFollowing(&context, request, &ids).ok());
  EXPECT_EQ(ids.total_size(), 4u);
  ASSERT_EQ(ids.accounts_size(), whole.accounts_size());
  for (int i = 0; i < ids.accounts_size(); ++i) {
    EXPECT_TRUE(whole.accounts(i).has_known_followers());
    v1::Account want;
    want.set_name(whole.accounts(i).name());
    want.set_external_id(whole.accounts(i).external_id());
    want.set_named(whole.accounts(i).named());
    EXPECT_EQ(ids.accounts(i).SerializeAsString(), want.SerializeAsString());
  }
}

TEST_F(GraphCallsTest, AWriteIsVisibleToTheNextCall) {
  ASSERT_EQ(Following(Id(0, 0)).total_size(), 0u);
  v1::WriteBatchResponse ack;
  grpc::ClientContext context;
  ASSERT_TRUE(graphs_->WriteBatch(&context, OneFollow(Id(0, 0), Id(1, 0)), &ack).ok());
  EXPECT_GT(ack.lsn(), 0u);
  const auto after = Following(Id(0, 0));
  ASSERT_EQ(after.accounts_size(), 1);
  EXPECT_EQ(after.accounts(0).external_id(), Id(1, 0));
  EXPECT_GE(after.data_version().lsn(), ack.lsn());
  EXPECT_TRUE(after.data_version().invented());
}

TEST_F(GraphCallsTest, AnUnfollowAndARepeatedRequestIdBehave) {
  v1::WriteBatchRequest batch = OneFollow(Id(0, 1), Id(0, 0));
  batch.mutable_follows(0)->set_removed(true);
  batch.set_request_id(absl::StrCat(absl::ToUnixSeconds(absl::Now()), "-once"));
  v1::WriteBatchResponse first, second;
  grpc::ClientContext one, two;
  ASSERT_TRUE(graphs_->WriteBatch(&one, batch, &first).ok());
  ASSERT_TRUE(graphs_->WriteBatch(&two, batch, &second).ok());
  EXPECT_FALSE(first.duplicate());
  EXPECT_TRUE(second.duplicate());
  EXPECT_EQ(Followers(Id(0, 0), 100).accounts_size(), 38);
}

// Sends the batches first..last and returns the acknowledged cursors, in order.
std::vector<uint64_t> Stream(v1::GraphService::Stub& stub, uint64_t first, uint64_t last) {
  grpc::ClientContext context;
  auto stream = stub.StreamWrites(&context);
  for (uint64_t cursor = first; cursor <= last; ++cursor) {
    v1::StreamWritesRequest request;
    request.set_producer("test");
    request.set_cursor(cursor);
    *request.mutable_batch() = OneFollow(absl::StrCat("instagram:new", cursor), "instagram:0_0");
    stream->Write(request);
  }
  stream->WritesDone();
  std::vector<uint64_t> acknowledged;
  v1::StreamWritesResponse response;
  while (stream->Read(&response)) acknowledged.push_back(response.durable_cursor());
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  return acknowledged;
}

TEST_F(GraphCallsTest, StreamedWritesAreAcknowledgedInOrderAndResume) {
  const auto first = Stream(*graphs_, 1, 20);
  ASSERT_FALSE(first.empty());
  EXPECT_TRUE(std::is_sorted(first.begin(), first.end()));
  EXPECT_EQ(first.back(), 20u);
  EXPECT_EQ(Followers("instagram:0_0", 1).total_size(), 59u);
  Connect();  // a client that does not know how far it came sends some batches again
  const auto again = Stream(*graphs_, 15, 25);
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(again.back(), 25u);
  EXPECT_EQ(Followers("instagram:0_0", 1).total_size(), 64u);
}

TEST_F(GraphCallsTest, AStreamWithoutProducerOrWithAGapIsRefused) {
  for (const bool named : {false, true}) {
    grpc::ClientContext context;
    auto stream = graphs_->StreamWrites(&context);
    v1::StreamWritesRequest request;
    if (named) request.set_producer("gap");
    request.set_cursor(7);
    *request.mutable_batch() = OneFollow(Id(0, 0), Id(1, 0));
    stream->Write(request);
    stream->WritesDone();
    v1::StreamWritesResponse response;
    EXPECT_FALSE(stream->Read(&response));
    const grpc::Status status = stream->Finish();
    EXPECT_FALSE(status.ok());
    if (named) {
      EXPECT_NE(Reason(status), "") << status.error_message();
    } else {
      EXPECT_EQ(Reason(status), "PRODUCER_REQUIRED");
      EXPECT_EQ(WrongField(status), "producer");
    }
  }
  EXPECT_EQ(Following(Id(0, 0)).total_size(), 0u);
}

TEST_F(GraphCallsTest, ErrorsCarryReasonAndField) {
  Followers(Id(0, 0), -1);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(status_), "NEGATIVE_PAGE_SIZE");
  EXPECT_EQ(WrongField(status_), "page_size");
  Followers("instagram:nobody", 1);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Reason(status_), "ACCOUNT_NOT_FOUND");
  EXPECT_EQ(DecodeError(status_).metadata["account"], "instagram:nobody");
  Followers("graphs/other/accounts/instagram:0_0", 1);
  EXPECT_EQ(Reason(status_), "GRAPH_NOT_FOUND");
  v1::SearchInfluencersRequest search;
  search.set_query("cuisine");
  search.set_filter("platfrm = \"instagram\"");
  Search(search);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(WrongField(status_), "filter");
  EXPECT_NE(status_.error_message().find("platfrm"), std::string::npos) << status_.error_message();
  search.clear_filter();
  search.set_page_size(-3);
  Search(search);
  EXPECT_EQ(WrongField(status_), "page_size");
}

TEST_F(GraphCallsTest, PagesConcatenateToTheWhole) {
  const auto whole = Followers(Id(0, 0), 1000);
  ASSERT_EQ(whole.accounts_size(), 39);
  std::vector<std::string> ids;
  std::string token;
  do {
    const auto page = Followers(Id(0, 0), 7, token);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const auto& account : page.accounts()) ids.push_back(account.external_id());
    token = page.next_page_token();
  } while (!token.empty());
  ASSERT_EQ(ids.size(), 39u);
  for (int i = 0; i < 39; ++i) EXPECT_EQ(ids[i], whole.accounts(i).external_id());
}

TEST_F(GraphCallsTest, SearchPagesConcatenateAndForeignTokensAreRefused) {
  ASSERT_EQ(WaitFor(StartRanking().name()).state(), v1::JOB_STATE_SUCCEEDED);
  v1::SearchInfluencersRequest request;
  request.set_query("cuisine");
  request.set_page_size(200);
  const auto whole = Search(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_GT(whole.results_size(), 12);
  request.set_page_size(5);
  std::string first_token;
  int at = 0;
  do {
    const auto page = Search(request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const auto& r : page.results()) {
      ASSERT_LT(at, whole.results_size());
      EXPECT_EQ(r.account().external_id(), whole.results(at).account().external_id());
      EXPECT_EQ(r.rank(), static_cast<uint32_t>(++at));
    }
    if (first_token.empty()) first_token = page.next_page_token();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(at, whole.results_size());

  request.set_page_token(first_token);
  request.set_query("football");
  Search(request);
  EXPECT_EQ(Reason(status_), "PAGE_TOKEN_MISMATCH");
  EXPECT_EQ(WrongField(status_), "page_token");
  request.set_query("cuisine");
  std::string tampered = first_token;
  tampered[10] = tampered[10] == 'A' ? 'B' : 'A';
  request.set_page_token(tampered);
  Search(request);
  EXPECT_EQ(Reason(status_), "PAGE_TOKEN_INVALID");
  Followers(Id(0, 0), 5, first_token);
  EXPECT_FALSE(status_.ok());
  EXPECT_EQ(WrongField(status_), "page_token");
}

TEST_F(GraphCallsTest, ATokenGoesOnInItsOwnGenerationUntilThatIsGone) {
  ASSERT_EQ(WaitFor(StartRanking().name()).state(), v1::JOB_STATE_SUCCEEDED);
  v1::SearchInfluencersRequest request;
  request.set_query("cuisine");
  request.set_page_size(5);
  const auto first = Search(request);
  request.set_page_token(first.next_page_token());
  ASSERT_FALSE(request.page_token().empty());
  ASSERT_EQ(WaitFor(StartRanking().name()).state(), v1::JOB_STATE_SUCCEEDED);
  const auto second = Search(request);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(second.data_version().generation(), first.data_version().generation());
  Serve();
  Search(request);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(status_), "PAGE_TOKEN_EXPIRED");
}

}  // namespace
}  // namespace halqa::services
