// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "firmware/core/ext_frame.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "fixtures/boards/first_ext_reader.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;
using namespace std::chrono_literals;

namespace {

/// A line on which a test plays the last board.
class PlayedLine : public ByteLink {
public:
    void send(std::string_view) override {}
    void on_receive(Receiver receiver) override { receiver_ = std::move(receiver); }
    std::string name() const override { return "played"; }
    void say(std::string_view bytes) { receiver_(bytes); }

private:
    Receiver receiver_;
};

std::vector<std::string> printed_by(const std::string& body) {
    OnFake test(test_with(body));
    const Ending ending = test.run();
    INFO(ending.message);
    CHECK(ending.verdict == Verdict::passed);
    return test.notes.printed;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a reference meter is read by the number of its board", "[rig][lua]") {
    OnFake test(
        test_with("print(bench.meter[2]:voltage_v())\nprint(bench.meter[1])", "needs = { \"meter\" }"));
    test.bench.own_meter.volts = Volts{3.2964};
    const Ending ending = test.run();
    CHECK(test.notes.printed == Lines{"3.2964"});
    CHECK_THAT(ending.message, Catch::Contains("this bench has no meter[1]"));
}

TEST_CASE("cells are set and measured one by one and all at once", "[rig][lua]") {
    OnFake test(test_with(R"(
bench.cell[2]:set_v(3.5)
print(bench.count, bench.profile, #bench.cell)
print(bench.cell[1]:voltage_v(), bench.cell[2]:voltage_v(), bench.cell[2]:current_a())
local from = rig.now_s()
local all = bench.cells:voltages_v()
print(#all, all[1], all[2], math.floor((rig.now_s() - from) * 1000 + 0.5))
bench.cells:set_v(3.4)
bench.cell[1]:off()
print(bench.cells:currents_a()[1], bench.cells:currents_a()[2])
from = rig.now_s()
all = bench.cells:readings()
print(#all, all[2].v, all[2].a, math.floor((rig.now_s() - from) * 1000 + 0.5)))"));

    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed ==
          Lines{"2\tgen3-hw2\t2", "3.3\t3.5\t0.002", "2\t3.3\t3.5\t1", "0.0\t0.002", "2\t3.4\t0.002\t1"});
    CHECK(test.bench.own_cells[0]->volts == Volts{3.4});
    CHECK_FALSE(test.bench.own_cells[0]->on);
}

TEST_CASE("what the bench lacks is told by name", "[rig][lua]") {
    const auto [body, message] = GENERATE(table<std::string, std::string>({
        {"bench.cell[3]:set_v(3)", "this bench has no cell[3]"},
        {"bench.sensor[2]:set_a(3)", "this bench has no sensor[2]"},
        {"bench.app:unlock()", "this bench has no 'app'"},
        {"print(bench.realy)", "this bench has no 'realy'"},
        {"bench.relay.main:allowed()", "there is no relay.main"},
        {"bench.cell[1].set_v(3.3)", "rig.Cell expected"},
        {"bench.cell[1]:set_v('high')", "number expected"},
        {"bench.cell[1]:set_v(0/0)", "not a finite number"},
    }));
    OnFake test(test_with(body));
    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains(message));
    CHECK_THAT(ending.message, Catch::Contains("acceptance/one.lua:3"));
}

TEST_CASE("a relay is allowed by both its throws, and one that is neither ends the test as a failure",
          "[rig][lua]") {
    OnFake test(test_with(R"(
print(bench.relay.charge:allowed(), bench.relay.charge:pins_1_2(), bench.relay.charge:pins_2_3())
bench.cell[1]:set_v(3.7)
rig.wait(0.5)
print(bench.relay.load:allowed())
local edges = bench.relay.load:edges()
print(#edges, edges[1].active, edges[1].at_s)
print(#bench.relay.load:edges(rig.now_s())))"));
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"true\ttrue\tfalse", "false", "1\tfalse\t0.3", "0"});

    OnFake broken(test_with("pcall(bench.relay.charge.allowed, bench.relay.charge) print('not reached')"));
    FakeInput stuck(broken.bench.test_clock);
    stuck.now = true;
    broken.bench.inputs["relay.charge.pins_2_3"] = &stuck;
    const Ending ending = broken.run();
    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message, Catch::Contains("relay.charge: pins 1-2 and pins 2-3 are both closed"));
    CHECK(broken.notes.printed.empty());
}

TEST_CASE("edges that a line no longer knows cannot be asked for", "[rig][lua]") {
    OnFake test(test_with("rig.wait(3)\nprint(#bench.board[1].led:edges(2))\nbench.board[1].led:edges(1)"));
    FakeInput light(test.bench.test_clock);
    light.seen = {{2s, true}, {3s, false}};
    light.whole_from = 2s;
    test.bench.inputs["board[1].led"] = &light;

    const Ending ending = test.run();

    CHECK(test.notes.printed == Lines{"2"});
    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains("those before 2.0 s are forgotten"));
}

TEST_CASE("the load relay of gen2-out2 allows with its other throw, and edges are that throw's",
          "[rig][lua]") {
    OnFake test(test_with(R"(
print(bench.relay.load:allowed(), bench.relay.load:pins_1_2(), bench.relay.load:pins_2_3())
print(bench.relay.charge:allowed(), bench.relay.charge:pins_1_2())
bench.cell[1]:set_v(3.7)
rig.wait(0.5)
print(bench.relay.load:allowed(), bench.relay.load:stands_allowed(), bench.relay.load:stands_open())
local edges = bench.relay.load:edges()
print(#edges, edges[#edges].active))"));
    test.bench.profile = "gen2-out2";
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"true\tfalse\ttrue", "true\ttrue", "false\tfalse\ttrue", "1\tfalse"});
}

TEST_CASE("a contact on its way stands neither allowed nor open", "[rig][lua]") {
    OnFake test(test_with("print(bench.relay.charge:stands_allowed(), bench.relay.charge:stands_open())"));
    FakeInput between(test.bench.test_clock);
    test.bench.inputs["relay.charge.pins_1_2"] = &between;
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"false\tfalse"});
}

TEST_CASE("flashes are counted in the span that is watched", "[rig][lua]") {
    OnFake test(
        test_with("rig.wait(0.05) print(bench.led.charge:flashes(2), bench.led.charge:lit(), "
                  "bench.board[2].led:lit())"));
    FakeInput& led = *test.bench.own_inputs.at("led.charge");
    for (int half = 0; half < 20; ++half) {
        test.bench.test_clock.at(half * Nanoseconds{250'000'000},
                                 [&led, half] { led.become(half % 2 == 0); });
    }
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"4\tfalse\tfalse"});
}

TEST_CASE("switches are set singly and by pattern", "[rig][lua]") {
    CHECK(printed_by(R"(
print(bench.switches:pattern())
bench.switches:set(8, true)
bench.switches:set_pattern("011")
bench.switches:set_pattern("10", 5)
print(bench.switches:pattern()))") == Lines{"00000000", "01101001"});

    OnFake wrong(test_with("bench.switches:set_pattern('111', 7)"));
    CHECK(wrong.run().verdict == Verdict::error);
}

TEST_CASE("a button is pressed for its time and released", "[rig][lua]") {
    OnFake test(
        test_with("local from = rig.now_s() bench.button.last:press(5) print(rig.now_s() - from) "
                  "bench.button.first:hold()"));
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"5.0"});
    CHECK(test.bench.own_outputs.at("button.last")->history == std::vector<bool>{true, false});
    CHECK(test.bench.own_outputs.at("button.first")->now);
}

