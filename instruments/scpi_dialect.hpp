// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "instruments/clock.hpp"

namespace rig {

/// A multi-channel supply's commands, as data: what differs between two makers
/// who both speak SCPI. In the texts {ch} is a channel's number, {value} a number
/// in the instrument's unit, {channels} a comma list of numbers.
struct ScpiDialect {
    /// A quantity that can be set, read back and measured. An empty `set`: no such thing.
    struct Setting {
        std::string set, ask;      ///< "SOUR{ch}:VOLT {value}", "SOUR{ch}:VOLT?"
        std::string measure;       ///< "MEAS:VOLT? (@{channels})": one query for many, or "…{ch}…"
        double unit = 1.0;         ///< 0.001: the instrument's numbers are mV or mA
        int decimals = 4;          ///< of the numbers it is sent
        double tolerance = 0.0;    ///< SI: a setpoint read back this near is the one asked for
        bool sign_varies = false;  ///< units of one age want it negative, of another positive
    };

    /// Something brought into a state and verified. An empty `set`: no such thing.
    struct Step {
        std::string set, ask, answer;
        int first_bit =
            -1;  ///< channel 1's bit in a sum of bits, channel 2's is the next; -1: all of it counts
    };

    /// What switches a channel off by itself. A protection without a level trips at the setpoint.
    struct Protection {
        Setting level;
        Step enable;
        Step tripped;  ///< only `ask` and `answer`
        std::string clear;

        bool there() const { return !level.set.empty() || !enable.set.empty(); }
    };

    /// Switches every output off after silence on the link.
    struct Watchdog {
        std::string set, ask;  ///< seconds
        Step enable;
        int most_s = 0;
    };

    /// How its lines are framed on the wire.
    struct Framing {
        std::string line_end = "\n";
        std::string prefix;   ///< before each line; {id} is the unit's number on a shared line
        Nanoseconds pause{};  ///< after what is no query
    };

    std::string name;      ///< "ngi-n83624"
    std::string identity;  ///< what the answer to *IDN? must contain
    int channels = 1;
    Nanoseconds answer_within{500'000'000};
    Nanoseconds switched_within{500'000'000};  ///< until the output's state follows a switch command
    Nanoseconds
        falls_within{};        ///< until an unloaded output has fallen to what was set; 0: it follows at once
    bool main_switch = false;  ///< switching one channel on lets through any other that was left on
    Framing framing;

    Step off, on, mode, range;
    Setting voltage, current;
    Setting sink;  ///< what it may take, where that is set apart from what it may deliver
    Protection over_voltage, over_current;
    Watchdog watchdog;
    bool sinks = false;

    Step limiting;                    ///< only `ask` and `answer`: whether the current is at its limit
    std::string status;               ///< "OUTP{ch}:STAT?", a sum of bits; empty: none
    std::vector<std::string> alarms;  ///< what bit 0, 1, … of the status say; "": nothing that matters
    std::string errors;               ///< "SYST:ERR?"; empty: the instrument keeps no error queue
};

}  // namespace rig
