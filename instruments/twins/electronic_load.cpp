// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/electronic_load.hpp"

#include <fmt/format.h>

#include <utility>

#include "instruments/twins/spread.hpp"

namespace rig {
namespace {

constexpr Nanoseconds command_time{5'000'000};
constexpr double gain_error = 0.0005, offset_error_a = 0.002;
constexpr Volts most_volts{150.0};

}  // namespace

ElectronicLoadTwin::ElectronicLoadTwin(Clock& clock, std::unique_ptr<ByteLink> link, Terminals& terminals,
                                       std::uint64_t seed, Model model)
    : ScpiTwin(clock, std::move(link),
               model == Model::rigol_dl3021 ? "RIGOL TECHNOLOGIES,DL3021,DL3A000000001,00.01.05"
                                            : "Siglent Technologies,SDL1020X,SDL13AAA000001,1.1.1.21",
               command_time),
      terminals_(terminals),
      most_amperes_(model == Model::rigol_dl3021 ? 40.0 : 30.0) {
    Spread spread(seed);
    gain_ = 1.0 + gain_error / 3 * spread.next();
    offset_ = offset_error_a / 3 * spread.next();
    const bool rigol = model == Model::rigol_dl3021;
    on_command("[SOURce1:]FUNCtion", [this](const Call& call) {
        if (on_) throw ScpiFault{-221, "Settings conflict"};
        const auto& word = call.word();
        for (const char* known : {"CURR", "VOLT", "RES", "POW"})
            if (word.starts_with(known)) {
                function_ = known;
                return;
            }
        throw ScpiFault{-224, "Illegal parameter value"};
    });
    on_query("[SOURce1:]FUNCtion", [this, rigol](const Call&) {
        if (!rigol) return function_ + (function_ == "CURR" ? "ENT" : "");
        return std::string(function_ == "CURR"   ? "CC"
                           : function_ == "VOLT" ? "CV"
                           : function_ == "RES"  ? "CR"
                                                 : "CP");
    });
    on_command("[SOURce1:]CURRent[:LEVel][:IMMediate][:AMPLitude]", [this](const Call& call) {
        if (call.number() < 0 || call.number() > most_amperes_) throw ScpiFault{-222, "Data out of range"};
        amperes_ = call.number();
        drive();
    });
    on_query("[SOURce1:]CURRent[:LEVel][:IMMediate][:AMPLitude]",
             [this](const Call&) { return fmt::format("{:.3f}", amperes_); });
    // The Siglent knows its input by the long word alone.
    const std::string input = rigol ? "[SOURce1:]INPut[:STATe]" : "[SOURce1:]INPUT[:STATE]";
    on_command(input, [this](const Call& call) {
        on_ = call.on_off();
        drive();
    });
    on_query(input, [this](const Call&) { return std::string(on_ ? "1" : "0"); });
    on_query("MEASure:VOLTage[:DC]",
             [this](const Call&) { return fmt::format("{:.4f}", terminals_.voltage().value); });
    on_query("MEASure:CURRent[:DC]", [this](const Call&) {
        return fmt::format("{:.4f}", on_ ? -terminals_.current().value * gain_ + offset_ : 0.0);
    });
}

// It can only take: from terminals without a voltage nothing flows.
void ElectronicLoadTwin::drive() {
    Terminals::Drive drive;
    if (on_ && function_ == "CURR" && amperes_ > 0)
        drive = {Terminals::Drive::Mode::current, most_volts, Amperes{-(amperes_ * gain_ + offset_)}};
    terminals_.drive(drive);
}

void ElectronicLoadTwin::reset() {
    on_ = false;
    function_ = "VOLT";
    amperes_ = 0.0;
    drive();
}

}  // namespace rig
