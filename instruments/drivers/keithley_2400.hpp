// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/source_meter.hpp"

namespace rig {

/// A Keithley 2400 SourceMeter over RS-232 (57600 or 9600 baud, LF), in SCPI.
/// With the output on, a source that sits at its compliance is an error: what
/// was asked for is not what flows.
class Keithley2400 : public SourceMeter {
public:
    /// Identifies the instrument and leaves its output verified off.
    Keithley2400(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name);
    ~Keithley2400() override;

    InstrumentIdentity identity() const override;

    void source_current(Amperes target, Volts compliance) override;
    void source_voltage(Volts target, Amperes compliance) override;
    Reply<Volts> measure_voltage() override;
    Reply<Amperes> measure_current() override;
    void output_on() override;
    void output_off() override;
    OffSequence off_sequence() const override;
    int descriptor() const override;

    /// True while the compliance bounds the output.
    bool at_compliance();

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

}  // namespace rig
