// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "fixtures/bench.hpp"
#include "fixtures/envelope.hpp"
#include "fixtures/fixture.hpp"
#include "rig/instrument_kinds.hpp"

namespace rig {

/// The instruments of a bench: opens them one by one and puts them, inside the fixture's
/// envelope, where a script finds them. How each is reached is the bench's business.
class Rack {
public:
    Rack(Bench& bench, const Fixture& fixture, const ProjectFolder& project);
    ~Rack();

    /// Unit `unit` (from 1) of the cells' supplies, whose channels stand for cells `first` and up.
    struct Unit {
        int unit, first, channels;
        std::string name;  ///< "cell supply 1"
    };
    /// How many of them, and which cells each has: as many units as the pack needs.
    static std::vector<Unit> units(const Fixture& fixture, const SupplyKind& kind);
    void add_cells(const std::function<Connection(const SupplyKind&, const Unit&)>& connect);

    /// A source that plays sensor `number`'s current, or lifts a board's temperature sensor.
    using ConnectSource = std::function<Connection(const SourceKind&, const std::string& name)>;
    void add_sensor(int number, const ConnectSource& connect);
    void add_temperature(int board, const ConnectSource& connect);

private:
    void note(const InstrumentIdentity& identity);
    /// Refuses a fixture that asks its supplies for what they cannot do.
    void check_abilities(const SupplyAbilities& abilities) const;
    SourceMeter& add_source(const std::string& driver, const std::string& name, const ConnectSource& connect);

    Bench& bench_;
    const Fixture& fixture_;
    SupplyKind supply_kind_;
    std::vector<std::unique_ptr<SupplyUnit>> supplies_;
    std::vector<std::unique_ptr<SourceMeter>> sources_;
    std::vector<std::unique_ptr<CurrentInjector>> injectors_;
    std::vector<std::unique_ptr<TemperatureForcer>> forcers_;
    Envelope envelope_;
};

}  // namespace rig
