// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/scpi_twin.hpp"

namespace rig {

/// What a Keithley 2400 would answer, over RS-232. ±1.05 A up to 21 V or
/// ±105 mA up to 210 V; what lies beyond is refused (-222, +826) and changes
/// nothing. Changing the source function switches the output off; a reading
/// with the output off is refused (+803) and gives no answer.
class Keithley2400Twin : public ScpiTwin {
public:
    /// `seed` draws this unit's errors, within a third of its one-year accuracy.
    Keithley2400Twin(Clock& clock, std::unique_ptr<ByteLink> link, Terminals& terminals, std::uint64_t seed);

private:
    void reset() override;
    void add_source_commands();
    void add_sense_commands();
    void drive();
    void set_source(double value, bool current);
    void set_compliance(double value, bool of_voltage);
    bool tripped() const;
    std::string reading() const;

    Terminals& terminals_;
    bool on_ = false;
    bool sources_current_ = false;
    double volts_ = 0.0, amperes_ = 0.0;  ///< setpoints
    double volts_compliance_ = 0.0, amperes_compliance_ = 0.0;
    bool concurrent_ = true;
    std::set<std::string> measured_;  ///< of "VOLT", "CURR"
    std::vector<std::string> elements_;

    // This unit's errors as parts of the data sheet's bound.
    double source_gain_ = 0.0, source_offset_ = 0.0, read_gain_ = 0.0, read_offset_ = 0.0;
};

}  // namespace rig
