// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/settings.hpp"

#include <catch2/catch.hpp>

using bms::Refusal;
namespace at = bms::app_address;

namespace {
constexpr std::uint16_t balance = 3400 / 5;

std::uint16_t volts(double v) {
    return static_cast<std::uint16_t>(v * 200 + 0.5);
}
}  // namespace

TEST_CASE("the defaults of generation 3 are those of its LiFePO4 preset", "[firmware][settings]") {
    const bms::Settings settings;
    CHECK(settings.v_min == volts(2.90));
    CHECK(settings.v_max == volts(3.70));
    CHECK(bms::temperature_degc(settings.t_min_charge) == 0);
    CHECK(bms::temperature_degc(settings.t_min_discharge) == -20);
    CHECK(bms::temperature_degc(settings.t_max) == 80);
    CHECK(settings.charge_restart == 95);
    CHECK(settings.discharge_restart == 5);
    CHECK(settings.capacity == 40);
    CHECK(settings.pin == 0x1234);
    CHECK(bms::valid(settings));
}

TEST_CASE("V-min stays 100 mV below and V-max 50 mV above the balance voltage", "[firmware][settings]") {
    bms::Settings settings;
    CHECK(write(settings, at::v_min, volts(3.30), balance) == Refusal::none);
    CHECK(write(settings, at::v_min, volts(3.305), balance) == Refusal::order);
    CHECK(settings.v_min == volts(3.30));
    CHECK(write(settings, at::v_max, volts(3.45), balance) == Refusal::none);
    CHECK(write(settings, at::v_max, volts(3.445), balance) == Refusal::order);
    CHECK(settings.v_max == volts(3.45));
}

TEST_CASE("voltages stay inside what a board works with", "[firmware][settings]") {
    bms::Settings settings;
    CHECK(write(settings, at::v_min, volts(1.50), balance) == Refusal::none);
    CHECK(write(settings, at::v_min, volts(1.495), balance) == Refusal::range);
    CHECK(write(settings, at::v_max, volts(5.00), balance) == Refusal::none);
    CHECK(write(settings, at::v_max, volts(5.005), balance) == Refusal::range);
}

TEST_CASE("without a balance voltage V-full takes its place in the order", "[firmware][settings]") {
    bms::Settings settings;
    CHECK(write(settings, at::v_max, volts(3.44), 0) == Refusal::order);
    CHECK(write(settings, at::v_full, volts(3.30), 0) == Refusal::none);
    CHECK(write(settings, at::v_max, volts(3.44), 0) == Refusal::none);
    CHECK(write(settings, at::v_full, volts(3.40), 0) == Refusal::order);
    CHECK(write(settings, at::v_full, volts(2.60), balance) == Refusal::none);
}

TEST_CASE("temperatures stay in range and in order", "[firmware][settings]") {
    bms::Settings settings;
    const auto raw = [](int degc) { return bms::temperature_raw(static_cast<std::int16_t>(degc)); };
    CHECK(write(settings, at::t_min_charge, raw(-40), balance) == Refusal::none);
    CHECK(write(settings, at::t_min_charge, raw(-41), balance) == Refusal::range);
    CHECK(write(settings, at::t_max, raw(85), balance) == Refusal::none);
    CHECK(write(settings, at::t_max, raw(86), balance) == Refusal::range);
    CHECK(write(settings, at::t_max, raw(-20), balance) == Refusal::order);
    CHECK(write(settings, at::t_min_discharge, raw(85), balance) == Refusal::order);
    CHECK(write(settings, at::t_min_discharge, raw(84), balance) == Refusal::none);
}

TEST_CASE("the restart percentages stay in range and in order", "[firmware][settings]") {
    bms::Settings settings;
    CHECK(write(settings, at::charge_restart, 100, balance) == Refusal::none);
    CHECK(write(settings, at::charge_restart, 101, balance) == Refusal::range);
    CHECK(write(settings, at::charge_restart, 5, balance) == Refusal::order);
    CHECK(write(settings, at::discharge_restart, 99, balance) == Refusal::none);
    CHECK(write(settings, at::discharge_restart, 100, balance) == Refusal::order);
}

