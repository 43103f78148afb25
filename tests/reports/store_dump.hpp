// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace rig::reports {

/// Every row of every table but `runs`, in key order, as text that a failed
/// comparison can show. Equal stores dump equally.
std::string dump_tables(const std::filesystem::path& store);

}  // namespace rig::reports
