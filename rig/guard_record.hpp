// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace rig {

/// What the guard of one fixture's bench wrote down and nobody has told anybody yet.
class GuardRecord {
public:
    GuardRecord() = default;  ///< there is no guard, and never a word

    /// In `folder`; another fixture file of the same name has another one.
    GuardRecord(const std::filesystem::path& folder, const std::filesystem::path& fixture);

    const std::filesystem::path& file() const { return file_; }

    /// Empty: nothing.
    std::string words() const;

    /// The words, which are gone then.
    std::string take() const;

    /// What to tell before anything is done with the bench that an earlier rig left behind; empty: nothing.
    std::string left_behind() const;

private:
    std::filesystem::path file_;
};

}  // namespace rig
