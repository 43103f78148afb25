// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "reports/store.hpp"

namespace rig::reports {

/// Stores a small run with one of everything: tests passed, failed, in error,
/// skipped and cut short, a second attempt, claims, measurements. Its number.
int store_sample_run(Store& store);

}  // namespace rig::reports
