// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <vector>

#include "firmware/core/energy_keeper.hpp"
#include "firmware/core/settings_saver.hpp"
#include "tests/firmware/pack_under_test.hpp"

namespace {

constexpr std::uint16_t capacity = 40;  ///< 100 Wh: 1 % is 40 Wh

struct Eeprom {
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(4096, 0xFF);

    bms::EnergyRing find() const {
        return bms::EnergyRing::find([this](std::uint16_t address, std::uint8_t* to, std::uint8_t count) {
            std::copy_n(&bytes[address], count, to);
        });
    }
};

/// A keeper past boot, one step a second.
struct Keeping {
    Eeprom eeprom;
    bms::Ticks now = 1000;
    bms::EnergyState state;
    bms::EnergyKeeper keeper{now, eeprom.find()};

    void reboot() { keeper = bms::EnergyKeeper{now, eeprom.find()}; }
    void step() { keeper.step(now += bms::seconds(1), state, capacity); }
    void boot() {
        for (int s = 0; s < 10; ++s)
            step();
    }
    int write(int limit = 1000) {
        std::uint16_t address = 0;
        std::uint8_t byte = 0;
        int written = 0;
        while (written < limit && keeper.next(address, byte)) {
            eeprom.bytes.at(address) = byte;
            ++written;
        }
        return written;
    }
};

bms::EnergyState sample() {
    bms::EnergyState state;
    state.stored_wh = 0x123456;
    state.calibrated = true;
    state.time_of_day = 43199;
    state.collected_today = 0x654321;
    state.consumed_today = 77;
    state.collected_total = 0x89ABCDEF;
    state.consumed_total = 0x01020304;
    state.charged = 0xFFFFFFFF;
    state.discharged = 5;
    return state;
}

}  // namespace

TEST_CASE("a record gives back what was stored", "[firmware][eeprom][energy]") {
    const auto stored = bms::store(sample(), 0xABCD);
    CHECK(stored.sequence() == 0xABCD);
    bms::EnergyState read;
    REQUIRE(bms::load(stored, read));
    CHECK(read.stored_wh == 0x123456);
    CHECK(read.calibrated);
    CHECK_FALSE(read.emptied);
    CHECK_FALSE(read.clock_set);
    CHECK(read.time_of_day == 43199);
    CHECK(read.collected_today == 0x654321);
    CHECK(read.consumed_today == 77);
    CHECK(read.collected_total == 0x89ABCDEF);
    CHECK(read.consumed_total == 0x01020304);
    CHECK(read.charged == 0xFFFFFFFF);
    CHECK(read.discharged == 5);
}

TEST_CASE("no single wrong bit passes for a record", "[firmware][eeprom][energy]") {
    for (int bit = 0; bit < 8 * bms::StoredEnergy::size; ++bit) {
        auto stored = bms::store(sample(), 1);
        stored.bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        bms::EnergyState read;
        CHECK_FALSE(bms::load(stored, read));
    }
}

TEST_CASE("a blank ring holds nothing, and neither does one full of zeros", "[firmware][eeprom][energy]") {
    Eeprom eeprom;
    CHECK_FALSE(eeprom.find().any);
    std::fill(eeprom.bytes.begin(), eeprom.bytes.end(), std::uint8_t{0});
    CHECK_FALSE(eeprom.find().any);
}

TEST_CASE("a power cut at any byte leaves the old record or the new one", "[firmware][eeprom][energy]") {
    for (const int before : {1, 31, 32, 33, 70})
        for (int cut = 0; cut <= bms::StoredEnergy::size; ++cut)
            for (const int rubbish : {0x00, 0xFF, 0x5A}) {
                CAPTURE(before, cut, rubbish);
                Keeping test;
                test.boot();
                test.write();
                for (int n = 1; n < before; ++n) {
                    test.state.stored_wh += capacity;
                    test.step();
                    test.write();
                }
                const auto old = test.state.stored_wh;
                test.state.stored_wh += capacity;
                test.step();
                std::uint16_t address = 0;
                std::uint8_t byte = 0;
                REQUIRE(test.write(cut) == cut);
                if (test.keeper.next(address, byte))
                    test.eeprom.bytes[address] = static_cast<std::uint8_t>(rubbish);
                const auto found = test.eeprom.find();
                REQUIRE(found.any);
                const bool whole = cut == bms::StoredEnergy::size;
                const bool by_chance = cut + 1 == bms::StoredEnergy::size && byte == rubbish;
                CHECK(found.newest.stored_wh == (whole || by_chance ? test.state.stored_wh : old));
            }
}

