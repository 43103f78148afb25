// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/guard_record.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <sstream>

namespace rig {

namespace {

namespace fs = std::filesystem;

/// The same for all ways to one file, and in every build.
std::uint32_t number_of(const fs::path& fixture) {
    std::error_code none;
    std::uint32_t hash = 0x811c9dc5U;  // FNV-1a
    for (const char c : fs::weakly_canonical(fs::absolute(fixture), none).string())
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
    return hash;
}

}  // namespace

GuardRecord::GuardRecord(const fs::path& folder, const fs::path& fixture)
    : file_(fs::absolute(folder) /
            fmt::format("guard-{}-{:08x}.txt", fixture.stem().string(), number_of(fixture))) {
}

std::string GuardRecord::words() const {
    std::ostringstream words;
    if (!file_.empty()) words << std::ifstream(file_).rdbuf();
    return words.str();
}

std::string GuardRecord::take() const {
    const std::string taken = words();
    std::error_code none;
    if (!taken.empty()) fs::remove(file_, none);
    return taken;
}

std::string GuardRecord::left_behind() const {
    const std::string left = words();
    if (left.empty()) return left;
    std::string text = "an earlier rig did not switch this bench off; its guard, beginning at\n" + left;
    if (left.find("NOT confirmed off") != std::string::npos)
        text += "  try     switch those off by hand before anybody touches the bench\n";
    return text;
}

}  // namespace rig
