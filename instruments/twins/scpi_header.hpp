// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace rig {

/// A command's header as a manual prints it, "SOURce#:VOLTage[:LEVel]": capitals
/// are the short form, '#' a numeric suffix, '1' a suffix that may only be 1,
/// brackets a node that may be left out.
class ScpiHeader {
public:
    explicit ScpiHeader(const std::string& pattern);

    /// True when `words` (upper case, without colons) are this header; then
    /// `suffixes` holds one number per '#', 1 where none was sent.
    bool match(const std::vector<std::string>& words, std::vector<int>& suffixes) const;

private:
    struct Node {
        enum class Suffix { none, number, only_1 };

        std::string short_form, long_form;
        Suffix suffix = Suffix::none;
        bool optional = false;

        std::optional<int> match(const std::string& word) const;
    };

    bool match_from(const std::vector<std::string>& words, std::size_t word, std::size_t node,
                    std::vector<int>& suffixes) const;

    std::vector<Node> nodes_;
};

}  // namespace rig