TEST_CASE("the newest record is found across the wrap of the sequence and of the ring",
          "[firmware][eeprom][energy]") {
    Eeprom eeprom;
    for (std::uint32_t n = 0; n < 40; ++n) {
        bms::EnergyState state;
        state.stored_wh = n;
        const auto sequence = static_cast<std::uint16_t>(0xFFF0 + n);
        const auto stored = bms::store(state, sequence);
        std::copy_n(stored.bytes, bms::StoredEnergy::size,
                    &eeprom.bytes[bms::EnergyRing::address(static_cast<std::uint8_t>(n % 32))]);
        const auto found = eeprom.find();
        CHECK(found.newest.stored_wh == n);
        CHECK(found.next_place == (n + 1) % 32);
        CHECK(found.next_sequence == static_cast<std::uint16_t>(sequence + 1));
    }
}

TEST_CASE("records take turns over at least 32 places", "[firmware][eeprom][energy]") {
    Keeping test;
    test.boot();
    std::set<int> places;
    for (int n = 0; n < 100; ++n) {
        test.write();
        places.insert(test.eeprom.find().next_place);
        if (n % 7 == 0) test.reboot();
        test.state.stored_wh += capacity;
        test.boot();
    }
    CHECK(places.size() == 32);
    CHECK(bms::EnergyRing::address(0) >
          bms::StoredSettings::second_at + bms::StoredSettings::size);  // clear of what else is kept
    CHECK(bms::EnergyRing::address(31) + bms::StoredEnergy::size <= 4096);
}

TEST_CASE("a record is written at a change of 1 %, else every 15 minutes", "[firmware][eeprom][energy]") {
    Keeping test;
    test.state.stored_wh = 2000;
    test.boot();
    REQUIRE(test.write() == bms::StoredEnergy::size);

    SECTION("not at less, and not because the percentage flickers") {
        for (int n = 0; n < 400; ++n) {
            test.state.stored_wh = n % 2 ? 2000 : 1999;
            test.step();
            CHECK(test.write() == 0);
        }
        test.state.stored_wh = 2000 + 39;
        test.step();
        CHECK(test.write() == 0);
    }
    SECTION("up") {
        test.state.stored_wh = 2000 + 40;
        test.step();
        CHECK(test.write() != 0);
    }
    SECTION("down") {
        test.state.stored_wh = 2000 - 40;
        test.step();
        CHECK(test.write() != 0);
    }
    SECTION("by the clock") {
        int after = 0;
        while (test.write() == 0 && ++after < 2000)
            test.step();
        CHECK(after == 900);
    }
    SECTION("at once when what it means has changed") {
        SECTION("calibrated") {
            test.state.calibrated = true;
        }
        SECTION("emptied") {
            test.state.emptied = true;
        }
        SECTION("the clock was set") {
            test.state.clock_set = true;
        }
        test.step();
        CHECK(test.write() != 0);
    }
}

TEST_CASE("counters that were cleared are kept cleared", "[firmware][eeprom][energy]") {
    Keeping test;
    test.state = sample();
    test.boot();
    test.write();
    SECTION("collected today") {
        test.state.collected_today = 0;
    }
    SECTION("consumed today") {
        test.state.consumed_today = 0;
    }
    SECTION("collected in total") {
        test.state.collected_total = 0;
    }
    SECTION("consumed in total") {
        test.state.consumed_total = 0;
    }
    test.step();
    CHECK(test.write() != 0);
}

TEST_CASE("nothing is written while the board boots", "[firmware][eeprom][energy]") {
    Keeping test;
    for (int s = 1; s < 10; ++s) {
        test.state.stored_wh += capacity;
        test.step();
        CHECK(test.write() == 0);
    }
    test.step();
    CHECK(test.write() != 0);
}

