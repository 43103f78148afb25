// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/service_desk.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

namespace {

namespace command = bms::service_command;
using Result = bms::ServiceResult;
constexpr bms::Ticks second = bms::ticks_per_second;

struct Board {
    explicit Board(bms::BoardRole role = bms::BoardRole::last) : desk{role, keeper} {}

    bms::CalibrationKeeper keeper;
    bms::ServiceDesk desk;
    bms::ServiceMail mail;
    bms::Ticks now = 1000;
    bms::ServiceAnswer answer{};
    int tag = 0;

    static bms::ServiceRequest request(int tag, int what, const std::vector<int>& argument) {
        bms::ServiceRequest request{};
        request.bytes[0] = static_cast<std::uint8_t>(tag);
        request.bytes[1] = static_cast<std::uint8_t>(what);
        std::copy(argument.begin(), argument.end(), request.bytes + 2);
        return request;
    }
    Result ask(int what, const std::vector<int>& argument = {}) {
        desk.step(now);
        answer = desk.run(now, request(++tag, what, argument));
        CHECK(answer.tag() == tag);
        return static_cast<Result>(answer.status() & bms::service_status::result_mask);
    }
    void unlock() {
        REQUIRE(ask(command::unlock, {0x5A, 0xA5, 0xC3, 0x3C, 0x96, 0x69, 0xF0, 0x0F}) == Result::done);
    }
    bool unlocked() const { return (answer.status() & bms::service_status::unlocked) != 0; }
    int word(int at) const { return answer.data()[at] << 8 | answer.data()[at + 1]; }
    void pass(bms::Ticks span) { desk.step(now += span); }
};

}  // namespace

TEST_CASE("without the unlock sequence a board tells and does nothing", "[firmware][service]") {
    Board board;
    board.desk.relays_allowed(true, true);
    for (const int what : {command::lock, command::write_voltage, command::write_temperature,
                           command::write_clock_trim, command::write_sensor, command::write_serial,
                           command::test_bypass, command::test_lights, command::test_relay})
        CHECK(board.ask(what, {0, 1, 0, 1}) == Result::locked);
    CHECK_FALSE(board.keeper.saving());
    CHECK(board.keeper.value().serial == 0);
    CHECK_FALSE(board.desk.tests().opens_charge());
    for (const int what : {command::identity, command::raw_counts, command::board_calibration,
                           command::sensor_calibration, command::time})
        CHECK(board.ask(what) == Result::done);
    CHECK(board.ask(command::unlock, {0x5A, 0xA5, 0xC3, 0x3C, 0x96, 0x69, 0xF0, 0x0E}) == Result::range);
    CHECK_FALSE(board.unlocked());
}

TEST_CASE("a board locks itself a minute after the last request", "[firmware][service]") {
    Board board;
    board.unlock();
    CHECK(board.unlocked());
    board.pass(59 * second);
    CHECK(board.ask(command::write_serial, {0, 0, 0, 1}) == Result::done);
    board.pass(59 * second);
    CHECK(board.ask(command::identity) == Result::done);
    CHECK(board.unlocked());
    board.pass(60 * second);
    CHECK(board.ask(command::write_serial, {0, 0, 0, 2}) == Result::locked);
    board.unlock();
    CHECK(board.ask(command::lock) == Result::done);
    CHECK(board.ask(command::write_serial, {0, 0, 0, 2}) == Result::locked);
    CHECK(board.keeper.value().serial == 1);
}

TEST_CASE("what was written is told, each value apart", "[firmware][service]") {
    Board board;
    board.unlock();
    REQUIRE(board.ask(command::write_voltage, {0x01, 0x23, 0xFF, 0xF0}) == Result::done);
    CHECK((board.answer.status() & bms::service_status::saving) != 0);
    REQUIRE(board.ask(command::write_temperature, {0xFF, 0xDD}) == Result::done);
    REQUIRE(board.ask(command::write_clock_trim, {0x00, 0x32}) == Result::done);
    REQUIRE(board.ask(command::write_sensor, {0, 0, 33, 0, 34, 0, 35, 0, 36}) == Result::done);
    REQUIRE(board.ask(command::write_sensor, {1, 0, 43, 0, 44, 0, 45, 0, 46}) == Result::done);
    REQUIRE(board.ask(command::write_serial, {0x12, 0x34, 0x56, 0x78}) == Result::done);

    REQUIRE(board.ask(command::board_calibration) == Result::done);
    CHECK(board.word(0) == 0x0123);
    CHECK(board.word(2) == 0xFFF0);
    CHECK(board.word(4) == 0xFFDD);
    CHECK(board.word(6) == 0x0032);
    for (const int sensor : {0, 1}) {
        REQUIRE(board.ask(command::sensor_calibration, {sensor}) == Result::done);
        for (int i = 0; i < 4; ++i)
            CHECK(board.word(2 * i) == 33 + 10 * sensor + i);
    }
    REQUIRE(board.ask(command::identity) == Result::done);
    CHECK(board.word(0) == 0x1234);
    CHECK(board.word(2) == 0x5678);
    CHECK(board.answer.data()[4] == 3);
    CHECK(board.answer.status() >> bms::service_status::calibration_shift == 0);
    CHECK(board.keeper.value().sensors[1].gain[1] == 46);
}