TEST_CASE("a button is released even when its press is cut short", "[rig][lua]") {
    OnFake test(test_with("bench.button.last:press(50)", "limit_s = 1"));
    CHECK(test.run().verdict == Verdict::error);
    CHECK(test.bench.own_outputs.at("button.last")->history == std::vector<bool>{true, false});
}

TEST_CASE("sensors, temperatures and the chain reach their channels", "[rig][lua]") {
    OnFake test(test_with(R"(
bench.sensor[1]:set_a(-12.5)
print(bench.sensor[1]:current_a())
bench.sensor[1]:plug()
bench.temperature[2]:set_degc(81)
bench.chain[1]:close()
bench.chain[1]:flip(3, 0x80, 2)
print(bench.chain[1]:damaged())
bench.chain[1]:open())"));
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"-12.5", "3"});
    CHECK(test.bench.own_forcers[2].degrees == Celsius{81.0});
    CHECK(test.bench.own_forcers[1].degrees == Celsius{25.0});
    CHECK(test.bench.own_taps[1].said == "flip 3 128 2");
    CHECK(test.bench.own_outputs.at("chain[1].closed")->history == std::vector<bool>{true, false});
}

TEST_CASE("what befalls one board, its links and its lines reaches it", "[rig][lua]") {
    OnFake test(test_with(R"(
bench.board[2]:reset()
bench.board[1]:hang(true)
local eeprom = bench.board[1].eeprom
eeprom:write(15, 0xA5)
eeprom:cut_power_at(3)
print(eeprom:read(15), eeprom:size(), eeprom:writes())
bench.chain[1]:misframe(4))"));
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"165\t16\t5"});
    CHECK(test.bench.own_probes[2].said == "reset");
    CHECK(test.bench.own_probes[1].said == "cut after 2");
    CHECK(test.bench.own_taps[1].said == "misframe 4 1");

    OnFake three(test_with("bench.chain[1]:bridge() bench.chain[1]:unbridge()"));
    FakeOutput bridged;
    three.bench.outputs["chain[1].bridged"] = &bridged;
    REQUIRE(three.run().verdict == Verdict::passed);
    CHECK(bridged.history == std::vector<bool>{true, false});

    OnFake noise(test_with(R"(bench.chain[1]:noise("\xB3\0x") bench.board[1]:hang())"));
    REQUIRE(noise.run().verdict == Verdict::passed);
    CHECK(noise.bench.own_taps[1].said == std::string("noise \xB3\0x", 9));
    CHECK(noise.bench.own_probes[1].said == "hang");

    OnFake ear(test_with(R"(
bench.chain[1]:listen()
local all = bench.chain[1]:heard()
print(#all, all[1].at_s, all[1].bytes:byte(1, -1)))"));
    ear.bench.own_taps[1].sent = {{std::chrono::milliseconds(1500), {0xB3, 0x00, 0x07}}, {}};
    REQUIRE(ear.run().verdict == Verdict::passed);
    CHECK(ear.notes.printed == Lines{"2\t1.5\t179\t0\t7"});
    CHECK(ear.bench.own_taps[1].said == "listen");

    OnFake rest(test_with("print(bench.board[1]:bypass_rest_s(), bench.board[2]:bypass_rest_s())"));
    rest.bench.own_probes[2].bypass_rest = std::chrono::milliseconds(11);
    REQUIRE(rest.run().verdict == Verdict::passed);
    CHECK(rest.notes.printed == Lines{"nil\t0.011"});

    OnFake stall(test_with("bench.board[2]:stall_converter()"));
    REQUIRE(stall.run().verdict == Verdict::passed);
    CHECK(stall.bench.own_probes[2].said == "stall");

    OnFake measured(test_with("print(bench.board[1]:average_current_a(4), bench.board[1]:untouched_ram())"));
    REQUIRE(measured.run().verdict == Verdict::passed);
    CHECK(measured.notes.printed == Lines{"0.0005\t1800\t2048"});

    OnFake bare(test_with("bench.board[1].eeprom:read(0)"));
    bare.bench.probes.clear();
    CHECK_THAT(bare.run().message,
               Catch::Contains("no probe on board 1: say \"probe\" in the test's `needs`"));
    OnFake beyond(test_with("bench.board[1].eeprom:read(16)"));
    CHECK_THAT(beyond.run().message, Catch::Contains("0 to 15, not 16"));
}

TEST_CASE("a power cycle takes every cell away and gives it back, lowest first", "[rig][lua]") {
    OnFake test(test_with("local from = rig.now_s() bench:power_cycle(3) print(rig.now_s() - from)"));
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"3.0"});
    const auto& log = test.bench.log;
    CHECK(Lines(log.end() - 4, log.end()) == Lines{"cell 2 off", "cell 1 off", "cell 1 on", "cell 2 on"});
}

