// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "instruments/cell_supply.hpp"

namespace rig {

/// A face of another channel that passes everything on: what only minds or notes some calls derives from it,
/// so that no call is lost on the way.
class SupplyFace : public CellSupply {
public:
    explicit SupplyFace(CellSupply& channel) : channel_(channel) {}

    void set_voltage(Volts target) override { channel_.set_voltage(target); }
    void set_current_limit(Amperes limit) override { channel_.set_current_limit(limit); }
    Reply<Volts> measure_voltage() override { return channel_.measure_voltage(); }
    Reply<Amperes> measure_current() override { return channel_.measure_current(); }
    void output_on() override { channel_.output_on(); }
    void output_off() override { channel_.output_off(); }
    SupplyAbilities abilities() const override { return channel_.abilities(); }
    void protect_above(Volts level) override { channel_.protect_above(level); }
    void protect_above(Amperes level) override { channel_.protect_above(level); }
    std::vector<std::string> alarms() override { return channel_.alarms(); }
    void clear_alarms() override { channel_.clear_alarms(); }
    std::vector<std::string> errors() override { return channel_.errors(); }
    void arm_watchdog(Nanoseconds silence) override { channel_.arm_watchdog(silence); }

    CellSupply& channel() const { return channel_; }

private:
    CellSupply& channel_;
};

}  // namespace rig
