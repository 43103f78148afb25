// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/option_switches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fixtures/profile.hpp"

namespace rig {
namespace {

/// DIP-08: the most cells of each setting of gen3's switches 1 to 3.
constexpr std::array<int, 8> most_cells{4, 8, 16, 25, 40, 80, 150, 255};

/// DIP-06: numbers of cells that gen2 can be programmed with; other packs take the next higher one (DIP-07).
constexpr std::array<int, 16> programmed_cells{4,  8,  12, 16, 20,  24,  28,  32,
                                               48, 64, 80, 96, 128, 156, 204, 255};

/// DIP-06: what gen2's sensors measure up to, by setting of switches 1 to 3.
constexpr std::array<double, 8> sensors_a{25, 50, 100, 250, 400, 500, 1000, 2000};

/// DIP-02: gen2's balance voltages, by setting of switches 2, 6 and 7.
constexpr std::array<double, 8> gen2_balance_v{3.4, 3.5, 3.6, 3.7, 4.0, 4.1, 4.2, 4.3};

/// DIP-09: what gen3's setting 0 would be, if it were not "none", and each further one adds.
constexpr double lowest_balance_v = 1.8, balance_step_v = 0.1;

template <class List>
std::optional<int> place_in(const List& list, double value) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](double entry) { return std::abs(entry - value) < 1e-6; });
    return found == list.end() ? std::nullopt : std::optional(static_cast<int>(found - list.begin()));
}

/// The first entry that holds the pack.
template <class List>
int place_for(const List& most, int cells) {
    return static_cast<int>(std::lower_bound(most.begin(), most.end(), cells) - most.begin());
}

/// The lowest `count` bits of `value` to switches from `first` (1 to 8) on, most significant first.
void put(SwitchPositions& positions, int first, int count, int value) {
    for (int i = 0; i < count; ++i)
        positions.at(static_cast<std::size_t>(first - 1 + i)) = (value >> (count - 1 - i) & 1) != 0;
}

/// The same way back.
int taken(const SwitchPositions& positions, int first, int count) {
    int value = 0;
    for (int i = 0; i < count; ++i)
        value = value << 1 | (positions.at(static_cast<std::size_t>(first - 1 + i)) ? 1 : 0);
    return value;
}

[[noreturn]] void refuse(const Fixture& fixture, const std::string& what) {
    throw FixtureError(fixture.file.string() + ": " + what);
}

/// DIP-09: 0 is no balancing, n gives 1.8 V + n × 0.1 V.
int gen3_balance_setting(const Fixture& fixture) {
    const double balance_v = fixture.pack.balance.value;
    if (balance_v == 0.0) return 0;
    const int setting = static_cast<int>(std::lround((balance_v - lowest_balance_v) / balance_step_v));
    if (setting < 1 || setting > 31 ||
        std::abs(lowest_balance_v + setting * balance_step_v - balance_v) > 1e-6)
        refuse(fixture,
               fmt::format("pack.balance_v = {:g}: the switches know 0, and 1.9 to 4.9 in steps of 0.1",
                           balance_v));
    return setting;
}

SwitchPositions gen2_positions(const Fixture& fixture) {
    const auto setting = place_in(gen2_balance_v, fixture.pack.balance.value);
    if (!setting)
        refuse(fixture, fmt::format("pack.balance_v = {:g}: the switches know {}", fixture.pack.balance.value,
                                    fmt::join(gen2_balance_v, ", ")));
    SwitchPositions positions{};
    put(positions, 2, 1, *setting >> 2);
    put(positions, 3, 1, 1);
    put(positions, 6, 2, *setting);
    return positions;
}

}  // namespace

SwitchPositions ordinary_positions(const Fixture& fixture) {
    if (is_gen2(fixture.profile)) return gen2_positions(fixture);
    SwitchPositions positions{};
    put(positions, 1, 3, place_for(most_cells, fixture.pack.cells));
    put(positions, 4, 5, gen3_balance_setting(fixture));
    return positions;
}

std::optional<SwitchPositions> programming_positions(const Fixture& fixture) {
    if (!is_gen2(fixture.profile)) return std::nullopt;
    const auto sensor = place_in(sensors_a, fixture.pack.sensor.value);
    if (!sensor)
        refuse(fixture, fmt::format("pack.sensor_a = {:g}: there are sensors for {} A",
                                    fixture.pack.sensor.value, fmt::join(sensors_a, ", ")));
    SwitchPositions positions{};
    put(positions, 1, 3, *sensor);
    put(positions, 4, 4, place_for(programmed_cells, fixture.pack.cells));
    put(positions, 8, 1, 1);
    return positions;
}

Volts balance_voltage(const std::string& profile, const SwitchPositions& positions) {
    if (is_gen2(profile))
        return Volts{gen2_balance_v.at(
            static_cast<std::size_t>(taken(positions, 2, 1) << 2 | taken(positions, 6, 2)))};
    const int setting = taken(positions, 4, 5);
    return Volts{setting == 0 ? 0.0 : lowest_balance_v + setting * balance_step_v};
}

void set_switches(Bench& bench, const SwitchPositions& positions) {
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const auto line = bench.outputs.find(fmt::format("switch[{}]", i + 1));
        if (line != bench.outputs.end()) line->second->drive(positions.at(i));
    }
}

}  // namespace rig