TEST_CASE("a frame from the last board has its fields in units, absent ones absent", "[rig][lua]") {
    OnFake test(test_with(R"(
local frame = bench.ext:next()
print(frame.pack_v, frame.i1_a, frame.i2_a, frame.battery_a, frame.highest_v, frame.highest_v_cell)
print(frame.lowest_degc, frame.cell, frame.count, frame.charge_allowed, frame.discharge_allowed)
print(frame.alarm.vh, frame.alarm.e, frame.soc_uncalibrated, frame.soc_pct, frame.key, frame.value)
print(frame.capacity_kwh, frame.balance_v, #frame.hex, bench.ext:latest().pack_v, bench.ext:stray_bytes()))"));
    PlayedLine line;
    ExtReader reader(test.bench.test_clock, line);
    test.bench.ext = &reader;

    bms::ExtFrame frame{};
    frame.pack_voltage = 2640;
    frame.i1 = {'-', 100};
    frame.i2 = {'X', 0};
    frame.battery = {'-', 100};
    frame.highest_voltage = 720;
    frame.highest_voltage_cell = 2;
    frame.lowest_temperature = 300;
    frame.cell = 1;
    frame.count = 4;
    frame.status = 0x92;
    frame.soc_percent = 97;
    frame.key_byte = 16 + 25;
    frame.value = 5;
    frame.capacity_100wh = 40;
    frame.balance_voltage = 680;
    std::uint8_t bytes[bms::ExtFrame::size];
    encode(frame, bytes);
    test.bench.test_clock.at(
        Nanoseconds{1'000'000'000},
        [&line, text = std::string(std::begin(bytes), std::end(bytes))] { line.say(text); });

    const Ending ending = test.run();
    INFO(ending.message);
    REQUIRE(ending.verdict == Verdict::passed);
    CHECK(test.notes.printed == Lines{"13.2\t-12.5\tnil\t-12.5\t3.6\t2", "25.0\t1\t4\tfalse\ttrue",
                                      "true\tfalse\ttrue\t97\t16\t5", "4.0\t3.4\t116\t13.2\t0"});
}

TEST_CASE("a frame from the first board has its fields in units, absent ones absent", "[rig][lua]") {
    OnFake test(test_with(R"(
local frame = bench.first_ext:next()
print(frame.sequence, frame.hops, frame.turn, frame.config, frame.fast, frame.balance_v)
print(frame.i1_counts, frame.i2_counts, frame.sum_v, frame.lowest_v, frame.highest_v, frame.balancing)
print(frame.lowest_degc, frame.highest_degc, #frame.hex, frame.at_s))"));
    PlayedLine line;
    FirstExtReader reader(test.bench.test_clock, line);
    test.bench.first_ext = &reader;

    bms::ChainFrame frame{};
    frame.sequence = 7;
    frame.hops = 1;
    frame.turn = 3;
    frame.config = 0x21;
    frame.fast = true;
    frame.balance_voltage = 680;
    frame.i1 = -40;
    frame.i2 = bms::ChainFrame::current_absent;
    frame.sum = frame.lowest_voltage = frame.highest_voltage = 660;
    frame.lowest_temperature = frame.highest_temperature = 100;
    std::uint8_t bytes[bms::ChainFrame::size];
    encode(frame, bytes);
    test.bench.test_clock.at(
        Nanoseconds{1'000'000'000},
        [&line, text = std::string(std::begin(bytes), std::end(bytes))] { line.say(text); });

    const Ending ending = test.run();
    INFO(ending.message);
    REQUIRE(ending.verdict == Verdict::passed);
    CHECK(test.notes.printed ==
          Lines{"7\t1\t3\t33\ttrue\t3.4", "-40\tnil\t3.3\t3.3\t3.3\t0", "25.0\t25.0\t64\t1.0"});
}

TEST_CASE("a last board that is silent fails the test", "[rig][lua]") {
    OnFake test(test_with("bench.ext:next(3)"));
    PlayedLine line;
    ExtReader reader(test.bench.test_clock, line);
    test.bench.ext = &reader;
    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message, Catch::Contains("no good frame came from the last board within 3 s"));
}
