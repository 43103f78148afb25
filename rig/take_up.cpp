// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/take_up.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ranges>

#include "fixtures/fixture_error.hpp"
#include "instruments/instrument_error.hpp"
#include "rig/stop.hpp"

namespace rig {

namespace {

// Debouncing and ten good messages take about 12 s; the rest is for long chains.
constexpr Nanoseconds boards_come_up_within{60'000'000'000};

/// DIP-08: the most cells of each setting of switches 1 to 3.
constexpr std::array<int, 8> most_cells{4, 8, 16, 25, 40, 80, 150, 255};

/// DIP-09: 0 is no balancing, n gives 1.8 V + n × 0.1 V.
int balance_setting(const Fixture& fixture) {
    const double balance_v = fixture.pack.balance.value;
    if (balance_v == 0.0) return 0;
    const int setting = static_cast<int>(std::lround((balance_v - 1.8) * 10.0));
    if (setting < 1 || setting > 31 || std::abs(1.8 + setting * 0.1 - balance_v) > 1e-6) {
        throw FixtureError(
            fmt::format("{}: pack.balance_v = {:g}: the switches know 0, and 1.9 to 4.9 in steps of 0.1",
                        fixture.file.string(), balance_v));
    }
    return setting;
}

void drive(Bench& bench, const std::string& signal, bool active) {
    if (const auto line = bench.outputs.find(signal); line != bench.outputs.end())
        line->second->drive(active);
}

bool allowed(const Bench& bench, const std::string& relay) {
    return bench.inputs.at(relay + ".pins_1_2")->active() && !bench.inputs.at(relay + ".pins_2_3")->active();
}

bool senses(const Bench& bench, const std::string& relay) {
    return bench.inputs.count(relay + ".pins_1_2") != 0 && bench.inputs.count(relay + ".pins_2_3") != 0;
}

std::string wait_for_relays(Bench& bench) {
    std::vector<std::string> relays;
    for (const char* relay : {"relay.charge", "relay.load"}) {
        if (senses(bench, relay)) relays.emplace_back(relay);
    }
    const auto all_allowed = [&] {
        for (const std::string& relay : relays) {
            if (!allowed(bench, relay)) return false;
        }
        return true;
    };
    const auto ready = [&] { return asked_to_stop() || all_allowed(); };
    if (bench.clock->run_until(ready, bench.clock->now() + boards_come_up_within)) return {};
    std::string missing;
    for (const std::string& relay : relays) {
        if (!allowed(bench, relay)) missing += (missing.empty() ? "" : " and ") + relay;
    }
    return fmt::format("{} not allowed {} s after power-up", missing,
                       std::chrono::duration_cast<std::chrono::seconds>(boards_come_up_within).count());
}

}  // namespace

void set_switches(Bench& bench, const Fixture& fixture) {
    if (fixture.profile.rfind("gen3", 0) != 0) {
        throw FixtureError(
            fmt::format("{}: profile = \"{}\": this rig knows the switches of gen3 boards only",
                        fixture.file.string(), fixture.profile));
    }
    int range = 0;
    while (most_cells.at(static_cast<std::size_t>(range)) < fixture.pack.cells)
        ++range;
    const int settings = range << 5 | balance_setting(fixture);
    for (int number = 1; number <= 8; ++number) {
        drive(bench, fmt::format("switch[{}]", number), (settings >> (8 - number) & 1) != 0);
    }
}

std::string take_up(Bench& bench, const Fixture& fixture) {
    take_down(bench);
    set_switches(bench, fixture);
    for (const auto& [number, injector] : bench.sensors)
        drive(bench, fmt::format("sensor[{}].plugged", number), true);
    for (std::size_t link = 1; link < bench.cells.size(); ++link) {
        drive(bench, fmt::format("chain[{}].closed", link), true);
        drive(bench, fmt::format("chain[{}].bridged", link), false);
    }
    drive(bench, "button.first", false);
    drive(bench, "button.last", false);

    for (CellSupply* cell : bench.cells) {
        cell->set_voltage(fixture.pack.nominal);
        cell->set_current_limit(fixture.cells.current_limit);
    }
    for (CellSupply* cell : bench.cells)
        cell->output_on();
    for (const auto& [number, injector] : bench.sensors)
        injector->inject(Amperes{0.0});
    return wait_for_relays(bench);
}

void take_down(Bench& bench) {
    std::string trouble;
    const auto off = [&](auto& channel, auto switch_off) {
        try {
            switch_off(channel);
        } catch (const std::exception& failure) {
            trouble += (trouble.empty() ? "" : "; ") + std::string(failure.what());
        }
    };
    for (const auto& [number, injector] : bench.sensors)
        off(*injector, [](auto& source) { source.off(); });
    for (const auto& [board, forcer] : bench.temperatures)
        off(*forcer, [](auto& source) { source.off(); });
    for (CellSupply* cell : std::views::reverse(bench.cells))
        off(*cell, [](auto& supply) { supply.output_off(); });
    if (!trouble.empty()) throw InstrumentError("bench", "NOT confirmed off: " + trouble);
}

}  // namespace rig
