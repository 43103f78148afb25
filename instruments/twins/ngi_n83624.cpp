// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/ngi_n83624.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "instruments/twins/spread.hpp"

namespace rig {
namespace {

constexpr Nanoseconds command_time{1'000'000};
constexpr Nanoseconds measuring_time{2'000'000};
constexpr Nanoseconds relay_time{15'000'000};

constexpr double most_volts = 6.0, volts_step = 0.0001;
constexpr double most_amperes = 3.0, amperes_step = 0.0001;

// Of its class: 0.01 % + 0.6 mV, 1 mA.
constexpr double gain_error = 0.0001, offset_error_v = 0.0006, offset_error_a = 0.001;

constexpr int over_voltage = 1, over_current = 2;

double stepped(double value, double step) {
    return std::round(value / step) * step;
}

/// A whole number that must be one of `allowed`.
int one_of(double value, std::initializer_list<int> allowed) {
    for (const int candidate : allowed)
        if (value == candidate) return candidate;
    throw ScpiFault{-224, "Illegal parameter value"};
}

}  // namespace

NgiN83624Twin::NgiN83624Twin(Clock& clock, std::unique_ptr<ByteLink> link, std::vector<Terminals*> terminals,
                             std::uint64_t seed)
    : ScpiTwin(clock, std::move(link), "NGI,N83624-06-03,T0001,V2.02", command_time) {
    Spread spread(seed);
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        auto& it = channels_[i];
        if (i < terminals.size()) it.terminals = terminals[i];
        it.drive_gain = 1.0 + gain_error * spread.next();
        it.read_gain = 1.0 + gain_error * spread.next();
        it.drive_offset = Volts{offset_error_v * spread.next()};
        it.read_offset = Volts{offset_error_v * spread.next()};
        it.read_offset_a = Amperes{offset_error_a * spread.next()};
        drive(it);
    }
    add_source_commands();
    add_output_commands();
    add_measurements();
}

void NgiN83624Twin::add_source_commands() {
    on_command("SOURce#:VOLTage", [this](const Call& call) {
        auto& it = channel(call);
        it.setpoint = Volts{std::clamp(stepped(call.number(), volts_step), 0.0, most_volts)};
        drive(it);
    });
    on_query("SOURce#:VOLTage",
             [this](const Call& call) { return fmt::format("{:.4f}", channel(call).setpoint.value); });
    on_command("SOURce#:OUTCURRent", [this](const Call& call) {
        auto& it = channel(call);
        it.limit = Amperes{std::clamp(stepped(call.number() / 1000, amperes_step), 0.0, most_amperes)};
        drive(it);
    });
    on_query("SOURce#:OUTCURRent",
             [this](const Call& call) { return fmt::format("{:.1f}", channel(call).limit.value * 1000); });
    on_command("SOURce#:RANGe", [this](const Call& call) {
        auto& it = channel(call);
        if (it.on) throw ScpiFault{-221, "Settings conflict"};
        it.range = one_of(call.number(), {0, 2, 3});
    });
    on_query("SOURce#:RANGe", [this](const Call& call) { return std::to_string(channel(call).range); });
}

void NgiN83624Twin::add_output_commands() {
    on_command("OUTPut#:MODE", [this](const Call& call) {
        auto& it = channel(call);
        if (it.on) throw ScpiFault{-221, "Settings conflict"};
        it.mode = one_of(call.number(), {0, 1, 3, 128});
    });
    on_query("OUTPut#:MODE", [this](const Call& call) { return std::to_string(channel(call).mode); });
    on_command("OUTPut#:ONOFF", [this](const Call& call) {
        switch_output(channel(call), one_of(call.number(), {0, 1}) == 1);
    });
    on_query("OUTPut#:ONOFF", [this](const Call& call) { return std::string(channel(call).on ? "1" : "0"); });
    on_query("OUTPut#:STATe", [this](const Call& call) { return std::to_string(status(channel(call))); });
}

void NgiN83624Twin::add_measurements() {
    on_query("MEASure#:VOLTage", measuring_time, [this](const Call& call) {
        std::string answer;
        for (const auto* it : called(call)) {
            const auto volts = it->terminals ? it->terminals->voltage() : Volts{0.0};
            const auto read = (volts * it->read_gain + it->read_offset).value;
            answer += fmt::format("{}{:.4f}", answer.empty() ? "" : ",", stepped(read, volts_step) + 0.0);
        }
        return answer;
    });
    on_query("MEASure#:CURRent", measuring_time, [this](const Call& call) {
        std::string answer;
        for (const auto* it : called(call)) {
            const auto amperes = it->terminals ? it->terminals->current() : Amperes{0.0};
            const auto read = (amperes * it->read_gain + it->read_offset_a).value;
            answer +=
                fmt::format("{}{:.1f}", answer.empty() ? "" : ",", stepped(read, amperes_step) * 1000 + 0.0);
        }
        return answer;
    });
}

NgiN83624Twin::Channel& NgiN83624Twin::channel(const Call& call) {
    const int number = call.suffixes.front();
    if (number < 1 || number > channels) throw ScpiFault{-114, "Header suffix out of range"};
    return channels_[static_cast<std::size_t>(number - 1)];
}

std::vector<NgiN83624Twin::Channel*> NgiN83624Twin::called(const Call& call) {
    if (call.arguments.empty()) return {&channel(call)};
    std::vector<Channel*> found;
    for (const int number : ScpiTwin::channel_list(call.word(), channels))
        found.push_back(&channels_[static_cast<std::size_t>(number - 1)]);
    return found;
}

void NgiN83624Twin::drive(const Channel& it) {
    if (!it.terminals) return;
    Terminals::Drive drive;
    // The other modes charge or play a cell model; without one they put out nothing.
    if (it.on && it.mode == 0) {
        drive.mode = Terminals::Drive::Mode::voltage;
        drive.volts = it.setpoint * it.drive_gain + it.drive_offset;
        drive.amperes = it.limit;
    }
    it.terminals->drive(drive);
}

void NgiN83624Twin::switch_output(Channel& it, bool on) {
    const int switching = ++it.switchings;
    clock().at(clock().now() + relay_time, [alive = std::weak_ptr(alive_), this, &it, switching, on] {
        if (alive.expired() || it.switchings != switching) return;
        it.on = on;
        drive(it);
    });
}

int NgiN83624Twin::status(const Channel& it) {
    if (!it.on || !it.terminals) return 0;
    int bits = 0;
    if (it.terminals->voltage() > it.setpoint + Volts{0.5}) bits |= over_voltage;
    if (std::abs(it.terminals->current().value) >= it.limit.value - amperes_step) bits |= over_current;
    return bits;
}

void NgiN83624Twin::reset() {
    for (auto& it : channels_) {
        ++it.switchings;
        it.on = false;
        drive(it);
    }
    // Its address is the factory's again: nobody finds it where the fixture says.
    fall_silent();
}

}  // namespace rig
