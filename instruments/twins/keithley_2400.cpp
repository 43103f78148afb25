// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/keithley_2400.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

#include "instruments/twins/spread.hpp"

namespace rig {
namespace {

constexpr Nanoseconds command_time{3'000'000};
constexpr Nanoseconds reading_time{66'000'000};  ///< both functions at 1 power line cycle, zero corrected

constexpr double most_amperes = 1.05, most_amperes_high = 0.105;
constexpr double most_volts = 21.0, most_volts_high = 210.0;
constexpr double not_measured = 9.91e37, overflow = 9.9e37;

/// One range of the data sheet: up to `full` (+5 %), in steps, with the one-year
/// accuracies ±(relative + offset) of sourcing and measuring.
struct Range {
    double full, step, source_relative, source_offset, measure_relative, measure_offset;
};

constexpr std::array<Range, 4> volt_ranges{{{0.2, 5e-6, 2e-4, 600e-6, 1.2e-4, 300e-6},
                                            {2.0, 50e-6, 2e-4, 600e-6, 1.2e-4, 300e-6},
                                            {20.0, 500e-6, 2e-4, 2.4e-3, 1.5e-4, 1.5e-3},
                                            {200.0, 5e-3, 2e-4, 24e-3, 1.5e-4, 10e-3}}};

constexpr std::array<Range, 7> ampere_ranges{{{1e-6, 50e-12, 3.5e-4, 600e-12, 2.9e-4, 300e-12},
                                              {10e-6, 500e-12, 3.3e-4, 2e-9, 2.7e-4, 700e-12},
                                              {100e-6, 5e-9, 3.1e-4, 20e-9, 2.5e-4, 6e-9},
                                              {1e-3, 50e-9, 3.4e-4, 200e-9, 2.7e-4, 60e-9},
                                              {10e-3, 500e-9, 4.5e-4, 2e-6, 3.5e-4, 600e-9},
                                              {100e-3, 5e-6, 6.6e-4, 20e-6, 5.5e-4, 6e-6},
                                              {1.0, 50e-6, 2.7e-3, 900e-6, 2.2e-3, 570e-6}}};

template <class Ranges>
const Range& range_of(const Ranges& ranges, double value) {
    for (const auto& range : ranges)
        if (std::abs(value) <= range.full * 1.05) return range;
    return ranges.back();
}

double stepped(const Range& range, double value) {
    return std::round(value / range.step) * range.step;
}

std::string scientific(double value) {
    return fmt::format("{:+.6E}", value);
}

/// A word of `allowed`, without quotes, in capitals.
std::string word_of(std::string text, std::initializer_list<const char*> allowed) {
    std::erase_if(text, [](char letter) { return letter == '"' || letter == '\''; });
    for (auto& letter : text)
        letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    for (const char* name : allowed) {
        std::string candidate = name;
        if (text == candidate || text.starts_with(candidate + "AGE") || text.starts_with(candidate + "ENT") ||
            text == candidate + ":DC")
            return candidate;
    }
    throw ScpiFault{-224, "Illegal parameter value"};
}

}  // namespace

Keithley2400Twin::Keithley2400Twin(Clock& clock, std::unique_ptr<ByteLink> link, Terminals& terminals,
                                   std::uint64_t seed)
    : ScpiTwin(clock, std::move(link), "KEITHLEY INSTRUMENTS INC.,MODEL 2400,1000001,C30", command_time),
      terminals_(terminals) {
    Spread spread(seed);
    for (auto* error : {&source_gain_, &source_offset_, &read_gain_, &read_offset_})
        *error = spread.next() / 3;
    reset();
    add_source_commands();
    add_sense_commands();
}

void Keithley2400Twin::add_source_commands() {
    on_command("SOURce1:FUNCtion[:MODE]", [this](const Call& call) {
        const bool current = word_of(call.word(), {"CURR", "VOLT"}) == "CURR";
        if (current != sources_current_) on_ = false;
        sources_current_ = current;
        drive();
    });
    on_query("SOURce1:FUNCtion[:MODE]",
             [this](const Call&) { return std::string(sources_current_ ? "CURR" : "VOLT"); });
    on_command("SOURce1:CURRent[:LEVel][:IMMediate][:AMPLitude]",
               [this](const Call& call) { set_source(call.number(), true); });
    on_query("SOURce1:CURRent[:LEVel][:IMMediate][:AMPLitude]",
             [this](const Call&) { return scientific(amperes_); });
    on_command("SOURce1:VOLTage[:LEVel][:IMMediate][:AMPLitude]",
               [this](const Call& call) { set_source(call.number(), false); });
    on_query("SOURce1:VOLTage[:LEVel][:IMMediate][:AMPLitude]",
             [this](const Call&) { return scientific(volts_); });
    on_command("OUTPut1[:STATe]", [this](const Call& call) {
        on_ = call.on_off();
        drive();
    });
    on_query("OUTPut1[:STATe]", [this](const Call&) { return std::string(on_ ? "1" : "0"); });
}

void Keithley2400Twin::add_sense_commands() {
    on_command("SENSe1:VOLTage[:DC]:PROTection[:LEVel]",
               [this](const Call& call) { set_compliance(call.number(), true); });
    on_query("SENSe1:VOLTage[:DC]:PROTection[:LEVel]",
             [this](const Call&) { return scientific(volts_compliance_); });
    on_command("SENSe1:CURRent[:DC]:PROTection[:LEVel]",
               [this](const Call& call) { set_compliance(call.number(), false); });
    on_query("SENSe1:CURRent[:DC]:PROTection[:LEVel]",
             [this](const Call&) { return scientific(amperes_compliance_); });
    on_query("SENSe1:VOLTage[:DC]:PROTection:TRIPped",
             [this](const Call&) { return std::string(sources_current_ && tripped() ? "1" : "0"); });
    on_query("SENSe1:CURRent[:DC]:PROTection:TRIPped",
             [this](const Call&) { return std::string(!sources_current_ && tripped() ? "1" : "0"); });
    on_command("SENSe1:FUNCtion:CONCurrent", [this](const Call& call) {
        concurrent_ = call.on_off();
        if (!concurrent_ && measured_.size() > 1) measured_ = {"CURR"};
    });
    on_command("SENSe1:FUNCtion[:ON]", [this](const Call& call) {
        if (call.arguments.empty()) throw ScpiFault{-109, "Missing parameter"};
        if (!concurrent_) measured_.clear();
        for (const auto& argument : call.arguments)
            measured_.insert(word_of(argument, {"CURR", "VOLT"}));
    });
    on_command("FORMat:ELEMents[:SENSe1]", [this](const Call& call) {
        if (call.arguments.empty()) throw ScpiFault{-109, "Missing parameter"};
        std::set<std::string> wanted;
        for (const auto& argument : call.arguments)
            wanted.insert(word_of(argument, {"VOLT", "CURR", "RES", "TIME", "STAT"}));
        // Whatever order they were named in, they are sent in this one.
        elements_.clear();
        for (const std::string element : {"VOLT", "CURR", "RES", "TIME", "STAT"})
            if (wanted.contains(element)) elements_.push_back(element);
    });
    on_query("FORMat:ELEMents[:SENSe1]",
             [this](const Call&) { return fmt::format("{}", fmt::join(elements_, ",")); });
    on_query("READ", reading_time, [this](const Call&) { return reading(); });
}

void Keithley2400Twin::reset() {
    on_ = false;
    sources_current_ = false;
    volts_ = amperes_ = 0.0;
    volts_compliance_ = most_volts;
    amperes_compliance_ = 105e-6;
    concurrent_ = true;
    measured_ = {"CURR"};
    elements_ = {"VOLT", "CURR", "RES", "TIME", "STAT"};
    drive();
}

// What it drives is off by its errors; the data sheet's bound is of the range in use.
void Keithley2400Twin::drive() {
    using Mode = Terminals::Drive::Mode;
    const auto as_driven = [this](const Range& range, double value) {
        return value + source_gain_ * range.source_relative * value + source_offset_ * range.source_offset;
    };
    Terminals::Drive drive;
    if (on_ && sources_current_)
        drive = {Mode::current, Volts{volts_compliance_},
                 Amperes{as_driven(range_of(ampere_ranges, amperes_), amperes_)}};
    else if (on_)
        drive = {Mode::voltage, Volts{as_driven(range_of(volt_ranges, volts_), volts_)},
                 Amperes{amperes_compliance_}};
    terminals_.drive(drive);
}

void Keithley2400Twin::set_source(double value, bool current) {
    if (std::abs(value) > (current ? most_amperes : most_volts_high))
        throw ScpiFault{-222, "Parameter data out of range"};
    // Full current below 21 V, full voltage below 105 mA: never both.
    if (current && std::abs(value) > most_amperes_high && volts_compliance_ > most_volts)
        throw ScpiFault{826, "Attempt to exceed power limit"};
    if (!current && std::abs(value) > most_volts && amperes_compliance_ > most_amperes_high)
        throw ScpiFault{826, "Attempt to exceed power limit"};
    (current ? amperes_ : volts_) = current ? stepped(range_of(ampere_ranges, value), value)
                                            : stepped(range_of(volt_ranges, value), value);
    drive();
}

void Keithley2400Twin::set_compliance(double value, bool of_voltage) {
    if (value <= 0 || value > (of_voltage ? most_volts_high : most_amperes))
        throw ScpiFault{-222, "Parameter data out of range"};
    if (of_voltage && value > most_volts && std::abs(amperes_) > most_amperes_high)
        throw ScpiFault{826, "Attempt to exceed power limit"};
    if (!of_voltage && value > most_amperes_high && std::abs(volts_) > most_volts)
        throw ScpiFault{826, "Attempt to exceed power limit"};
    (of_voltage ? volts_compliance_ : amperes_compliance_) = value;
    drive();
}

bool Keithley2400Twin::tripped() const {
    if (!on_) return false;
    return sources_current_ ? std::abs(terminals_.voltage().value) >= volts_compliance_ * 0.9999
                            : std::abs(terminals_.current().value) >= amperes_compliance_ * 0.9999;
}

std::string Keithley2400Twin::reading() const {
    if (!on_) throw ScpiFault{803, "Not permitted with OUTPUT off"};
    const auto as_read = [this](const Range& range, double value) {
        if (std::abs(value) > range.full * 1.05) return overflow;
        return stepped(
            range, value + read_gain_ * range.measure_relative * value + read_offset_ * range.measure_offset);
    };
    // What is not measured reads as the setpoint if it is what is sourced.
    const auto volts = terminals_.voltage().value, amperes = terminals_.current().value;
    const double volts_read = measured_.contains("VOLT") ? as_read(range_of(volt_ranges, volts), volts)
                              : sources_current_         ? not_measured
                                                         : volts_;
    const double amperes_read = measured_.contains("CURR")
                                    ? as_read(range_of(ampere_ranges, amperes), amperes)
                                : sources_current_ ? amperes_
                                                   : not_measured;
    std::string line;
    for (const auto& element : elements_) {
        const double value = element == "VOLT"   ? volts_read
                             : element == "CURR" ? amperes_read
                             : element == "RES"  ? not_measured
                                                 : 0.0;
        line += (line.empty() ? "" : ",") + scientific(value);
    }
    return line;
}

}  // namespace rig
