// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "fixtures/boards/ext_reader.hpp"
#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

// Debouncing and ten good messages take about 12 s, 30 s lie between a relay's "off" and its next "on".
constexpr Nanoseconds boards_settle_within = seconds(60);
constexpr Nanoseconds words_within = seconds(15);

/// A board takes about a milliampere; channels that show less for all of them cannot tell.
constexpr Amperes least_to_tell{0.25e-3};
constexpr double share_of_a_living_board = 0.25;

constexpr Volts above_balance{0.05};
constexpr Amperes bypass_at_least{0.3};
constexpr Nanoseconds bypass_comes_within = seconds(3);

/// Boards that take nothing from their supplies, where the supplies can tell.
std::vector<int> lifeless(const std::vector<Amperes>& drawn) {
    std::vector<Amperes> sorted = drawn;
    std::sort(sorted.begin(), sorted.end());
    const Amperes usual = sorted[sorted.size() / 2];
    std::vector<int> found;
    if (usual < least_to_tell) return found;
    for (std::size_t k = 0; k < drawn.size(); ++k)
        if (drawn[k] < share_of_a_living_board * usual) found.push_back(static_cast<int>(k) + 1);
    return found;
}

bool balances(Examination& x, int number) {
    CellSupply& cell = *x.bench.cells.at(static_cast<std::size_t>(number - 1));
    const Amperes before = cell.measure_current().get();
    cell.set_voltage(x.fixture.pack.balance + above_balance);
    bool conducts = false;
    for (Nanoseconds waited{0}; waited < bypass_comes_within && !conducts; waited += milliseconds(250)) {
        x.wait(milliseconds(250));
        conducts = cell.measure_current().get() - before > bypass_at_least;
    }
    cell.set_voltage(x.fixture.pack.nominal);
    return conducts;
}

/// INS-02: boards balance as long as the chain reaches them. The first that does not, else 0.
int first_unreached(Examination& x) {
    if (x.fixture.pack.balance.value == 0.0) return 0;
    for (int number = 1; number <= x.cells(); ++number)
        if (!balances(x, number)) return number;
    return 0;
}

void name_what_is_in_the_way(Examination& x) {
    if (!communication_error(x.latest()) && x.latest().count == x.cells()) {
        x.sheet.fault(
            "relays",
            fmt::format("{} s after power-up not both are allowed; what do the boards' settings say?",
                        boards_settle_within / seconds(1)));
        return;
    }
    const int unreached = first_unreached(x);
    if (unreached == 1)
        x.sheet.fault("cell[1]",
                      "the first board balances not even its own cell: is it the first, and whole?");
    else if (unreached > 1)
        x.sheet.fault(fmt::format("chain[{}]", unreached - 1),
                      fmt::format("board {} hears nothing of board {}", unreached, unreached - 1));
    else
        x.sheet.fault("chain", fmt::format("it is whole, yet the last board, which counts {}, says E: do "
                                           "[pack] cells and the switches fit the boards?",
                                           x.latest().count));
}

}  // namespace

void look_at_chain(Examination& x, const std::vector<Amperes>& drawn) {
    if (x.bench.ext == nullptr) {
        x.sheet.not_looked_at("cells", "the last board's word is needed: name its line in [boards] ext");
        return;
    }
    if (x.settled(boards_settle_within)) {
        x.chain_is_whole = true;
        x.sheet.good("ext", fmt::format("{} boards, both relays allowed", x.cells()));
        return;
    }
    x.lifeless = lifeless(drawn);
    for (const int number : x.lifeless)
        x.sheet.fault(
            fmt::format("cell[{}]", number),
            fmt::format("its board takes {:.2f} mA where others take more: a lead is open, or no board there",
                        drawn[static_cast<std::size_t>(number - 1)].value * 1e3));
    const bool silent = !x.eventually(words_within, [](const bms::ExtFrame&) { return true; });
    if (silent && x.lives(x.cells()))
        x.sheet.fault("ext", x.bench.ext->stray_bytes() > 0
                                 ? "bytes that are no frames: is the line inverted, its rate 9600?"
                                 : "silent, though the last board has a supply");
    else if (!silent && x.lifeless.empty())
        name_what_is_in_the_way(x);
    x.sheet.not_looked_at("other wires", "their far end is not heard");
}

}  // namespace rig::doctor
