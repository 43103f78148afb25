// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/twins/numato_board.hpp"
#include "tests/rig/table.hpp"

namespace rig::testing {

/// The table, and on it an I/O board on a pseudo-terminal: relays 1 and 3 are a switch that is on and a
/// button, line 0 the contact of an interlock.
struct IoBoardTable : Table {
    IoBoardTable() {
        board.lines = closed;
        board.after_switching = [this] { ever_on = ever_on || any_relay_on(); };
        describe(rig, also());
    }

    std::string also() const {
        return "[io.desk]\nlink = \"" + wire.name() +
               "\"\nrelays = 4\n"
               "[lines]\n\"switch[4]\" = \"io:desk?relay=1\"\n\"button.last\" = \"io:desk?relay=3\"\n"
               "[interlock.door]\nline = \"io:desk?line=0\"\nmeaning = \"the chamber's door\"\n"
               "cuts = [\"cells\"]\n";
    }

    bool any_relay_on() const {
        return std::find(board.relays.begin(), board.relays.end(), true) != board.relays.end();
    }

    static constexpr std::uint16_t closed = 1, open = 0;

    PtyServer wire{clock};
    NumatoBoardTwin board{clock, std::make_unique<BorrowedLink>(wire), 4};
    bool ever_on = false;  ///< a relay was
};

}  // namespace rig::testing
