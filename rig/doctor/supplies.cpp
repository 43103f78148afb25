// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "rig/doctor/examination.hpp"
#include "rig/take_up.hpp"

namespace rig::doctor {

namespace {

constexpr int readings = 8;
constexpr Nanoseconds between_readings = milliseconds(250);

/// What each channel shows, averaged: boards draw in bursts.
std::vector<Amperes> currents(Examination& x) {
    std::vector<Amperes> sum(x.bench.cells.size());
    for (int i = 0; i < readings; ++i) {
        std::vector<Reply<Amperes>> answers;
        for (CellSupply* cell : x.bench.cells)
            answers.push_back(cell->measure_current());
        for (std::size_t k = 0; k < sum.size(); ++k)
            sum[k] += answers[k].get() / readings;
        x.wait(between_readings);
    }
    return sum;
}

}  // namespace

std::vector<Amperes> supply_boards(Examination& x) {
    const std::vector<Amperes> zero = currents(x);
    power_up(x.bench, x.fixture);
    std::vector<Amperes> drawn = currents(x);
    for (std::size_t k = 0; k < drawn.size(); ++k) {
        drawn[k] -= zero[k];
        const std::string cell = fmt::format("cell[{}]", k + 1);
        for (const std::string& alarm : x.bench.cells[k]->alarms())
            x.sheet.fault(cell, "its supply says: " + alarm);
        for (const std::string& error : x.bench.cells[k]->errors())
            x.sheet.fault(x.bench.instrument_of.at(cell), "its list of errors held: " + error);
    }
    return drawn;
}

}  // namespace rig::doctor
