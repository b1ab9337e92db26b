#pragma once

#include "engine/runtime/admin.h"
#include "halqa/v1/admin_service.pb.h"

namespace halqa::services {

void ToProto(const runtime::BackupInfo& info, v1::Backup* out);
void ToProto(const runtime::GraphStatus& status, v1::GetGraphStatusResponse* out);

}  // namespace halqa::services
