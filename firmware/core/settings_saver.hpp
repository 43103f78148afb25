// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firmware/core/settings.hpp"
#include "firmware/core/two_copies.hpp"

namespace bms {

using SavedSettings = SavedCopies<StoredSettings>;
using SettingsSaver = CopySaver<StoredSettings>;

}  // namespace bms
