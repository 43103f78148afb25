// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/wiring.hpp"

#include <fmt/format.h>

#include "fixtures/signal_names.hpp"
#include "instruments/instrument_error.hpp"
#include "rig/take_up.hpp"

namespace rig {

Wiring::Wiring(Bench& bench, const Fixture& fixture, NotOpened* not_opened)
    : bench_(bench), fixture_(fixture), not_opened_(not_opened) {
}

Wiring::~Wiring() {
    try {
        release();
    } catch (const InstrumentError&) {  // make_safe has said so, where it was asked
    }
}

void Wiring::add_boards(const std::function<Connection(const IoBoardKind&, const std::string& name,
                                                       const Fixture::IoBoard&)>& connect) {
    for (const auto& item : fixture_.io) {
        const std::string& name = item.first;
        const Fixture::IoBoard& board = item.second;
        open_or_note(not_opened_, io_board_name(name), [&] {
            const auto kind = io_board_kind(board.driver);
            boards_.push_back(
                kind.open(*bench_.clock, connect(kind, name, board), io_board_name(name), board));
            if (hand_over_) hand_over_({io_board_name(name), "", Place::last_turn}, *boards_.back());
            for (const auto& [signal, line] : fixture_.lines)
                if (line.kind == LineAddress::Kind::io && line.target == name)
                    add_to(*boards_.back(), signal, line);
        });
    }
}

void Wiring::add_to(IoBoard& board, const std::string& signal, const LineAddress& line) {
    switch (line.channel) {
        case LineAddress::Channel::relay:
            return add_output(signal, board.relay(line.number));
        case LineAddress::Channel::line:
            bench_.inputs[signal] = &board.watch_line(line.number, line.active_low);
            return;
        case LineAddress::Channel::analogue:
            bench_.inputs[signal] = &board.watch_analogue(line.number, Volts{line.above_v}, line.active_low);
    }
}

void Wiring::add_output(const std::string& signal, DigitalOutput& output) {
    driven_.push_back(&output);
    bench_.outputs[signal] = &output;
}

void Wiring::add_gpio(const OpenInput& open_input, const OpenOutput& open_output) {
    for (const auto& item : fixture_.lines) {
        const std::string& signal = item.first;
        const LineAddress& line = item.second;
        if (line.kind != LineAddress::Kind::gpio) continue;
        open_or_note(not_opened_, signal, [&] {
            if (line_use(signal, fixture_.pack.cells) == LineUse::sensed)
                bench_.inputs[signal] = inputs_.emplace_back(open_input(signal, line)).get();
            else
                add_output(signal, *outputs_.emplace_back(open_output(signal, line)));
        });
    }
}

void take_down_with(Bench& bench, Wiring& wiring) {
    try {
        take_down(bench);
    } catch (const InstrumentError& left_on) {
        try {
            wiring.release();
        } catch (const InstrumentError& also) {
            throw InstrumentError("bench", fmt::format("{}\n  {}", left_on.what(), also.what()));
        }
        throw;
    }
    wiring.release();
}

void Wiring::release() {
    std::string trouble;
    for (DigitalOutput* const output : driven_) {
        try {
            output->drive(false);
        } catch (const InstrumentError& error) {
            trouble += (trouble.empty() ? "" : "; ") + std::string(error.what());
        }
    }
    if (!trouble.empty()) throw InstrumentError("lines", "NOT confirmed off: " + trouble);
}

}  // namespace rig
