// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/take_up.hpp"

#include <fmt/format.h>

#include <ranges>
#include <stdexcept>

#include "firmware/core/ext_status.hpp"
#include "fixtures/boards/app_client.hpp"
#include "fixtures/boards/app_settings.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "fixtures/profile.hpp"
#include "instruments/instrument_error.hpp"
#include "rig/interlocks.hpp"
#include "rig/option_switches.hpp"
#include "rig/stop.hpp"

namespace rig {

namespace {

// Debouncing and ten good messages take about 12 s; the rest is for long chains.
constexpr Nanoseconds boards_come_up_within{60'000'000'000}, boards_are_up_after{15'000'000'000};

// Switch 8 counts after 50 ms, the first board boots within half a second (gen2).
constexpr Nanoseconds boot{1'000'000'000}, programming{200'000'000};

/// On a real bench, taking up is long enough for an operator to think again.
void go_on(const Fixture& fixture) {
    if (fixture.bench == "real" && asked_to_stop()) throw std::runtime_error(stopped);
}

void let_pass(Bench& bench, const Fixture& fixture, Nanoseconds span) {
    bench.clock->run_until([&] { return fixture.bench == "real" && asked_to_stop(); },
                           bench.clock->now() + span);
    go_on(fixture);
}

void drive(Bench& bench, const std::string& signal, bool active) {
    if (const auto line = bench.outputs.find(signal); line != bench.outputs.end())
        line->second->drive(active);
}

bool allowed(const Bench& bench, const std::string& relay) {
    const RelayThrows throws = relay_throws(bench.profile, relay);
    return bench.inputs.at(throws.allowing)->active() && !bench.inputs.at(throws.forbidding)->active();
}

bool senses(const Bench& bench, const std::string& relay) {
    return bench.inputs.count(relay + ".pins_1_2") != 0 && bench.inputs.count(relay + ".pins_2_3") != 0;
}

/// Where no relay is sensed: the last board's word for it, or the time it takes.
std::string wait_for_message(Bench& bench) {
    if (bench.ext == nullptr) {
        bench.clock->run_until(asked_to_stop, bench.clock->now() + boards_are_up_after);
        return {};
    }
    constexpr auto both = bms::status1::charge_allowed | bms::status1::discharge_allowed;
    const int before = bench.ext->received();
    const auto ready = [&] {
        return asked_to_stop() ||
               (bench.ext->received() > before && (bench.ext->latest()->frame.status & both) == both);
    };
    if (bench.clock->run_until(ready, bench.clock->now() + boards_come_up_within)) return {};
    return fmt::format("no EXT frame that allows charging and discharging {} s after power-up",
                       std::chrono::duration_cast<std::chrono::seconds>(boards_come_up_within).count());
}

std::string wait_for_relays(Bench& bench, const Fixture& fixture) {
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
    if (relays.empty()) {
        const std::string trouble = wait_for_message(bench);
        go_on(fixture);
        return trouble;
    }
    if (bench.clock->run_until(ready, bench.clock->now() + boards_come_up_within)) return {};
    std::string missing;
    for (const std::string& relay : relays) {
        if (!allowed(bench, relay)) missing += (missing.empty() ? "" : " and ") + relay;
    }
    return fmt::format("{} not allowed {} s after power-up", missing,
                       std::chrono::duration_cast<std::chrono::seconds>(boards_come_up_within).count());
}

/// DIP-06: while switch 8 is on, the others say what the board shall remember.
void program(Bench& bench, const Fixture& fixture) {
    const auto positions = programming_positions(fixture);
    if (!positions) return;
    let_pass(bench, fixture, boot);
    set_switches(bench, *positions);
    let_pass(bench, fixture, programming);
    drive(bench, "switch[8]", false);
    let_pass(bench, fixture, programming);
    set_switches(bench, ordinary_positions(fixture));
}

/// Boards remember what the test before wrote.
void restore_settings(Bench& bench, const Fixture& fixture) {
    if (bench.app == nullptr || fixture.settings.empty()) return;
    let_pass(bench, fixture, boot);
    const AppClient::Settings found = bench.app->settings();
    AppClient::Settings different;
    for (const AppSetting& setting : app_settings) {
        const auto wanted = fixture.settings.find(std::string(setting.name));
        if (wanted == fixture.settings.end()) continue;
        if (setting.encode(found.at(wanted->first)) != setting.encode(wanted->second))
            different.insert(*wanted);
    }
    if (!different.empty()) bench.app->write_all(different);
}

std::string bring_up(Bench& bench, const Fixture& fixture) {
    take_down(bench);
    // What a fork does for simulated boards, a while without supply does for those on the table.
    if (fixture.bench == "real") let_pass(bench, fixture, fixture.pack.off);
    power_up(bench, fixture);
    restore_settings(bench, fixture);
    return wait_for_relays(bench, fixture);
}

}  // namespace

void power_up(Bench& bench, const Fixture& fixture) {
    set_switches(bench, ordinary_positions(fixture));
    for (const auto& [number, injector] : bench.sensors)
        drive(bench, fmt::format("sensor[{}].plugged", number), true);
    for (std::size_t link = 1; link < bench.cells.size(); ++link) {
        drive(bench, fmt::format("chain[{}].closed", link), true);
        drive(bench, fmt::format("chain[{}].bridged", link), false);
    }
    drive(bench, "button.first", false);
    drive(bench, "button.last", false);

    for (std::size_t i = 0; i < bench.cells.size(); ++i) {
        go_on(fixture);
        CellSupply& cell = *bench.cells[i];
        const Fixture::Supply& its = fixture.cells.under_cell(static_cast<int>(i) + 1);
        cell.set_voltage(fixture.pack.nominal);
        cell.set_current_limit(its.current_limit);
        if (its.over_voltage_v) cell.protect_above(Volts{*its.over_voltage_v});
        if (its.over_current_a) cell.protect_above(Amperes{*its.over_current_a});
        if (its.watchdog_s) cell.arm_watchdog(Nanoseconds{static_cast<std::int64_t>(*its.watchdog_s * 1e9)});
    }
    for (CellSupply* cell : bench.cells) {
        go_on(fixture);
        cell->output_on();
    }
    for (const auto& [number, injector] : bench.sensors) {
        go_on(fixture);
        injector->inject(Amperes{0.0});
    }
    program(bench, fixture);
}

std::string take_up(Bench& bench, const Fixture& fixture) {
    try {
        return bring_up(bench, fixture);
    } catch (const std::exception& failure) {
        // Half up is the worst state to be left in, whatever was in the way.
        std::string message = failure.what();
        try {
            bench.make_safe();
        } catch (const InstrumentError& left_on) {
            message += std::string("\n  ") + left_on.what();
        }
        if (!bench.open_interlock().empty()) throw InterlockError("take-up", message);
        throw InstrumentError("take-up", message);
    }
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
