// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/rigol_dp800.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds command_time{40'000'000};

constexpr SupplyOutput::Type thirty_volts{Volts{32.0}, Volts{0.001}, Amperes{3.2},  Amperes{0.001},
                                          0.0005,      Volts{0.020}, Amperes{0.005}};
constexpr SupplyOutput::Type five_volts{Volts{5.3}, Volts{0.001}, Amperes{3.2},  Amperes{0.001},
                                        0.001,      Volts{0.010}, Amperes{0.010}};

double number_of(const std::string& text) {
    double value = 0.0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || rest != text.data() + text.size()) throw ScpiFault{-104, "Data type error"};
    return value;
}

bool switch_of(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (text == "ON" || text == "1") return true;
    if (text == "OFF" || text == "0") return false;
    throw ScpiFault{-104, "Data type error"};
}

std::string on_or_off(bool on) {
    return on ? "ON" : "OFF";
}

int channel_of(const std::string& name) {
    if (name.size() != 3 || (!name.starts_with("CH") && !name.starts_with("ch")))
        throw ScpiFault{-141, "Invalid character data"};
    const int number = name[2] - '0';
    if (number < 1 || number > RigolDp800Twin::channels) throw ScpiFault{-222, "Data out of range"};
    return number;
}

}  // namespace

RigolDp800Twin::RigolDp800Twin(Clock& clock, std::unique_ptr<ByteLink> link,
                               const std::vector<Terminals*>& terminals, std::uint64_t seed)
    : ScpiTwin(clock, std::move(link), "RIGOL TECHNOLOGIES,DP832,DP8A000001,00.01.16", command_time) {
    Spread spread(seed);
    for (std::size_t i = 0; i < channels; ++i) {
        auto type = i < 2 ? thirty_volts : five_volts;
        type.falls_v_per_s = 4.2 / (0.3 + 0.1 * spread.next());
        outputs_.emplace_back(clock, i < terminals.size() ? terminals[i] : nullptr, type, spread);
    }
    reset();
    add_system_commands();
    // Without a number the selected channel's: asked first.
    for (const bool numbered : {false, true})
        add_source_commands(numbered);
    add_apply_commands();
    add_output_commands();
    add_protection("OVP", &SupplyOutput::over_voltage);
    add_protection("OCP", &SupplyOutput::over_current);
}

void RigolDp800Twin::add_system_commands() {
    const auto select = [this](int number) {
        output(number);
        selected_ = number;
    };
    on_command("INSTrument:NSELect", [select](const Call& call) { select(static_cast<int>(call.number())); });
    on_query("INSTrument:NSELect", [this](const Call&) { return std::to_string(selected_); });
    on_command("INSTrument[:SELEct]", [this, select](const Call& call) { select(channel_of(call.word())); });
    on_query("INSTrument[:SELEct]", [this](const Call&) { return fmt::format("CH{}", selected_); });
    on_command("SYSTem:REMote", [](const Call&) {});
    on_command("SYSTem:LOCal", [](const Call&) {});
    on_command("SYSTem:BEEPer[:STATe]", [this](const Call& call) { beeps_ = switch_of(call.word()); });
    on_query("SYSTem:BEEPer[:STATe]", [this](const Call&) { return on_or_off(beeps_); });
    on_command("SYSTem:OTP", [this](const Call& call) { too_hot_ends_ = switch_of(call.word()); });
    on_query("SYSTem:OTP", [this](const Call&) { return on_or_off(too_hot_ends_); });
}

void RigolDp800Twin::add_source_commands(bool numbered) {
    const std::string source = numbered ? "SOURce#" : "SOURce";
    const auto meant = [this, numbered](const Call& call) -> SupplyOutput& {
        return output(numbered ? call.suffixes.front() : selected_);
    };
    on_command(source + ":VOLTage[:LEVel][:IMMediate][:AMPLitude]", [meant](const Call& call) {
        if (!meant(call).in_range_v(call.number())) throw ScpiFault{-222, "Data out of range"};
        meant(call).set_volts(call.number());
    });
    on_query(source + ":VOLTage[:LEVel][:IMMediate][:AMPLitude]",
             [meant](const Call& call) { return fmt::format("{:.3f}", meant(call).volts()); });
    on_command(source + ":CURRent[:LEVel][:IMMediate][:AMPLitude]", [meant](const Call& call) {
        if (!meant(call).in_range_a(call.number())) throw ScpiFault{-222, "Data out of range"};
        meant(call).set_amperes(call.number());
    });
    on_query(source + ":CURRent[:LEVel][:IMMediate][:AMPLitude]",
             [meant](const Call& call) { return fmt::format("{:.3f}", meant(call).amperes()); });
}

