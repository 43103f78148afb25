// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/digital_line.hpp"
#include "instruments/drivers/turn_taking.hpp"
#include "instruments/off_sequence.hpp"
#include "instruments/quantity.hpp"

namespace rig {

/// A Numato board of relays, digital lines and analogue inputs on a USB serial line. It echoes what
/// it hears; its answer ends where its prompt begins. Calls read back, or throw InstrumentError.
class NumatoBoard : public Guarded {
public:
    /// Leaves its `relays` relays verified off. `full_scale`: of its analogue inputs.
    NumatoBoard(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name, int relays,
                Volts full_scale = Volts{5.0});
    ~NumatoBoard() override;

    /// From 0.
    DigitalOutput& relay(int number);
    bool gpio(int number);
    Volts adc(int number);

    OffSequence off_sequence() const override;
    int descriptor() const override { return line_.descriptor(); }

private:
    class Relay;

    std::string ask(const std::string& word);

    TurnTaking line_;
    std::deque<Relay> relays_;
    Volts full_scale_;
};

}  // namespace rig
