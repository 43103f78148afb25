// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/results.hpp"

namespace rig::reports {

/// One run with all that is known of it: values as numbers for programs, and in
/// the words of the other reports for people. Bytes that are no UTF-8 become U+FFFD.
nlohmann::ordered_json json_of(const Results& results);

std::string json_text(const Results& results);

}  // namespace rig::reports