TEST_CASE("a value that no board can need is refused and changes nothing", "[firmware][service]") {
    Board board;
    board.unlock();
    CHECK(board.ask(command::write_voltage, {0x07, 0xAF, 0, 0}) == Result::range);
    CHECK(board.ask(command::write_voltage, {0, 0, 0x00, 0xA1}) == Result::range);
    CHECK(board.ask(command::write_temperature, {0, 81}) == Result::range);
    CHECK(board.ask(command::write_clock_trim, {0, 201}) == Result::range);
    CHECK(board.ask(command::write_sensor, {2, 0, 0, 0, 0, 0, 0, 0, 0}) == Result::range);
    CHECK(board.ask(command::sensor_calibration, {2}) == Result::range);
    CHECK(board.ask(0x7F) == Result::unknown);
    CHECK(board.ask(0x17) == Result::unknown);
    CHECK(board.ask(command::test_bypass, {101}) == Result::range);
    CHECK_FALSE(board.keeper.saving());
}

TEST_CASE("raw counts are what the converter gave, before calibration", "[firmware][service]") {
    Board board{bms::BoardRole::first};
    bms::CellSamples cell;
    cell.voltage = 10561;
    cell.temperature = 1503;
    board.desk.sampled(cell);
    bms::DualRangeSamples sensor;
    sensor.fine = 2050;
    sensor.coarse = 2040;
    board.desk.sampled(1, sensor);
    REQUIRE(board.ask(command::raw_counts) == Result::done);
    CHECK(board.word(0) == 10561);
    CHECK(board.word(2) == 1503);
    CHECK(board.word(4) == 0);
    CHECK(board.word(8) == 2050);
    CHECK(board.word(10) == 2040);
}

TEST_CASE("a relay's self-test opens it for a second, and only one that is allowed", "[firmware][service]") {
    Board board;
    board.unlock();
    CHECK(board.ask(command::test_relay, {0}) == Result::not_now);
    board.desk.relays_allowed(false, true);
    CHECK(board.ask(command::test_relay, {0}) == Result::not_now);
    CHECK(board.ask(command::test_relay, {2}) == Result::range);
    REQUIRE(board.ask(command::test_relay, {1}) == Result::done);
    CHECK(board.desk.tests().opens_load());
    CHECK_FALSE(board.desk.tests().opens_charge());
    CHECK(board.desk.due(board.now + 99999) == board.now);
    board.pass(second - 1);
    CHECK(board.desk.tests().opens_load());
    CHECK(board.desk.due(board.now + 99999) == board.now + 1);
    board.pass(1);
    CHECK_FALSE(board.desk.tests().opens_load());

    Board middle{bms::BoardRole::middle};
    middle.unlock();
    middle.desk.relays_allowed(true, true);
    CHECK(middle.ask(command::test_relay, {0}) == Result::unknown);
}

TEST_CASE("tests of bypass and lights end by themselves or when told", "[firmware][service]") {
    Board board;
    board.unlock();
    REQUIRE(board.ask(command::test_bypass, {100}) == Result::done);
    board.pass(10 * second - 1);
    CHECK(board.desk.tests().conducts());
    board.pass(1);
    CHECK_FALSE(board.desk.tests().conducts());

    REQUIRE(board.ask(command::test_bypass, {100}) == Result::done);
    REQUIRE(board.ask(command::test_lights, {10, 0x05}) == Result::done);
    CHECK_FALSE(board.desk.tests().conducts());  // one at a time
    CHECK(board.desk.tests().light(bms::SelfTest::info_light, false));
    CHECK_FALSE(board.desk.tests().light(bms::SelfTest::charge_light, true));
    CHECK(board.desk.tests().light(bms::SelfTest::load_light, false));
    REQUIRE(board.ask(command::test_lights, {0, 0x05}) == Result::done);
    CHECK_FALSE(board.desk.tests().light(bms::SelfTest::info_light, false));
}

TEST_CASE("the same request is carried out once, however often it comes", "[firmware][service]") {
    Board board;
    const auto unlock = Board::request(1, command::unlock, {0x5A, 0xA5, 0xC3, 0x3C, 0x96, 0x69, 0xF0, 0x0F});
    CHECK(board.mail.receive(board.now, unlock, board.desk));
    CHECK(board.mail.answer().tag() == 1);
    const auto test = Board::request(2, command::test_bypass, {10});
    CHECK(board.mail.receive(board.now, test, board.desk));
    board.pass(2 * second);
    CHECK_FALSE(board.mail.receive(board.now, test, board.desk));
    CHECK_FALSE(board.desk.tests().conducts());
    CHECK_FALSE(board.mail.receive(board.now, Board::request(9, command::look, {}), board.desk));
    CHECK(board.mail.answer().tag() == 2);
    CHECK(board.mail.receive(board.now, Board::request(3, command::test_bypass, {10}), board.desk));
    CHECK(board.desk.tests().conducts());
}
