// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"

namespace rig {

/// What a Numato board would answer: it echoes each byte, and its answer ends in a prompt without
/// a line end. What it does not know it passes over, prompt and all the rest as ever.
class NumatoBoardTwin {
public:
    NumatoBoardTwin(Clock& clock, std::unique_ptr<ByteLink> link, int relays);
    ~NumatoBoardTwin();

    std::vector<bool> relays;
    std::uint16_t lines = 0;           ///< what the digital lines stand at, bit by bit
    std::vector<int> analogue_counts;  ///< 0 to 1023

    /// What stands at its terminals: called before inputs are read, and after a relay has switched.
    std::function<void()> before_reading, after_switching;

private:
    void receive(std::string_view bytes);
    std::string answer(const std::string& word);

    Clock& clock_;
    std::unique_ptr<ByteLink> link_;
    std::string unfinished_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace rig