TEST_CASE("a change while a record is written waits for the next one", "[firmware][eeprom][energy]") {
    Keeping test;
    test.boot();
    test.write(5);
    test.state.stored_wh = 500;
    test.step();
    test.write();
    CHECK(test.eeprom.find().newest.stored_wh == 0);
    test.step();
    test.write();
    CHECK(test.eeprom.find().newest.stored_wh == 500);
}

TEST_CASE("a pack goes on where its record ends", "[firmware][energy][soc]") {
    bms::Calibrated before;
    before.discharge_to(42);
    const auto state = before.pack.energy_state();
    bms::PackUnderTest after;
    CHECK(after.pack.soc().percent(after.pack.settings()) == 50);
    after.pack.restore(state);
    CHECK(after.pack.soc().percent(after.pack.settings()) == 42);
    CHECK(after.pack.soc().calibrated());
    CHECK(after.pack.energy().consumed_today_wh() == before.pack.energy().consumed_today_wh());
    CHECK(after.pack.energy().collected_total_kwh() == before.pack.energy().collected_total_kwh());
    CHECK(after.pack.energy().cycles(1) == before.pack.energy().cycles(1));
    CHECK(after.pack.energy().discharged_kwh() == before.pack.energy().discharged_kwh());
}

TEST_CASE("today's energy ends with the app's clock at midnight", "[firmware][energy][clock]") {
    bms::Running test;
    test.current(100);
    test.messages(60);
    REQUIRE(test.pack.energy().collected_today_wh() > 10);
    REQUIRE(test.set(bms::app_address::clock, 23 << 8 | 59) == bms::Refusal::none);
    CHECK(test.pack.energy().clock_minutes() == 23 * 60 + 59);
    const auto today = test.pack.energy().collected_today_wh();
    test.current(0);
    test.messages(59);
    CHECK(test.pack.energy().collected_today_wh() == today);
    test.messages(1);
    CHECK(test.pack.energy().collected_today_wh() == 0);
    CHECK(test.pack.energy().clock_minutes() == 0);

    SECTION("once") {
        test.current(100);
        test.messages(600);
        CHECK(test.pack.energy().collected_today_wh() > 10);
    }
}

TEST_CASE("a correction of the clock ends the day only if midnight lies between",
          "[firmware][energy][clock]") {
    bms::Running test;
    test.current(100);
    test.messages(60);
    const auto today = test.pack.energy().collected_today_wh();
    const auto set = [&](int hour, int minute) {
        REQUIRE(test.set(bms::app_address::clock, hour << 8 | minute) == bms::Refusal::none);
        return test.pack.energy().collected_today_wh();
    };
    CHECK(set(20, 0) == today);  // the first: nobody knows what the day was before
    CHECK(set(18, 1) == today);
    CHECK(set(23, 59) == today);
    CHECK(set(0, 0) == 0);
}

TEST_CASE("the first clock ends no day however long the board has run", "[firmware][energy][clock]") {
    bms::EnergyCounters counters;
    counters.count(bms::EnergyFlow{200000 / 5, 1000}, 1000);
    counters.elapse(bms::seconds(20 * 3600));
    counters.set_clock(6 * 60);
    CHECK(counters.collected_today_wh() > 0);
}

TEST_CASE("a board that was off over midnight ends the day when the app's clock says so",
          "[firmware][energy][clock]") {
    bms::EnergyState state = sample();
    state.clock_set = true;
    state.time_of_day = 20 * 1800;  // 20:00
    bms::EnergyCounters counters;
    counters.restore(state);
    CHECK(counters.clock_minutes() == 20 * 60);
    CHECK(counters.collected_today_wh() == 0x654321);
    counters.set_clock(8 * 60);
    CHECK(counters.collected_today_wh() == 0);
    CHECK(counters.consumed_today_wh() == 0);
    CHECK(counters.collected_total_kwh() == 0x89ABCDEF / 1000);
}

TEST_CASE("no clock has an hour of 24 or a minute of 60", "[firmware][energy][clock]") {
    bms::Running test;
    CHECK(test.set(bms::app_address::clock, 24 << 8) == bms::Refusal::range);
    CHECK(test.set(bms::app_address::clock, 60) == bms::Refusal::range);
    CHECK(test.set(bms::app_address::clock, 23 << 8 | 59) == bms::Refusal::none);
    CHECK_FALSE(test.pack.take_changed());
}
