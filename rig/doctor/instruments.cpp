// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "instruments/voltmeter.hpp"
#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

/// An answer may take this long at least before it is slow, and so many times what the quickest
/// instrument of its kind takes. The first alone holds where there is but one of a kind.
constexpr Nanoseconds slow_for_any = milliseconds(200), slow_in_company = milliseconds(50);
constexpr int times_the_quickest = 5, tries = 3;

struct Timed {
    std::string name;
    Nanoseconds answered_in{};
};

Nanoseconds quickest_of(Clock& clock, const std::function<void()>& word) {
    Nanoseconds least = Nanoseconds::max();
    for (int i = 0; i < tries; ++i) {
        const Nanoseconds begun = clock.now();
        word();
        least = std::min(least, clock.now() - begun);
    }
    return least;
}

std::string milliseconds_text(Nanoseconds span) {
    return fmt::format("{:.1f} ms", static_cast<double>(span.count()) / 1e6);
}

/// A meter integrates for as long as it was told, and as long again for its zero; the line may have 50 Hz.
Nanoseconds reading_time(const Fixture::Meter& meter) {
    return Nanoseconds{static_cast<std::int64_t>(2 * meter.line_cycles / 50.0 * 1e9)};
}

/// One row for each of one kind: of those that take the same word alike. `own`: what the word itself takes.
void judge(Examination& x, const std::vector<Timed>& kind, Nanoseconds own = {}) {
    if (kind.empty()) return;
    const Nanoseconds quickest = std::min_element(kind.begin(), kind.end(), [](const auto& a, const auto& b) {
                                     return a.answered_in < b.answered_in;
                                 })->answered_in;
    for (const Timed& it : kind) {
        const bool slow =
            it.answered_in > own + slow_for_any ||
            (it.answered_in > quickest + slow_in_company && it.answered_in > times_the_quickest * quickest);
        std::string words = milliseconds_text(it.answered_in);
        const auto who = std::find_if(x.bench.instruments.begin(), x.bench.instruments.end(),
                                      [&](const InstrumentIdentity& i) { return i.name == it.name; });
        if (who != x.bench.instruments.end()) words = who->answer + "; " + words;
        if (!slow)
            x.sheet.good(it.name, words);
        else
            x.sheet.fault(it.name, fmt::format("slow: {}, the quickest of its kind takes {}; look at its "
                                               "link and at who else talks to it",
                                               words, milliseconds_text(quickest)));
    }
}

}  // namespace

void look_at_instruments(Examination& x) {
    Clock& clock = *x.bench.clock;
    std::vector<Timed> supplies, sources, lifts;
    for (std::size_t i = 0; i < x.bench.cells.size(); ++i) {
        const std::string& unit = x.bench.instrument_of.at(fmt::format("cell[{}]", i + 1));
        if (!supplies.empty() && supplies.back().name == unit) continue;
        CellSupply& cell = *x.bench.cells[i];
        supplies.push_back({unit, quickest_of(clock, [&] { cell.measure_voltage().get(); })});
    }
    for (const auto& [number, injector] : x.bench.sensors) {
        injector->inject(Amperes{0.0});
        sources.push_back({x.bench.instrument_of.at(fmt::format("sensor[{}]", number)),
                           quickest_of(clock, [&, sensor = injector] { sensor->measure().get(); })});
    }
    for (const auto& [board, forcer] : x.bench.temperatures)
        lifts.push_back({x.bench.instrument_of.at(fmt::format("temperature[{}]", board)),
                         quickest_of(clock, [&, lift = forcer] { lift->off(); })});
    for (const auto& [board, meter] : x.bench.meters)
        judge(x,
              {{x.bench.instrument_of.at(fmt::format("meter[{}]", board)),
                quickest_of(clock, [&, its = meter] { its->read().get(); })}},
              reading_time(x.fixture.meters.at(board)));
    judge(x, supplies);
    judge(x, sources);
    judge(x, lifts);
}

}  // namespace rig::doctor
