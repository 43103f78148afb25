// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace rig::reports {

inline std::string contents(const std::filesystem::path& file) {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

/// What tests/golden/ expects. With RIG_WRITE_GOLDEN set in the environment,
/// `found` becomes what is expected: then read the difference before committing it.
inline std::string golden(const std::string& name, const std::string& found) {
    const auto file = std::filesystem::path{RIG_TESTS_FOLDER} / "golden" / name;
    if (std::getenv("RIG_WRITE_GOLDEN") != nullptr) std::ofstream{file} << found;
    return contents(file);
}

}  // namespace rig::reports
