// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/off_sequence.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace rig {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<std::uint32_t> whole_number(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return number;
}

Confirmation line_says(const OffSequence::Answer& answer, std::string_view heard) {
    const auto end = heard.find_last_of('\n');
    if (end == std::string_view::npos) return Confirmation::incomplete;
    heard = heard.substr(0, end);
    const auto before = heard.find_last_of('\n');
    const auto line = trimmed(before == std::string_view::npos ? heard : heard.substr(before + 1));
    if (answer.bits != 0) {
        const auto number = whole_number(line);
        return number && (*number & answer.bits) == answer.off ? Confirmation::confirmed
                                                               : Confirmation::another;
    }
    const bool one_of_them = std::find(answer.lines.begin(), answer.lines.end(), line) != answer.lines.end();
    return one_of_them ? Confirmation::confirmed : Confirmation::another;
}

Confirmation bytes_say(const OffSequence::Answer& answer, std::string_view heard) {
    if (heard.size() < answer.bytes.size()) return Confirmation::incomplete;
    heard = heard.substr(heard.size() - answer.bytes.size());
    for (std::size_t i = 0; i < heard.size(); ++i)
        if ((heard[i] & answer.mask[i]) != (answer.bytes[i] & answer.mask[i])) return Confirmation::another;
    return Confirmation::confirmed;
}

}  // namespace

OffSequence::Answer OffSequence::Answer::exactly(const std::string& bytes, Nanoseconds within) {
    Answer answer;
    answer.kind = Kind::bytes;
    answer.bytes = bytes;
    answer.mask = std::string(bytes.size(), '\xff');
    answer.within = within;
    return answer;
}

Confirmation confirmation(const OffSequence::Answer& answer, std::string_view heard) {
    switch (answer.kind) {
        case OffSequence::Answer::Kind::line:
            return line_says(answer, heard);
        case OffSequence::Answer::Kind::bytes:
            return bytes_say(answer, heard);
        case OffSequence::Answer::Kind::none:
            break;
    }
    return Confirmation::confirmed;
}

}  // namespace rig
