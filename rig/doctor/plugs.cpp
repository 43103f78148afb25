// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

constexpr Nanoseconds shows_within = seconds(15);

/// Does, sees at the last board, undoes: one row.
void try_line(Examination& x, const std::string& line, bool tried, const Examination::Holds& shows,
              const char* seen) {
    if (!x.has_output(line)) return;
    DigitalOutput& output = *x.bench.outputs.at(line);
    bool right = false;
    x.while_driven(output, tried, output.driven(), [&] { right = x.eventually(shows_within, shows); });
    x.eventually(shows_within, [&](const bms::ExtFrame& frame) { return !shows(frame); });
    if (right)
        x.sheet.good(line, seen);
    else
        x.sheet.fault(line, "does nothing that the last board sees: nothing goes through this wire");
}

}  // namespace

void look_at_plugs_and_links(Examination& x) {
    for (const auto& [number, injector] : x.bench.sensors) {
        const auto absent = [sensor = number](const bms::ExtFrame& frame) {
            return (sensor == 1 ? frame.i1 : frame.i2).sign == 'X';
        };
        try_line(x, fmt::format("sensor[{}].plugged", number), false, absent,
                 "pulled, the board sees no sensor");
    }
    for (int from = 1; from < x.cells(); ++from)
        try_line(x, fmt::format("chain[{}].closed", from), false, communication_error,
                 "opened, the last board says E");
}

}  // namespace rig::doctor
