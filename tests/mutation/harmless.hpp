// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>

#include "tests/mutation/mutant.hpp"

namespace rig::mutation {

/// Mutants that change an image and cannot change what a board does, each with the reason: they count neither
/// way.
class HarmlessList {
public:
    /// From harmless.toml. Throws DefectError naming file and line for a key that is missing, unknown or
    /// empty, and for an entry whose line is not in the project any more, or there more than once.
    static HarmlessList read(const std::filesystem::path& file, const std::filesystem::path& project);

    /// Why it cannot matter; empty when it is not in the list.
    std::string reason(const Mutant& mutant) const;

private:
    using Key = std::tuple<std::string, std::string, std::string>;  // file, line before, line after
    std::map<Key, std::string> reasons_;
};

}  // namespace rig::mutation
