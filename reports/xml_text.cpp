// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/xml_text.hpp"

#include <cstdint>

namespace rig::reports {
namespace {

struct Character {
    std::size_t length = 0;  ///< 0: the bytes here are no UTF-8
    std::uint32_t code = 0;
};

/// The first character of `bytes`, as utf8_length.
Character first_character(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::uint8_t lead = at(0);
    if (lead < 0x80) return {1, lead};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) return {};
    std::uint32_t code = lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xC0) != 0x80) return {};
        code = code << 6 | (at(i) & 0x3Fu);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < smallest[length] || code > 0x10FFFF || surrogate) return {};
    return {length, code};
}

bool fits_xml(std::uint32_t code) {
    if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
    return code != 0xFFFE && code != 0xFFFF;
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
    return first_character(bytes).length;
}

std::string xml_text(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto character = first_character(bytes);
        if (character.length == 0) {
            text += "\xEF\xBF\xBD";
            bytes.remove_prefix(1);
            continue;
        }
        if (fits_xml(character.code)) text += bytes.substr(0, character.length);
        bytes.remove_prefix(character.length);
    }
    return text;
}

}  // namespace rig::reports
