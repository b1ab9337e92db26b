// What every file of services/ and every program that speaks gRPC parses.
#include "cmake/pch.h"

#include <grpcpp/grpcpp.h>

#include "halqa/v1/admin_service.grpc.pb.h"
#include "halqa/v1/common.pb.h"
#include "halqa/v1/discovery_service.grpc.pb.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "halqa/v1/job_service.grpc.pb.h"
