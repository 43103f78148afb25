// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "fixtures/boards/service_line.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

namespace {

using Lines = std::vector<std::string>;

/// Writes down what is asked, and answers the same to everything.
class FakeService : public ServiceLine {
public:
    ServiceReply ask(int board, std::uint8_t command, const Argument& argument) override {
        std::string bytes;
        for (const std::uint8_t byte : argument)
            bytes += fmt::format("{:02X}", byte);
        asked.push_back(fmt::format("{} {:02X} {}", board, command, bytes));
        return reply;
    }

    Lines asked;
    ServiceReply reply{bms::ServiceResult::done,
                       true,
                       false,
                       ServiceReply::Calibration::blank,
                       {0x00, 0x01, 0xE2, 0x40, 0x02, 0x00, 0x01, 0x07, 0x20, 0x00, 0x20, 0x10}};
};

class HeardLine : public ByteLink {
public:
    void send(std::string_view bytes) override { heard += bytes; }
    void on_receive(Receiver) override {}
    std::string name() const override { return "heard"; }
    std::string heard;
};

struct OnServiced : OnFake {
    explicit OnServiced(const std::string& body) : OnFake(test_with(body)) {
        bench.service = &chain;
        bench.app_service = &app;
        bench.service_input = &input;
    }
    Verdict verdict() {
        const Ending ending = run();
        INFO(ending.message);
        return ending.verdict;
    }
    FakeService chain, app;
    HeardLine input;
};

}  // namespace

TEST_CASE("a board's services are asked by the board's number, the last one's also by the app link",
          "[rig][lua]") {
    OnServiced test(R"(
local told = bench.service[2]:identity()
print(told.serial, told.role, told.version, told.calibration, told.unlocked, told.saving)
local raw = bench.service.app:raw()
print(raw.cell, raw.temperature, raw.sensor[1].fine, raw.sensor[2].coarse)
local kept = bench.service[1]:calibration()
print(kept.voltage_gain, kept.voltage_offset_v, kept.temperature_offset_k, kept.crystal_ppm)
print(kept.sensor[1].fine_zero_counts, kept.sensor[2].coarse_gain)
bench.service.input:send("4c00FF"))");
    REQUIRE(test.verdict() == Verdict::passed);
    CHECK(test.notes.printed == Lines{"123456\tmiddle\t0.1.7\tnone\ttrue\tfalse",
                                      "0.0625\t14480.0\t32.0\t513.0", "1.0000152587891\t-2.38\t51.2\t263.0",
                                      "0.0625\t1.0040130615234"});
    CHECK(test.chain.asked == Lines{"2 01 ", "1 03 ", "1 04 00", "1 04 01"});
    CHECK(test.app.asked == Lines{"0 02 "});
    CHECK(test.input.heard == std::string("\x4C\x00\xFF", 3));
}

TEST_CASE("calibrations and self-tests travel in the boards' own units", "[rig][lua]") {
    OnServiced test(R"(
local board = bench.service[1]
board:unlock()
board:calibrate_voltage({ counts = 400, v = 2.02 }, { counts = 900, v = 4.545 })
board:calibrate_temperature { counts = 375, degc = 22.5 }
board:calibrate_sensor(2, "coarse", 1.25, { counts = 192, a = -400 }, { counts = 832, a = 400 })
board:trim_clock(-31)
board:write_serial(0xDEADBEEF)
board:test_bypass(2.5)
board:test_lights(1, { "info", "load" })
board:test_relay("load")
print(board:ask(0x42, "0a0B"))
board:lock())");
    REQUIRE(test.verdict() == Verdict::passed);
    CHECK(test.notes.printed == Lines{"done\t0001E2400200010720002010"});
    const Lines expected{"1 10 5AA5C33C9669F00F",
                         "1 12 028F0000",
                         "1 01 ",
                         "1 13 FFE7",
                         "1 01 ",
                         "1 04 01",
                         "1 15 010001E24000000000",
                         "1 01 ",
                         "1 14 FFE1",
                         "1 01 ",
                         "1 16 DEADBEEF",
                         "1 01 ",
                         "1 20 19",
                         "1 21 0A05",
                         "1 22 01",
                         "1 42 0A0B",
                         "1 11 "};
    CHECK(test.chain.asked == expected);
}

TEST_CASE("a service that a board refuses fails the test; one that makes no sense is the script's error",
          "[rig][lua]") {
    OnServiced refused("bench.service[2]:write_serial(1)");
    refused.chain.reply.result = bms::ServiceResult::locked;
    const Ending ending = refused.run();
    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message, Catch::Contains("board 2 did not take its serial number: it is locked"));

    const auto [body, message] = GENERATE(table<std::string, std::string>({
        {"bench.service[3]:raw()", "this bench has no service[3]"},
        {"bench.service[1]:calibrate_voltage({ counts = 1 }, { counts = 2, v = 3 })",
         "a point has counts, as raw() tells them, and v"},
        {"bench.service[1]:calibrate_sensor(3, 'fine', 1, {}, {})", "1 to 2, not 3"},
        {"bench.service[1]:calibrate_sensor(1, 'middle', 1, {}, {})", "\"fine\" or \"coarse\""},
        {"bench.service[1]:test_lights(1, { 'sun' })", "there is no light 'sun'"},
        {"bench.service[1]:test_bypass(11)", "at most 10 s"},
        {"bench.service[1]:test_relay('main')", "\"charge\" or \"load\""},
        {"bench.service[1]:ask(1, '0')", "pairs of hexadecimal digits"},
        {"bench.service[1]:write_serial(-1)", "32 bits"},
    }));
    CAPTURE(body);
    OnServiced test(body);
    const Ending wrong = test.run();
    CHECK(wrong.verdict == Verdict::error);
    CHECK_THAT(wrong.message, Catch::Contains(message));
}
