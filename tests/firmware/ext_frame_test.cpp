// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/ext_frame.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "firmware/core/ext_status.hpp"
#include "firmware/core/temperature.hpp"

namespace {

using Json = nlohmann::json;
using Bytes = std::uint8_t[bms::ExtFrame::size];

/// Frames that existing readers decode, each with what they show for it.
Json golden_frames() {
    std::ifstream file(TESTS_FOLDER "/golden/ext-frames.json");
    REQUIRE(file);
    return Json::parse(file).at("frames");
}

Json golden_frame(const std::string& name) {
    for (const Json& example : golden_frames())
        if (example.at("name") == name) return example;
    throw std::runtime_error("no golden frame " + name);
}

void bytes_of(const Json& example, Bytes& bytes) {
    const std::string hex = example.at("hex");
    REQUIRE(hex.size() == 2 * bms::ExtFrame::size);
    for (std::size_t i = 0; i < bms::ExtFrame::size; ++i)
        bytes[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
}

std::string hex_of(const Bytes& bytes) {
    std::string hex;
    for (const std::uint8_t byte : bytes) {
        constexpr char digits[] = "0123456789abcdef";
        hex += {digits[byte >> 4], digits[byte & 0xF]};
    }
    return hex;
}

/// In steps of the wire.
template <class Number = std::uint16_t>
Number steps(const Json& value, double step) {
    return static_cast<Number>(std::lround(value.get<double>() / step));
}

bms::ExtCurrent current(const Json& amperes) {
    const double value = amperes;
    return {value < 0 ? '-' : '+', steps(std::abs(value), 0.125)};
}

/// The frame that a reader's view was made from, in the units of a person.
bms::ExtFrame frame_of(const Json& expect) {
    bms::ExtFrame frame{};
    frame.pack_voltage = steps<std::uint32_t>(expect.at("pack_v"), 0.005);
    frame.i1 = current(expect.at("i1"));
    frame.i2 = current(expect.at("i2"));
    frame.battery = current(expect.at("isum"));
    frame.lowest_voltage = steps(expect.at("vlow"), 0.005);
    frame.lowest_voltage_cell = expect.at("vlow_nr");
    frame.highest_voltage = steps(expect.at("vhigh"), 0.005);
    frame.highest_voltage_cell = expect.at("vhigh_nr");
    frame.lowest_temperature = expect.at("tlow").at("raw");
    frame.lowest_temperature_cell = expect.at("tlow_nr");
    frame.highest_temperature = expect.at("thigh").at("raw");
    frame.highest_temperature_cell = expect.at("thigh_nr");
    frame.cell = expect.at("cell_nr");
    frame.count = expect.at("cells");
    frame.cell_voltage = steps(expect.at("cell_v"), 0.005);
    frame.cell_temperature = expect.at("cell_t").at("raw");
    frame.status = expect.at("status1");
    frame.collected_today_wh = expect.at("today_in_wh");
    frame.stored_wh = expect.at("stored_wh");
    frame.consumed_today_wh = expect.at("today_out_wh");
    frame.soc_percent = expect.at("soc");
    frame.collected_total_kwh = expect.at("total_in_kwh");
    frame.consumed_total_kwh = expect.at("total_out_kwh");
    frame.key_byte = expect.at("key_raw");
    frame.value = expect.at("value");
    frame.capacity_100wh = steps(expect.at("capacity_kwh"), 0.1);
    frame.v_min = steps(expect.at("vmin_set"), 0.005);
    frame.v_max = steps(expect.at("vmax_set"), 0.005);
    frame.balance_voltage = steps(expect.at("vbal_set"), 0.005);
    return frame;
}

/// What the status bits say, as the golden file spells it out.
Json flags_of(std::uint8_t status) {
    const auto is_set = [status](std::uint8_t bit) { return (status & bit) != 0; };
    return {{"charge_ok", is_set(bms::status1::charge_allowed)},
            {"discharge_ok", is_set(bms::status1::discharge_allowed)},
            {"comm", is_set(bms::status1::communication_error)},
            {"vmin", is_set(bms::status1::v_min)},
            {"vmax", is_set(bms::status1::v_max)},
            {"tmin", is_set(bms::status1::t_min)},
            {"tmax", is_set(bms::status1::t_max)},
            {"soc_uncalibrated", is_set(bms::status1::soc_uncalibrated)}};
}

}  // namespace

TEST_CASE("what a reader sees of a golden frame encodes to the frame, to the byte", "[firmware][ext]") {
    for (const Json& example : golden_frames()) {
        CAPTURE(example.at("name"), example.at("note"));
        Bytes bytes;
        bms::encode(frame_of(example.at("expect")), bytes);
        CHECK(hex_of(bytes) == example.at("hex"));
        CHECK(bytes[57] == example.at("checksum"));
    }
}

TEST_CASE("a golden frame decodes to what a reader sees of it", "[firmware][ext]") {
    for (const Json& example : golden_frames()) {
        CAPTURE(example.at("name"), example.at("note"));
        Bytes bytes, again;
        bytes_of(example, bytes);
        bms::ExtFrame frame{};
        REQUIRE(bms::decode(bytes, frame));
        bms::encode(frame, again);
        CHECK(hex_of(again) == example.at("hex"));

        const Json& expect = example.at("expect");
        const bms::ExtFrame seen = frame_of(expect);
        CHECK(frame.pack_voltage == seen.pack_voltage);
        CHECK(frame.i1.sign == seen.i1.sign);
        CHECK(frame.i1.magnitude == seen.i1.magnitude);
        CHECK(frame.battery.sign == seen.battery.sign);
        CHECK(frame.battery.magnitude == seen.battery.magnitude);
        CHECK(frame.lowest_voltage_cell == seen.lowest_voltage_cell);
        CHECK(frame.highest_temperature == seen.highest_temperature);
        CHECK(frame.consumed_total_kwh == seen.consumed_total_kwh);
        CHECK(frame.balance_voltage == seen.balance_voltage);
        CHECK(flags_of(frame.status) == expect.at("flags"));
        // Below 25 it is no key: gen2's clock stands there.
        CHECK((frame.key_byte < 25) == expect.at("key").is_null());
        if (frame.key_byte >= 25) CHECK(frame.key_byte - 25 == expect.at("key"));
    }
}

TEST_CASE("a golden frame's temperatures are the ones that the boards would send", "[firmware][ext]") {
    int frames = 0;
    for (const Json& example : golden_frames()) {
        if (example.at("temperature_convention") != "adc") continue;
        ++frames;
        for (const char* which : {"tlow", "thigh", "cell_t"}) {
            CAPTURE(example.at("name"), which);
            const Json& temperature = example.at("expect").at(which);
            const double degc = temperature.at("degC_adc");
            CHECK(bms::temperature_raw_of_tenths(static_cast<std::int32_t>(std::lround(degc * 10))) ==
                  temperature.at("raw"));
            CHECK(bms::temperature_degc(temperature.at("raw")) == std::lround(degc));
        }
    }
    CHECK(frames == 5);
}

TEST_CASE("a frame with any one byte changed is refused", "[firmware][ext]") {
    Bytes bytes;
    bytes_of(golden_frame("g02_16s_charging"), bytes);
    for (auto& byte : bytes) {
        const auto was = byte;
        byte = static_cast<std::uint8_t>(was + 1);
        bms::ExtFrame frame{};
        CHECK_FALSE(bms::decode(bytes, frame));
        byte = was;
    }
}

TEST_CASE("totals beyond 24 bits stay at the largest value", "[firmware][ext]") {
    bms::ExtFrame frame{};
    frame.collected_total_kwh = 0x1000000;
    Bytes bytes;
    bms::encode(frame, bytes);
    bms::ExtFrame back{};
    REQUIRE(bms::decode(bytes, back));
    CHECK(back.collected_total_kwh == 0xFFFFFF);
}