void RigolDp800Twin::add_apply_commands() {
    on_command("APPLy", [this](const Call& call) {
        if (call.arguments.size() != 3) throw ScpiFault{-109, "Missing parameter"};
        auto& it = named(call.arguments[0]);
        const double volts = number_of(call.arguments[1]), amperes = number_of(call.arguments[2]);
        if (!it.in_range_v(volts) || !it.in_range_a(amperes)) throw ScpiFault{-222, "Data out of range"};
        it.set_volts(volts);
        it.set_amperes(amperes);
    });
    on_query("APPLy", [this](const Call& call) {
        const auto& it = named(call.word());
        return fmt::format("{}:{},{:.3f},{:.3f}", call.word(), it.in_range_v(30.0) ? "30V/3A" : "5V/3A",
                           it.volts(), it.amperes());
    });
}

void RigolDp800Twin::add_output_commands() {
    on_query("MEASure:VOLTage[:DC]",
             [this](const Call& call) { return fmt::format("{:.4f}", asked(call).read_volts()); });
    on_query("MEASure:CURRent[:DC]",
             [this](const Call& call) { return fmt::format("{:.4f}", asked(call).read_amperes()); });
    on_query("MEASure:POWEr[:DC]", [this](const Call& call) {
        auto& it = asked(call);
        return fmt::format("{:.3f}", it.read_volts() * it.read_amperes());
    });
    on_command("OUTPut[:STATe]", [this](const Call& call) { told(call).switch_to(switch_of(value(call))); });
    on_query("OUTPut[:STATe]", [this](const Call& call) { return on_or_off(asked(call).on()); });
    on_query("OUTPut:MODE", [this](const Call& call) {
        const auto& it = asked(call);
        return std::string(!it.on() ? "UR" : it.limits() ? "CC" : "CV");
    });
}

void RigolDp800Twin::add_protection(const std::string& header, SupplyOutput::Guard SupplyOutput::*guard) {
    const bool volts = header == "OVP";
    on_command("OUTPut:" + header + ":VALue", [this, guard, volts](const Call& call) {
        auto& it = told(call);
        const double level = number_of(value(call));
        if (level < 0.001 || !(volts ? it.in_range_v(level / 1.1) : it.in_range_a(level / 1.1)))
            throw ScpiFault{-222, "Data out of range"};
        (it.*guard).level = level;
        it.look();
    });
    on_query("OUTPut:" + header + ":VALue",
             [this, guard](const Call& call) { return fmt::format("{:.3f}", (asked(call).*guard).level); });
    on_command("OUTPut:" + header + "[:STATe]", [this, guard](const Call& call) {
        auto& it = told(call);
        (it.*guard).armed = switch_of(value(call));
        it.look();
    });
    on_query("OUTPut:" + header + "[:STATe]",
             [this, guard](const Call& call) { return on_or_off((asked(call).*guard).armed); });
    on_query("OUTPut:" + header + ":QUEStionable", [this, guard](const Call& call) {
        auto& it = asked(call);
        it.look();
        return std::string((it.*guard).tripped ? "YES" : "NO");
    });
    on_command("OUTPut:" + header + ":CLEar",
               [this, guard](const Call& call) { (asked(call).*guard).tripped = false; });
}

SupplyOutput& RigolDp800Twin::output(int number) {
    if (number < 1 || number > channels) throw ScpiFault{-114, "Header suffix out of range"};
    return outputs_[static_cast<std::size_t>(number - 1)];
}

SupplyOutput& RigolDp800Twin::named(const std::string& channel) {
    return output(channel_of(channel));
}

/// The channel that a question names, else the selected one.
SupplyOutput& RigolDp800Twin::asked(const Call& call) {
    return call.arguments.empty() ? output(selected_) : named(call.word());
}

/// The same for what is told a value, its last parameter.
SupplyOutput& RigolDp800Twin::told(const Call& call) {
    if (call.arguments.empty()) throw ScpiFault{-109, "Missing parameter"};
    if (call.arguments.size() > 2) throw ScpiFault{-108, "Parameter not allowed"};
    return call.arguments.size() == 1 ? output(selected_) : named(call.arguments.front());
}

const std::string& RigolDp800Twin::value(const Call& call) {
    return call.arguments.back();
}

void RigolDp800Twin::reset() {
    selected_ = 1;
    for (auto& it : outputs_) {
        it.drop();
        it.set_volts(0.0);
        it.set_amperes(3.0);
        it.over_voltage = {false, false, it.in_range_v(30.0) ? 33.0 : 5.5};
        it.over_current = {false, false, 3.3};
    }
}

}  // namespace rig
