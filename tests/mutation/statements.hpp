// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "tests/mutation/tokens.hpp"

namespace rig::mutation {

/// A statement inside a function that a program still compiles without: from its first token to the
/// semicolon.
struct Statement {
    enum class Kind { call, assignment };

    Kind kind;
    std::size_t first, last;  ///< token numbers; `last` is the semicolon
};

std::vector<Statement> droppable_statements(const std::vector<Token>& tokens);

/// The number of the token that closes the bracket `open`; tokens.size() when none does.
std::size_t closing(const std::vector<Token>& tokens, std::size_t open);

}  // namespace rig::mutation
