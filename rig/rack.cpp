// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/rack.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fixtures/current_injector.hpp"
#include "fixtures/temperature_forcer.hpp"

namespace rig {

namespace {

// As take_down has it: what plays sensors first and together, then the cells, the highest ones first.
constexpr int sensors_turn = 0, temperatures_turn = 1, first_units_turn = 1000;

int turn_of_unit(int unit) {
    return first_units_turn - unit;
}

}  // namespace

Rack::Rack(Bench& bench, const Fixture& fixture, const ProjectFolder& project)
    : bench_(bench), fixture_(fixture), supply_kind_(supply_kind(fixture, project)), envelope_(fixture) {
}

Rack::~Rack() = default;

void Rack::add_cells(const std::function<Connection(const SupplyKind&, const Unit&)>& connect) {
    const int per_unit = fixture_.cells.channels.value_or(supply_kind_.channels);
    if (per_unit > supply_kind_.channels) {
        throw FixtureError(fmt::format("{}: [cells] channels = {}: its units have {}\n  allowed  1 to {}",
                                       fixture_.file.string(), per_unit, supply_kind_.channels,
                                       supply_kind_.channels));
    }
    for (int first = 1; first <= fixture_.pack.cells; first += per_unit) {
        const int unit = (first - 1) / per_unit + 1;
        const int channels = std::min(per_unit, fixture_.pack.cells - first + 1);
        const Unit wanted{unit, first, channels, fmt::format("cell supply {}", unit)};
        supplies_.push_back(
            supply_kind_.open(*bench_.clock, connect(supply_kind_, wanted), wanted.name, channels));
        check_abilities(supplies_.back()->channel(1).abilities());
        note(supplies_.back()->identity());
        hand_over(wanted.name, turn_of_unit(unit), *supplies_.back());
        for (int i = 1; i <= channels; ++i)
            bench_.cells.push_back(&envelope_.next_cell(supplies_.back()->channel(i)));
    }
}

void Rack::hand_over(const std::string& name, int turn, const Guarded& instrument) const {
    if (handover_) handover_(name, turn, instrument);
}

void Rack::note(const InstrumentIdentity& identity) {
    if (!identity.answer.empty()) bench_.instruments.push_back(identity);
}

void Rack::check_abilities(const SupplyAbilities& abilities) const {
    const auto& cells = fixture_.cells;
    const auto check = [&](bool wanted, bool able, const char* key) {
        if (!wanted || able) return;
        throw FixtureError(fmt::format(
            "{}: [cells] {}: a {} cannot do that\n  try     leave it out, or take "
            "another supply",
            fixture_.file.string(), key, cells.driver == "scpi-supply" ? cells.dialect : cells.driver));
    };
    check(cells.over_voltage_v.has_value(), abilities.over_voltage, "over_voltage_v");
    check(cells.over_current_a.has_value(), abilities.over_current, "over_current_a");
    check(cells.watchdog_s.has_value(), abilities.watchdog, "watchdog_s");
}

SourceMeter& Rack::add_source(const std::string& driver, const std::string& name, int turn,
                              const ConnectSource& connect) {
    const SourceKind kind = source_kind(driver);
    sources_.push_back(kind.open(*bench_.clock, connect(kind, name), name));
    note(sources_.back()->identity());
    hand_over(name, turn, *sources_.back());
    return *sources_.back();
}

void Rack::add_sensor(int number, const ConnectSource& connect) {
    const Fixture::Sensor& sensor = fixture_.sensors.at(number);
    SourceMeter& source =
        add_source(sensor.driver, fmt::format("injector {}", number), sensors_turn, connect);
    if (sensor.turns)
        injectors_.push_back(std::make_unique<WoundInjector>(source, *sensor.turns, sensor.compliance));
    else
        injectors_.push_back(std::make_unique<TransducerInjector>(source, *sensor.amperes_per_volt));
    bench_.sensors[number] = &envelope_.sensor(number, *injectors_.back());
}

void Rack::add_temperature(int board, const ConnectSource& connect) {
    SourceMeter& source = add_source(fixture_.temperature->driver,
                                     fmt::format("temperature source {}", board), temperatures_turn, connect);
    forcers_.push_back(std::make_unique<LiftedTemperature>(source, fixture_.temperature->volts_per_k,
                                                           fixture_.virtual_bench.ambient));
    bench_.temperatures[board] = &envelope_.temperature(board, *forcers_.back());
}

}  // namespace rig