TEST_CASE("modes, types and digits have their ranges", "[firmware][settings]") {
    bms::Settings settings;
    CHECK(write(settings, at::sensor_type, 2, balance) == Refusal::none);
    CHECK(write(settings, at::sensor_type, 3, balance) == Refusal::range);
    CHECK(write(settings, at::critical_mode, 1, balance) == Refusal::none);
    CHECK(write(settings, at::critical_mode, 2, balance) == Refusal::range);
    CHECK(write(settings, at::charge_forced_off, 2, balance) == Refusal::range);
    CHECK(write(settings, at::load_forced_off, 2, balance) == Refusal::range);
    CHECK(write(settings, at::chemistry, 4, balance) == Refusal::none);
    CHECK(write(settings, at::chemistry, 5, balance) == Refusal::range);
    CHECK(write(settings, at::capacity, 0, balance) == Refusal::range);
    CHECK(write(settings, at::pin, 0x9876, balance) == Refusal::none);
    CHECK(write(settings, at::pin, 0x987A, balance) == Refusal::range);
    CHECK(write(settings, 0x0FF, 1, balance) == Refusal::address);
    CHECK(settings.pin == 0x9876);
}

TEST_CASE("every setting reaches its own field", "[firmware][settings]") {
    bms::Settings s;
    const auto put = [&](std::uint16_t address, int value) {
        CAPTURE(address);
        CHECK(write(s, address, static_cast<std::uint16_t>(value), balance) == Refusal::none);
    };
    put(at::solar_peak, 1001), put(at::inverter_peak, 1002), put(at::capacity, 1003), put(at::v_low, 601);
    put(at::v_nominal, 602), put(at::tail_current, 77), put(at::load_forced_off, 1), put(at::v_full, 603);
    CHECK(s.solar_peak == 1001);
    CHECK(s.inverter_peak == 1002);
    CHECK(s.capacity == 1003);
    CHECK(s.v_low == 601);
    CHECK(s.v_nominal == 602);
    CHECK(s.v_full == 603);
    CHECK(s.tail_current == 77);
    CHECK(s.load_forced_off == 1);
    CHECK(s.charge_forced_off == 0);
}

TEST_CASE("stored settings come back as they were", "[firmware][settings]") {
    bms::Settings settings;
    settings.solar_peak = 0x0102;
    settings.v_max = volts(3.65);
    settings.pin = 0x4711;
    settings.tail_current = 25;
    bms::Settings back;
    REQUIRE(bms::load(bms::store(settings), back));
    CHECK(back.solar_peak == 0x0102);
    CHECK(back.v_max == volts(3.65));
    CHECK(back.pin == 0x4711);
    CHECK(back.tail_current == 25);
    CHECK(back.charge_restart == 95);
}

TEST_CASE("stored settings with one changed bit are refused", "[firmware][settings]") {
    const bms::StoredSettings good = bms::store(bms::Settings{});
    for (int i = 0; i < bms::StoredSettings::size; ++i)
        for (int bit = 0; bit < 8; ++bit) {
            auto stored = good;
            stored.bytes[i] = static_cast<std::uint8_t>(stored.bytes[i] ^ (1 << bit));
            bms::Settings settings;
            CHECK_FALSE(bms::load(stored, settings));
        }
}

TEST_CASE("a good CRC over a setting outside its range is refused", "[firmware][settings]") {
    bms::Settings bad;
    SECTION("capacity") {
        bad.capacity = 0;
    }
    SECTION("V-min") {
        bad.v_min = 10;
    }
    SECTION("V-max") {
        bad.v_max = 1023;
    }
    SECTION("V-min above V-max") {
        bad.v_min = bad.v_max;
    }
    SECTION("T-max") {
        bad.t_max = 1000;
    }
    SECTION("restart") {
        bad.discharge_restart = 96;
    }
    SECTION("sensor type") {
        bad.sensor_type = 9;
    }
    bms::Settings settings;
    CHECK_FALSE(bms::load(bms::store(bad), settings));
}
