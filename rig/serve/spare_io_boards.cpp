// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/spare_io_boards.hpp"

#include <fmt/format.h>

#include "fixtures/signal_names.hpp"

namespace rig {

namespace {

// Of the largest Numato board with digital lines.
constexpr int relays_of_a_board = 32, lines_of_a_board = 16;

/// Terminals of one kind, from one board to the next.
class Spare {
public:
    Spare(const char* kind, int of_a_board) : kind_(kind), of_a_board_(of_a_board) {}

    /// For a signal that has no wire yet; the board it is on, or null.
    Fixture::IoBoard* give(Fixture& fixture, const std::string& signal) {
        if (fixture.lines.count(signal) != 0) return nullptr;
        const auto board = fmt::format("served{}", given_ / of_a_board_ + 1);
        fixture.lines[signal] = parse_line(fmt::format("io:{}?{}={}", board, kind_, given_ % of_a_board_));
        ++given_;
        return &fixture.io[board];
    }

private:
    const char* kind_;
    int of_a_board_, given_ = 0;
};

}  // namespace

void wire_to_spare_io_boards(Fixture& fixture, const PlantLines& lines) {
    Spare relays("relay", relays_of_a_board), inputs("line", lines_of_a_board);
    for (const auto& [signal, output] : lines.outputs)
        if (Fixture::IoBoard* const board = relays.give(fixture, signal)) board->relays = relays_of_a_board;
    // An I/O board is asked for one input after the other: flashes and pulses come and go between two looks.
    for (const auto& [signal, input] : lines.inputs)
        if (signal.starts_with("relay.") || signal.starts_with(interlock_signal("")))
            inputs.give(fixture, signal);
}

}  // namespace rig
