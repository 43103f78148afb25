// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fixtures/fixture.hpp"
#include "fixtures/virtual/virtual_bench.hpp"
#include "instruments/links/wall_clock.hpp"
#include "instruments/twins/modbus_server.hpp"
#include "rig/serve/pace.hpp"
#include "rig/serve/served_gpio.hpp"
#include "rig/simulated_instruments.hpp"

namespace rig {

/// A virtual bench in real time, as a table of boards and instruments is for other programs: each
/// instrument's twin on a TCP port or a pseudo-terminal, each of the boards' own lines on a pseudo-terminal.
/// Each digital line that the fixture has on no I/O board is a GPIO line where the kernel has gpio-sim, and
/// at a terminal of another I/O board where it has not (what flashes or pulses excepted). The boards'
/// switches stand as the fixture says.
class ServedBench {
public:
    /// `speed`: bench seconds to a second.
    ServedBench(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed, double speed);
    ~ServedBench();

    /// A real bench's fixture that leads here.
    const Fixture& reached() const { return reached_; }

    WallClock& wall() { return wall_; }
    Pace& pace() { return pace_; }
    std::vector<std::string> condemnations() const { return boards_.condemnations(); }

private:
    void serve_instruments(const ProjectFolder& project);
    void serve_digital_lines();
    void serve_lines();
    void stand_switches();
    void serve_gpio();
    void carry_lines();

    LinkAddress serve(Imitation imitation);
    LinkAddress serve_registers(const Imitation& imitation);
    /// What arrives at `outside` goes into `inside`, once the simulation has caught up.
    void lead(ByteLink& outside, ByteLink& inside);
    LinkAddress serve_line(ByteLink& line, bool hears = true);

    // In the order in which they are built on one another.
    Fixture fixture_, reached_;
    WallClock wall_;
    VirtualBench boards_;
    SimulatedInstruments instruments_;
    Pace pace_;
    std::vector<std::unique_ptr<ByteLink>> inside_;
    std::vector<std::unique_ptr<ModbusServer>> registers_;
    std::vector<std::unique_ptr<ByteLink>> outside_;
    std::unique_ptr<ServedGpio> gpio_;
};

}  // namespace rig
