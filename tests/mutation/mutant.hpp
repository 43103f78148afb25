// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace rig::mutation {

/// One small change of one source file.
struct Mutant {
    std::string file;  ///< from the project's root
    std::string kind;  ///< "comparison turned", ...
    std::size_t at = 0, length = 0;
    std::string replacement;

    int line = 0;               ///< from 1
    std::string before, after;  ///< that line, or the statement's first
    std::string made_from;      ///< a fingerprint of the file that it was made from

    std::string applied_to(const std::string& source) const;

    /// Names it among all others of the same source.
    std::string name() const;
};

/// Every change that this tool makes of `source`, in the order of the text: comparisons turned and
/// shifted, constants off by one, signs flipped, negations dropped, calls and assignments dropped,
/// conditions negated, "and" for "or". Few of them do not compile.
std::vector<Mutant> mutants_of(const std::string& file, const std::string& source);

}  // namespace rig::mutation
