// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "fixtures/bench.hpp"
#include "fixtures/boards/board_units.hpp"
#include "fixtures/fixture.hpp"
#include "rig/doctor/doctor.hpp"

namespace rig::doctor {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// What the parts of an examination share: the bench, what they write to, and how they wait.
class Examination {
public:
    Examination(Bench& its_bench, const Fixture& its_fixture, Sheet& its_sheet)
        : bench(its_bench), fixture(its_fixture), sheet(its_sheet) {}

    Bench& bench;
    const Fixture& fixture;
    Sheet& sheet;

    // What look_at_chain found out.
    bool chain_is_whole = false;  ///< what the first board sends reaches the last one
    std::vector<int> lifeless{};  ///< boards that take nothing from their supplies

    bool lives(int board) const {
        return std::find(lifeless.begin(), lifeless.end(), board) == lifeless.end();
    }

    int cells() const { return fixture.pack.cells; }
    bool gen2() const;

    void wait(Nanoseconds span);

    using Holds = std::function<bool(const bms::ExtFrame&)>;

    /// Waits for an EXT frame that began after this call and for which `holds`; true if one came.
    bool eventually(Nanoseconds within, const Holds& holds);
    /// The last board's latest word; there was one once eventually() was true.
    const bms::ExtFrame& latest() const;
    bool has_latest() const;

    /// Drives a line, looks, and drives it back to `before` whatever comes of looking.
    void while_driven(DigitalOutput& line, bool tried, bool before, const std::function<void()>& look);

    /// Neither alarm nor missing boards, and both relays allowed.
    bool settled(Nanoseconds within);

    bool has_input(const std::string& name) const { return bench.inputs.count(name) != 0; }
    bool has_output(const std::string& name) const { return bench.outputs.count(name) != 0; }
};

bool communication_error(const bms::ExtFrame& frame);
bool charge_allowed(const bms::ExtFrame& frame);
bool load_allowed(const bms::ExtFrame& frame);

// The parts, in the order in which a bench is examined; each writes its rows.

/// False when one is open: nothing may be on.
bool look_at_interlocks(Examination& x);
void look_at_instruments(Examination& x);
/// Switches the cells on. What each channel then delivers, less what it shows while off.
std::vector<Amperes> supply_boards(Examination& x);
/// Without a whole chain no wire can be read at its far end.
void look_at_chain(Examination& x, const std::vector<Amperes>& drawn);
void look_at_cells(Examination& x);
void look_at_sensors(Examination& x);
void look_at_relays_and_lights(Examination& x);
void look_at_switches(Examination& x);
void look_at_plugs_and_links(Examination& x);
void look_at_lines(Examination& x);

}  // namespace rig::doctor
