#pragma once

#include "engine/base/records.h"

namespace halqa::ingest {

// One profile from two of the same account. The one with the newer collected_at (the second where
// that does not tell) wins field by field; what it does not know is kept from the other. expires_at
// is that of the first (an update never prolongs it).
AccountRecord MergeProfiles(const AccountRecord& first, const AccountRecord& second);

}  // namespace halqa::ingest
