// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "firmware/core/temperature.hpp"
#include "fixtures/envelope.hpp"
#include "instruments/voltmeter.hpp"
#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

/// Deep enough for boards as they come to the end of the line, 1.5 % apart, and half the way to V-min at
/// most.
constexpr Volts deepest_dip{0.25};
constexpr Volts least_dip{0.05};  ///< less would be noise
constexpr double warmer_by_k = 20.0;
constexpr Nanoseconds read_within = seconds(8);

/// Which board answered to each excited one, and what the rows say of it.
class Answers {
public:
    Answers(std::string signal, std::string stands_for)
        : signal_(std::move(signal)), stands_for_(std::move(stands_for)) {}

    void heard(int excited, int answered) { answers_[excited] = answered; }

    void write(Sheet& sheet) const {
        for (const auto& [excited, answered] : answers_) {
            const std::string what = fmt::format("{}[{}]", signal_, excited);
            const auto back = answers_.find(answered);
            if (answered == excited)
                sheet.good(what, fmt::format("board {} sees it", excited));
            else if (answered == 0)
                sheet.fault(what, fmt::format("no board sees what its {} does", stands_for_));
            else if (back != answers_.end() && back->second == excited)
                sheet.fault(what, fmt::format("swapped with {}[{}]: board {} sees what its {} does", signal_,
                                              answered, answered, stands_for_));
            else
                sheet.fault(what, fmt::format("board {} sees what its {} does", answered, stands_for_));
        }
    }

private:
    std::string signal_, stands_for_;
    std::map<int, int> answers_;
};

/// While the cell of its board, which itself is where it should be, stands apart from all others.
void look_at_meter(Examination& x, int number, Volts stands, Volts dip) {
    const auto meter = x.bench.meters.find(number);
    if (meter == x.bench.meters.end()) return;
    const std::string what = fmt::format("meter[{}]", number);
    const Volts read = meter->second->read().get();
    const std::string words =
        fmt::format("{:.4f} V, the supply is set to {:.3f} V", read.value, stands.value);
    if (std::abs((read - stands).value) < dip.value / 2)
        x.sheet.good(what, words);
    else
        x.sheet.fault(what, "does not see what the supply of its cell does: " + words);
}

Volts dip_of(Examination& x) {
    const double room_v = x.fixture.pack.nominal.value - volts_of(x.latest().v_min);
    return std::min(deepest_dip, Volts{std::max(0.0, room_v) / 2});
}

/// The board that shows the lowest cell, once one lies as far below the highest as half the dip.
int lowest(Examination& x, int expected, Volts dip) {
    const auto deep = [&](const bms::ExtFrame& frame) {
        return volts_of(frame.highest_voltage) - volts_of(frame.lowest_voltage) > dip.value / 2;
    };
    if (x.eventually(read_within, [&](const bms::ExtFrame& frame) {
            return deep(frame) && frame.lowest_voltage_cell == expected;
        }))
        return expected;
    return deep(x.latest()) ? x.latest().lowest_voltage_cell : 0;
}

int warmest(Examination& x, int expected) {
    const auto warm = [](const bms::ExtFrame& frame) {
        return bms::temperature_degc(frame.highest_temperature) -
                   bms::temperature_degc(frame.lowest_temperature) >
               warmer_by_k / 2;
    };
    if (x.eventually(read_within, [&](const bms::ExtFrame& frame) {
            return warm(frame) && frame.highest_temperature_cell == expected;
        }))
        return expected;
    return warm(x.latest()) ? x.latest().highest_temperature_cell : 0;
}

void look_at_voltages(Examination& x) {
    const Volts dip = dip_of(x), nominal = x.fixture.pack.nominal;
    if (dip < least_dip) {
        x.sheet.not_looked_at("cells",
                              fmt::format("[pack] nominal_v = {:g} leaves too little above V-min, {:g} V",
                                          nominal.value, volts_of(x.latest().v_min)));
        return;
    }
    Answers answers("cell", "supply");
    for (int number = 1; number <= x.cells(); ++number) {
        CellSupply& cell = *x.bench.cells.at(static_cast<std::size_t>(number - 1));
        cell.set_voltage(nominal - dip);
        const int answered = lowest(x, number, dip);
        answers.heard(number, answered);
        if (answered == number)
            look_at_meter(x, number, nominal - dip, dip);
        else if (x.bench.meters.count(number) != 0)
            x.sheet.not_looked_at(fmt::format("meter[{}]", number), "its cell comes first");
        cell.set_voltage(nominal);
    }
    answers.write(x.sheet);
}

void look_at_temperatures(Examination& x) {
    Answers answers("temperature", "source");
    const Celsius warm{x.fixture.virtual_bench.ambient.value + warmer_by_k};
    for (const auto& [board, forcer] : x.bench.temperatures) {
        forcer->force(warm);
        answers.heard(board, warmest(x, board));
        forcer->off();
    }
    answers.write(x.sheet);
}

}  // namespace

void look_at_cells(Examination& x) {
    try {
        look_at_voltages(x);
    } catch (const EnvelopeError& beyond) {
        x.sheet.not_looked_at("cells", beyond.what());
    }
    try {
        look_at_temperatures(x);
    } catch (const EnvelopeError& beyond) {
        x.sheet.not_looked_at("temperatures", beyond.what());
    }
}

}  // namespace rig::doctor
