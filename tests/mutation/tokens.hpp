// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rig::mutation {

/// A piece of C++ as a compiler's first pass sees it, and where it stands.
struct Token {
    enum class Kind { word, number, literal, mark };

    Kind kind;
    std::string_view text;
    std::size_t at;                  ///< in the source
    bool space_before, space_after;  ///< or a line's end, or a comment

    bool is(std::string_view other) const { return text == other; }
    std::size_t end() const { return at + text.size(); }
};

/// Without comments and preprocessor lines. The tokens refer to `source`.
std::vector<Token> tokens_of(std::string_view source);

}  // namespace rig::mutation
