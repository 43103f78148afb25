// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/drivers/turn_taking.hpp"
#include "instruments/io_board.hpp"

namespace rig {

/// A Numato board of relays, digital lines and analogue inputs on a USB serial line. It echoes what
/// it hears; its answer ends where its prompt begins. Calls read back, or throw InstrumentError.
class NumatoBoard : public IoBoard {
public:
    /// Leaves its `relays` relays verified off. `full_scale`: of its analogue inputs.
    NumatoBoard(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name, int relays,
                Volts full_scale = Volts{5.0});
    ~NumatoBoard() override;

    DigitalOutput& relay(int number) override;
    DigitalInput& watch_line(int number, bool active_low) override;
    DigitalInput& watch_analogue(int number, Volts above, bool active_low) override;

    /// Asked now, whoever's turn it is.
    bool gpio(int number);
    Volts adc(int number);

    OffSequence off_sequence() const override;
    int descriptor() const override { return line_.descriptor(); }

private:
    class Relay;
    class Input;

    std::string ask(const std::string& word);
    std::string told(const std::string& word, const std::string& answer) const;
    bool level(const std::string& query, const std::string& answer) const;
    Volts voltage(const std::string& query, const std::string& answer) const;
    DigitalInput& watch(std::unique_ptr<Input> input);
    void next_turn(Nanoseconds pause);
    void give_turn();

    TurnTaking line_;
    std::deque<Relay> relays_;
    std::deque<std::unique_ptr<Input>> inputs_;  ///< whose turn is next comes first
    Volts full_scale_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace rig
