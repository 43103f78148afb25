// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/bench.hpp"
#include "fixtures/fixture.hpp"
#include "instruments/digital_line.hpp"
#include "rig/instrument_kinds.hpp"
#include "rig/rack.hpp"

namespace rig {

/// A bench's digital lines that are no part of its boards: opened one by one as the fixture has them, and put
/// where scripts find them.
class Wiring {
public:
    /// How GPIO lines are opened: outputs may be somebody else's to drive.
    using OpenInput =
        std::function<std::unique_ptr<DigitalInput>(const std::string& signal, const LineAddress&)>;
    using OpenOutput =
        std::function<std::unique_ptr<DigitalOutput>(const std::string& signal, const LineAddress&)>;

    /// Where it is asked to, it goes on after a line that does not open, and says so there.
    Wiring(Bench& bench, const Fixture& fixture, NotOpened* not_opened);
    ~Wiring();

    /// Hears of each board once it is open and its relays are verified off. To be set first.
    void on_opened(HandOver hand_over) { hand_over_ = std::move(hand_over); }

    /// The boards, and what the fixture has on them.
    void add_boards(const std::function<Connection(const IoBoardKind&, const std::string& name,
                                                   const Fixture::IoBoard&)>& connect);

    void add_gpio(const OpenInput& open_input, const OpenOutput& open_output);

    /// All outputs inactive; safe to repeat. Throws InstrumentError naming those that are not confirmed so.
    void release();

private:
    void add_to(IoBoard& board, const std::string& signal, const LineAddress& line);
    void add_output(const std::string& signal, DigitalOutput& output);

    Bench& bench_;
    const Fixture& fixture_;
    NotOpened* not_opened_;
    HandOver hand_over_;
    std::vector<std::unique_ptr<IoBoard>> boards_;
    std::vector<std::unique_ptr<DigitalInput>> inputs_;
    std::vector<std::unique_ptr<DigitalOutput>> outputs_;
    std::vector<DigitalOutput*> driven_;
};

/// take_down, and the wiring released last, whatever became of the rest.
void take_down_with(Bench& bench, Wiring& wiring);

}  // namespace rig
