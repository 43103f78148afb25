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
    /// A quantity that can be set, read back and measured.
    struct Setting {
        std::string set, ask;    ///< "SOUR{ch}:VOLT {value}", "SOUR{ch}:VOLT?"
        std::string measure;     ///< "MEAS:VOLT? (@{channels})": one query for many, or "…{ch}…"
        double unit = 1.0;       ///< 0.001: the instrument's numbers are mV or mA
        int decimals = 4;        ///< of the numbers it is sent
        double tolerance = 0.0;  ///< SI: a setpoint read back this near is the one asked for
    };

    /// Something brought into a state and verified. An empty `set`: no such thing.
    struct Step {
        std::string set, ask, answer;
    };

    std::string name;      ///< "ngi-n83624"
    std::string identity;  ///< what the answer to *IDN? must contain
    int channels = 1;
    Nanoseconds answer_within{500'000'000};
    Nanoseconds switched_within{500'000'000};  ///< until the output's state follows a switch command

    Step off, on, mode, range;
    Setting voltage, current;

    std::string status;               ///< "OUTP{ch}:STAT?", a sum of bits; empty: none
    std::vector<std::string> alarms;  ///< what bit 0, 1, … of the status say
    std::string errors;               ///< "SYST:ERR?"; empty: the instrument keeps no error queue
};

}  // namespace rig
