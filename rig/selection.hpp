// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "rig/lua/declaration.hpp"

namespace rig {

/// Which tests the command line asks for.
struct Selection {
    std::string filter;               ///< regular expression found in the name; empty: any
    std::vector<std::string> tags;    ///< has one of these
    std::vector<std::string> proves;  ///< lists one of these

    /// Throws UsageError when the regular expression is none.
    void check() const;

    /// Tests tagged `long` are wanted only by that tag.
    bool wants(const TestDeclaration& test) const;

    /// Would want the test if it were not tagged `long`.
    bool wants_but_for_length(const TestDeclaration& test) const;
};

}  // namespace rig
