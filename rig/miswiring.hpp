// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fixtures/fixture.hpp"
#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/connection.hpp"
#include "instruments/digital_line.hpp"
#include "instruments/terminals.hpp"

namespace rig {

/// What [virtual.faults] puts wrong on a virtual bench: stands between the boards and what should
/// reach them. Each call hands back what is there instead; mostly the very thing.
class Miswiring {
public:
    Miswiring(const Fixture& fixture, Clock& clock);
    ~Miswiring();

    /// The board whose leads the supply of `cell` is clamped to.
    int board_at(int cell) const;
    Terminals& leads(int board, Terminals& terminals);
    Terminals& sensor(int number, Terminals& primary);
    Terminals& meter(int board, Terminals& ends);

    /// The contact that the wire `input` comes from.
    std::string wired_to(const std::string& input);
    DigitalInput& input(const std::string& name, DigitalInput& line);
    DigitalOutput& output(const std::string& name, DigitalOutput& line);
    ByteLink& line(const std::string& name, ByteLink& line);

    /// The contact of the interlock `name`, which no board has.
    DigitalInput& interlock(const std::string& name);

    /// Something else answers here.
    bool is_another(const std::string& instrument);
    Connection link(const std::string& instrument, Connection connection);

    /// Throws FixtureError for a fault of something that this bench has not got.
    void require_all_there() const;

private:
    bool is_missing(const std::string& line);
    bool met(const char* key, const std::string& wanted, const std::string& name);

    Fixture::Faults faults_;
    std::string file_;
    Clock& clock_;
    std::set<std::string> met_;
    std::vector<std::shared_ptr<void>> stand_ins_;
};

}  // namespace rig
