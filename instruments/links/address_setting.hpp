// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "instruments/links/link_address.hpp"

namespace rig {

/// What a setting may say, and what that means.
template <class Value>
using Words = std::vector<std::pair<std::string_view, Value>>;

template <class Value>
std::string all_of(const Words<Value>& words) {
    std::string list;
    for (const auto& [word, value] : words)
        list.append(list.empty() ? "" : ", ").append(word);
    return list;
}

/// One setting behind an address's question mark: takes what it knows, or throws LinkTextError.
class AddressSetting {
public:
    AddressSetting(std::string_view name, std::string_view value) : name_(name), value_(value) {}

    template <class Number>
    void take(Number& number, Number least, Number most) const {
        const auto end = value_.data() + value_.size();
        const auto [rest, error] = std::from_chars(value_.data(), end, number);
        // Written so that a number that is none is refused too.
        if (error != std::errc{} || rest != end || !(number >= least && number <= most))
            refuse(fmt::format("{}={} to {}", name_, least, most));
    }

    template <class Value>
    void take(Value& choice, const Words<Value>& words) const {
        const auto found =
            std::find_if(words.begin(), words.end(), [&](const auto& word) { return word.first == value_; });
        if (found == words.end()) refuse(fmt::format("{}=, one of: {}", name_, all_of(words)));
        choice = found->second;
    }

    std::string_view name() const { return name_; }
    std::string_view value() const { return value_; }

    [[noreturn]] void refuse_name(const std::string& known) const {
        throw LinkTextError(fmt::format("has no setting {}", name_), known);
    }

private:
    [[noreturn]] void refuse(const std::string& allowed) const {
        throw LinkTextError(fmt::format("cannot have {}={}", name_, value_), allowed);
    }

    std::string_view name_, value_;
};

/// Hands on each setting of "baud=9600&bits=8"; `known` is what messages say there could be.
template <class Take>
void each_setting(std::string_view text, const std::string& known, Take take) {
    while (!text.empty()) {
        const auto part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        const auto equals = part.find('=');
        if (equals == std::string_view::npos)
            throw LinkTextError(fmt::format("has the setting {} without a value", part), known);
        take(AddressSetting(part.substr(0, equals), part.substr(equals + 1)));
    }
}

}  // namespace rig
