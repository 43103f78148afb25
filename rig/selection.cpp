// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "rig/project_folder.hpp"

namespace rig {

namespace {

bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::find_first_of(a.begin(), a.end(), b.begin(), b.end()) != a.end();
}

bool has(const std::vector<std::string>& all, const char* one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

void Selection::check() const {
    try {
        const std::regex tried(filter);
    } catch (const std::regex_error& error) {
        throw UsageError(
            fmt::format("--filter {}: not a regular expression ({})\n  try     a backslash before a "
                        "character that shall stand for itself",
                        filter, error.what()));
    }
}

bool Selection::wants_but_for_length(const TestDeclaration& test) const {
    if (!filter.empty() && !std::regex_search(test.name, std::regex(filter))) return false;
    if (!tags.empty() && !share_one(test.tags, tags)) return false;
    return proves.empty() || share_one(test.proves, proves);
}

bool Selection::wants(const TestDeclaration& test) const {
    if (has(test.tags, "long") && !has(tags, "long")) return false;
    return wants_but_for_length(test);
}

}  // namespace rig
