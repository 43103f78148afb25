// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rig/trace/defect_list.hpp"

namespace rig::defects {

/// A short text that differs where what was added differs: to tell old results from current ones,
/// no safeguard against forgery.
class Fingerprint {
public:
    /// Keeps parts apart: "ab", "c" is not "a", "bc".
    Fingerprint& add(std::string_view part);
    Fingerprint& add_file(const std::filesystem::path& file);

    std::string text() const;

private:
    std::uint64_t hash_ = 0xcbf29ce484222325U;  // FNV-1a
};

/// C++ without its comments and line breaks: what is left can change an image.
std::string bare_source(const std::string& source);

/// The project as it is now, as far as it decides whether a check notices a defect.
class ProjectState {
public:
    explicit ProjectState(std::filesystem::path root) : root_(std::move(root)) {}

    std::string of(const Defect& defect) const;

    /// All sources of the images, comments aside.
    std::string firmware() const;

    /// A fixture file and a profile's limits, and the files that these build on.
    std::string bench(const std::string& fixture, const std::string& profile) const;

    /// Some scripts, as reports name them, and the library; all acceptance scripts when none is named.
    std::string scripts(const std::vector<std::string>& names) const;

private:
    std::filesystem::path root_;
    mutable std::string firmware_;  ///< remembered: it takes a hundred files
    mutable std::map<std::vector<std::string>, std::string> scripts_;
};

}  // namespace rig::defects
