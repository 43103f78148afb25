// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/hidden_settings.hpp"

#include <catch2/catch.hpp>
#include <cstring>

#include "firmware/core/gen2_installation.hpp"

namespace {

using State = bms::SavedHiddenSettings::State;
constexpr bms::Ticks ms_50 = bms::at_least_ms(50);

bms::StoredHiddenSettings blank() {
    bms::StoredHiddenSettings stored;
    std::memset(stored.bytes, 0xFF, sizeof stored.bytes);
    return stored;
}

bms::HiddenSettings hidden(int type, int count_code) {
    bms::HiddenSettings settings;
    settings.sensor_type = static_cast<std::uint8_t>(type);
    settings.count_code = static_cast<std::uint8_t>(count_code);
    return settings;
}

}  // namespace

TEST_CASE("hidden settings come back as they were stored", "[firmware][gen2][hidden]") {
    for (int type = 0; type < 8; ++type)
        for (int code = 0; code < 16; ++code) {
            bms::HiddenSettings read;
            REQUIRE(load(store(hidden(type, code)), read));
            CHECK(read.sensor_type == type);
            CHECK(read.count_code == code);
        }
}

TEST_CASE("hidden settings that no switch can say are lost, however good their CRC",
          "[firmware][gen2][hidden]") {
    bms::HiddenSettings read;
    CHECK_FALSE(load(store(hidden(8, 0)), read));
    CHECK_FALSE(load(store(hidden(0, 16)), read));
    auto damaged = store(hidden(3, 5));
    damaged.bytes[2] ^= 1;
    CHECK_FALSE(load(damaged, read));
}

TEST_CASE("a new board has the factory's hidden settings, a damaged one lost them",
          "[firmware][gen2][hidden]") {
    const auto good = store(hidden(5, 2));
    auto damaged = good;
    damaged.bytes[0] = 7;
    CHECK(bms::SavedHiddenSettings(blank(), blank()).state == State::blank);
    CHECK(bms::SavedHiddenSettings(damaged, good).value.sensor_type == 5);
    CHECK(bms::SavedHiddenSettings(good, damaged).value.count_code == 2);

    bms::Gen2Installation lost{bms::SavedHiddenSettings(damaged, damaged), false};
    CHECK(lost.announcement().settings_lost);
    SECTION("until they are stored again") {
        lost.store(0xA0);
        CHECK_FALSE(lost.announcement().settings_lost);
        CHECK(lost.announcement().config == 0x50);
    }
}

TEST_CASE("a power cut while hidden settings are written leaves the old or the new ones",
          "[firmware][gen2][hidden]") {
    for (int cut = 0; cut <= 2 * bms::StoredHiddenSettings::size; ++cut)
        for (const int garbage : {0x00, 0xFF, 0x5A}) {
            std::uint8_t eeprom[64];
            std::memset(eeprom, 0xFF, sizeof eeprom);
            const auto read = [&](std::uint16_t at, std::uint8_t* bytes, std::uint8_t count) {
                std::memcpy(bytes, eeprom + at, count);
            };
            bms::Gen2Installation before{bms::SavedHiddenSettings::find(read), false};
            std::uint16_t address;
            std::uint8_t byte;
            before.store(0x42);
            while (before.next(address, byte))
                eeprom[address] = byte;
            before.store(0x64);
            int written = 0;
            while (before.next(address, byte) && written++ < cut)
                eeprom[address] = byte;
            if (written > cut) eeprom[address] = static_cast<std::uint8_t>(garbage);
            const bms::SavedHiddenSettings after = bms::SavedHiddenSettings::find(read);
            REQUIRE(after.state == State::good);
            CHECK((after.value.sensor_type == 2 || after.value.sensor_type == 3));
            CHECK(after.value.count_code == (after.value.sensor_type == 2 ? 1 : 2));
        }
}

TEST_CASE("switch 8 acts as it goes off, after 50 ms on and 50 ms off", "[firmware][gen2][switches]") {
    bms::StoreSwitch store{false};
    bms::Ticks now = 1000;
    CHECK_FALSE(store.step(now, true));
    CHECK(store.on());

    SECTION("not when it was on for less") {
        CHECK_FALSE(store.step(now + ms_50 - 1, false));
        CHECK_FALSE(store.step(now + 2 * ms_50, false));
        CHECK_FALSE(store.on());
    }
    SECTION("not before it was off for as long") {
        CHECK(store.due(now + 9999) == now + ms_50);
        CHECK_FALSE(store.step(now += ms_50, true));
        CHECK_FALSE(store.step(now += 100, false));
        CHECK_FALSE(store.step(now + ms_50 - 1, false));
        CHECK(store.on());
        CHECK(store.step(now + ms_50, false));
        CHECK_FALSE(store.on());
        CHECK_FALSE(store.step(now + ms_50 + 1, false));
    }
    SECTION("and bounces do not count") {
        for (int i = 0; i < 20; ++i)
            CHECK_FALSE(store.step(now += 10, i % 2 == 0));
        CHECK_FALSE(store.step(now += 200, false));
    }
}

TEST_CASE("switch 8 that is on at power-up acts as it goes off", "[firmware][gen2][switches]") {
    bms::StoreSwitch store{true};
    CHECK_FALSE(store.step(1000, true));
    CHECK_FALSE(store.step(2000, false));
    CHECK(store.step(2000 + ms_50, false));
}

TEST_CASE("while switch 8 is on the others' ordinary meaning is frozen", "[firmware][gen2][switches]") {
    bms::Gen2Installation installation{bms::SavedHiddenSettings(blank(), blank()), false};
    installation.read(0x00);
    const auto balance_mv = [&] { return installation.announcement().balance_voltage * 5; };
    REQUIRE(balance_mv() == 3400);
    installation.read(0x46);
    installation.read(0x46);  // two of three reads
    installation.step(1000, true);
    for (int i = 0; i < 5; ++i)
        installation.read(0x47);
    CHECK(balance_mv() == 3400);
    installation.step(2000, true);
    installation.step(3000, false);
    installation.read(0x46);  // it may still be bouncing
    CHECK(installation.step(4000, false));
    installation.read(0x46);
    installation.read(0x46);
    CHECK(balance_mv() == 3400);
    installation.read(0x46);
    CHECK(balance_mv() == 4300);
}

TEST_CASE("what stands there at power-up counts at once, switch 8 on or off", "[firmware][gen2][switches]") {
    bms::Gen2Installation installation{bms::SavedHiddenSettings(blank(), blank()), true};
    installation.read(0x47);
    CHECK(installation.announcement().balance_voltage * 5 == 4300);
}
