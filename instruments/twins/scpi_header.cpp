// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/scpi_header.hpp"

#include <cctype>
#include <utility>

namespace rig {

ScpiHeader::ScpiHeader(const std::string& pattern) {
    bool optional = false, ended = true;
    for (const char letter : pattern) {
        if (letter == '[' || letter == ']') {
            optional = letter == '[';
            ended = true;
        } else if (letter == ':') {
            ended = true;
        } else {
            if (std::exchange(ended, false)) nodes_.emplace_back().optional = optional;
            auto& node = nodes_.back();
            if (letter == '#' || letter == '1') {
                node.suffix = letter == '#' ? Node::Suffix::number : Node::Suffix::only_1;
                continue;
            }
            node.long_form += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
            if (!std::islower(static_cast<unsigned char>(letter))) node.short_form += letter;
        }
    }
}

bool ScpiHeader::match(const std::vector<std::string>& words, std::vector<int>& suffixes) const {
    suffixes.clear();
    return match_from(words, 0, 0, suffixes);
}

bool ScpiHeader::match_from(const std::vector<std::string>& words, std::size_t word, std::size_t node,
                            std::vector<int>& suffixes) const {
    if (node == nodes_.size()) return word == words.size();
    if (word < words.size()) {
        if (const auto suffix = nodes_[node].match(words[word])) {
            const auto before = suffixes.size();
            if (nodes_[node].suffix == Node::Suffix::number) suffixes.push_back(*suffix);
            if (match_from(words, word + 1, node + 1, suffixes)) return true;
            suffixes.resize(before);
        }
    }
    return nodes_[node].optional && match_from(words, word, node + 1, suffixes);
}

/// The suffix when `word` is this node, 1 where it has none.
std::optional<int> ScpiHeader::Node::match(const std::string& word) const {
    auto digits = word.size();
    while (digits > 0 && std::isdigit(static_cast<unsigned char>(word[digits - 1])))
        --digits;
    const auto letters = word.substr(0, digits);
    if (letters != short_form && letters != long_form) return std::nullopt;
    if (digits == word.size()) return 1;
    if (suffix == Suffix::none || word.size() - digits > 3) return std::nullopt;
    const int number = std::stoi(word.substr(digits));
    if (suffix == Suffix::only_1 && number != 1) return std::nullopt;
    return number;
}

}  // namespace rig
