// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/numato_board.hpp"

#include <fmt/format.h>

#include <optional>
#include <sstream>
#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds thinks_for{3'000'000};

std::optional<std::size_t> number_of(const std::string& text, std::size_t most) {
    if (text.size() != 1) return std::nullopt;
    const char c = text.front();
    const int number = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'V' ? c - 'A' + 10 : -1;
    if (number < 0 || static_cast<std::size_t>(number) >= most) return std::nullopt;
    return static_cast<std::size_t>(number);
}

}  // namespace

NumatoBoardTwin::NumatoBoardTwin(Clock& clock, std::unique_ptr<ByteLink> link, int its_relays)
    : relays(static_cast<std::size_t>(its_relays)),
      analogue_counts(8),
      clock_(clock),
      link_(std::move(link)) {
    link_->on_receive([this](std::string_view bytes) { receive(bytes); });
}

NumatoBoardTwin::~NumatoBoardTwin() {
    link_->on_receive(nullptr);
}

void NumatoBoardTwin::receive(std::string_view bytes) {
    for (const char byte : bytes) {
        if (byte != '\r') {
            link_->send(std::string_view(&byte, 1));
            unfinished_ += byte;
            continue;
        }
        clock_.at(clock_.now() + thinks_for,
                  [alive = std::weak_ptr(alive_), this, word = std::exchange(unfinished_, {})] {
                      if (alive.expired()) return;
                      const auto text = answer(word);
                      link_->send("\n\r" + (text.empty() ? "" : text + "\n\r") + ">");
                  });
    }
}

std::string NumatoBoardTwin::answer(const std::string& word) {
    std::istringstream words(word);
    std::string what, verb, which;
    words >> what >> verb >> which;
    if (what == "relay" && verb == "readall") {
        unsigned bits = 0;
        for (std::size_t i = 0; i < relays.size(); ++i)
            bits |= static_cast<unsigned>(relays[i]) << i;
        return fmt::format("{:0{}x}", bits, (relays.size() + 3) / 4);
    }
    if (what == "relay") {
        const auto relay = number_of(which, relays.size());
        if (!relay) return {};
        if (verb == "on" || verb == "off") {
            relays[*relay] = verb == "on";
            if (after_switching) after_switching();
        }
        if (verb == "read") return relays[*relay] ? "on" : "off";
    }
    if (verb == "read" && before_reading) before_reading();
    if (what == "gpio" && verb == "read")
        if (const auto line = number_of(which, 16)) return lines >> *line & 1u ? "1" : "0";
    if (what == "adc" && verb == "read")
        if (const auto input = number_of(which, analogue_counts.size()))
            return std::to_string(analogue_counts[*input]);
    return {};
}

}  // namespace rig
