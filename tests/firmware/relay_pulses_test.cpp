// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/relay_pulses.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace {

constexpr std::uint16_t healthy = 3300 / 5;

struct Pulse {
    bms::Coil coil;
    double from_ms, to_ms;
};

/// Drives the relays tick by tick, as a board would that never sleeps.
struct Bench {
    bms::Ticks now = 1000;
    bms::RelayPulses relays{now};
    bms::Coil coil = bms::Coil::none;
    std::vector<Pulse> pulses;

    void run(double seconds, bool charge, bool load, std::uint16_t own = healthy) {
        for (const auto end = now + static_cast<bms::Ticks>(seconds * 1800); now != end; ++now) {
            const auto next = relays.step(now, charge, load, own);
            if (next == coil) continue;
            CHECK((next == bms::Coil::none || coil == bms::Coil::none));
            if (next != bms::Coil::none)
                pulses.push_back({next, now / 1.8, 0});
            else
                pulses.back().to_ms = now / 1.8;
            coil = next;
        }
    }

    std::string coils() const {
        std::string text;
        for (const auto& pulse : pulses)
            text += pulse.coil == bms::Coil::charge_set     ? "C+ "
                    : pulse.coil == bms::Coil::charge_reset ? "C- "
                    : pulse.coil == bms::Coil::load_set     ? "L+ "
                                                            : "L- ";
        return text;
    }
};

}  // namespace

TEST_CASE("at power-up both relays are opened within half a second", "[firmware][relay]") {
    Bench bench;
    bench.run(0.4, false, false);
    CHECK(bench.coils() == "C- L- ");
    CHECK_FALSE(bench.relays.charge_active());
}

TEST_CASE("a coil gets one pulse of 20 to 50 ms, and the next comes 100 ms later at the earliest",
          "[firmware][relay]") {
    Bench bench;
    bench.run(1, false, false);
    bench.run(1, true, true);
    bench.run(1, false, true);
    bench.run(1, true, false);
    CHECK(bench.coils() == "C- L- C+ L+ C- L- C+ ");
    for (std::size_t i = 0; i < bench.pulses.size(); ++i) {
        const auto& pulse = bench.pulses[i];
        CHECK(pulse.to_ms - pulse.from_ms >= 20);
        CHECK(pulse.to_ms - pulse.from_ms <= 50);
        if (i > 0) CHECK(pulse.from_ms - bench.pulses[i - 1].to_ms >= 100);
    }
    CHECK(bench.relays.charge_active());
    CHECK_FALSE(bench.relays.load_active());
}

TEST_CASE("relays close only while the last cell has 2.2 V, and open at any voltage", "[firmware][relay]") {
    Bench bench;
    bench.run(1, false, false);
    bench.run(1, true, true, 2195 / 5);
    CHECK(bench.coils() == "C- L- ");
    CHECK_FALSE(bench.relays.charge_active());
    bench.run(1, true, true, 2200 / 5);
    CHECK(bench.coils() == "C- L- C+ L+ ");
    bench.run(1, false, false, 1500 / 5);
    CHECK(bench.coils() == "C- L- C+ L+ C- L- ");
}

TEST_CASE("opening one relay goes before closing the other", "[firmware][relay]") {
    Bench bench;
    bench.run(1, false, true);
    bench.run(1, true, false);
    CHECK(bench.coils() == "C- L+ L- C+ ");
}

TEST_CASE("the commanded position is pulsed again once an hour", "[firmware][relay]") {
    Bench bench;
    bench.run(3601, true, false);
    CHECK(bench.coils() == "L- C+ L- C+ ");
}

TEST_CASE("relays open at once after a cell was too low for weeks to close them", "[firmware][relay]") {
    Bench bench;
    bench.run(1, true, true);
    bench.pulses.clear();
    for (int hour = 0; hour < 24 * 15; ++hour) {
        bench.now += bms::seconds(3600);
        bench.run(0.001, true, true, 2195 / 5);
    }
    bench.run(1, false, false, 2195 / 5);
    CHECK(bench.coils() == "C- L- ");
}

TEST_CASE("the relays say when they want to be looked at again", "[firmware][relay]") {
    bms::Ticks now = 0;
    bms::RelayPulses relays{now};
    int steps = 0;
    while (now < bms::seconds(2)) {
        relays.step(now, false, false, healthy);
        ++steps;
        REQUIRE(relays.due(now) != now);
        now = relays.due(now);
    }
    CHECK(steps <= 6);
}
