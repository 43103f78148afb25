// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "rig/doctor/examination.hpp"
#include "rig/option_switches.hpp"

namespace rig::doctor {

namespace {

// Three equal reads 1 s apart, and a message more.
constexpr Nanoseconds takes_effect_within = seconds(8);
constexpr double same_balance_v = 0.01;
/// DIP-01: one message a second, or two.
constexpr double slow_period_s = 0.75;

std::string name_of(int number) {
    return fmt::format("switch[{}]", number);
}

bool shows_balance(const bms::ExtFrame& frame, double volts) {
    return std::abs(volts_of(frame.balance_voltage) - volts) < same_balance_v;
}

double period_s(Examination& x) {
    const auto one = [](const bms::ExtFrame&) { return true; };
    x.eventually(seconds(5), one);
    const Nanoseconds from = x.bench.clock->now();
    // Each skips the frame under way and takes the one after it.
    x.eventually(seconds(5), one);
    x.eventually(seconds(5), one);
    return static_cast<double>((x.bench.clock->now() - from).count()) / 4e9;
}

/// Looks while the switch stands the other way.
void while_turned(Examination& x, int number, const SwitchPositions& ordinary,
                  const std::function<void()>& look) {
    const bool before = ordinary.at(static_cast<std::size_t>(number - 1));
    x.while_driven(*x.bench.outputs.at(name_of(number)), !before, before, look);
}

/// Which balance voltage each switch makes, turned alone.
std::map<int, double> balance_by_switch(const Examination& x, const SwitchPositions& ordinary) {
    std::map<int, double> volts;
    for (int number = 1; number <= 8; ++number) {
        SwitchPositions turned = ordinary;
        bool& position = turned.at(static_cast<std::size_t>(number - 1));
        position = !position;
        if (const auto v = balance_voltage(x.fixture.profile, turned);
            v != balance_voltage(x.fixture.profile, ordinary))
            volts[number] = v.value;
    }
    return volts;
}

void look_at_balance_switch(Examination& x, int number, const SwitchPositions& ordinary,
                            const std::map<int, double>& volts) {
    const double expected = volts.at(number);
    bool right = false;
    double shown = 0.0;
    while_turned(x, number, ordinary, [&] {
        right = x.eventually(takes_effect_within,
                             [&](const auto& frame) { return shows_balance(frame, expected); });
        shown = volts_of(x.latest().balance_voltage);
    });
    const double usual = balance_voltage(x.fixture.profile, ordinary).value;
    x.eventually(takes_effect_within, [&](const auto& frame) { return shows_balance(frame, usual); });
    const std::string words = fmt::format("turned, the first board balances at {:.1f} V", shown);
    if (right) {
        x.sheet.good(name_of(number), words);
        return;
    }
    std::string instead = fmt::format("{}, not {:.1f} V", words, expected);
    for (const auto& [other, theirs] : volts)
        if (std::abs(theirs - shown) < same_balance_v)
            instead += fmt::format(", as with switch {}: swapped", other);
    x.sheet.fault(name_of(number), instead);
}

void look_at_count_switch(Examination& x, int number, const SwitchPositions& ordinary) {
    bool right = false;
    while_turned(x, number, ordinary,
                 [&] { right = x.eventually(takes_effect_within, communication_error); });
    x.eventually(takes_effect_within, [](const auto& frame) { return !communication_error(frame); });
    if (right)
        x.sheet.good(name_of(number), "turned, the boards are not as many as set");
    else
        x.sheet.fault(name_of(number), "turned, nothing changes: nothing goes through this wire");
}

void look_at_message_switch(Examination& x, int number, const SwitchPositions& ordinary) {
    double period = 0.0;
    while_turned(x, number, ordinary, [&] {
        x.wait(takes_effect_within);
        period = period_s(x);
    });
    x.wait(takes_effect_within);
    const std::string words = fmt::format("turned, a message every {:.1f} s", period);
    if (period < slow_period_s)
        x.sheet.good(name_of(number), words);
    else
        x.sheet.fault(name_of(number), words + ": nothing goes through this wire");
}

}  // namespace

void look_at_switches(Examination& x) {
    const SwitchPositions ordinary = ordinary_positions(x.fixture);
    const std::map<int, double> balance = balance_by_switch(x, ordinary);
    for (int number = 1; number <= 8; ++number) {
        if (!x.has_output(name_of(number))) continue;
        if (balance.count(number) != 0)
            look_at_balance_switch(x, number, ordinary, balance);
        else if (!x.gen2())
            look_at_count_switch(x, number, ordinary);
        else if (number == 1)
            look_at_message_switch(x, number, ordinary);
        else
            x.sheet.not_looked_at(name_of(number), "what it does shows nowhere, or is remembered");
    }
}

}  // namespace rig::doctor
