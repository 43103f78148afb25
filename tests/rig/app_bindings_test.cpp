// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "fixtures/boards/app_client.hpp"
#include "tests/fixtures/boards/scripted_board.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;
using Lines = std::vector<std::string>;

namespace {

const ScriptedBoard::Line unlocked{"PW1234!", "OK"}, on{"E!", "OK"}, off{"D!", "OK"};
const ScriptedBoard::Line s1{"S1@", "01F4_0190_0028_XXXXXXXX_2F"},
    s2{"S2@", "021C_02D0_010F_016C_5F_05_00F8_0258_0294_00_00_79"}, s3{"S3@", "02_01_00_01_00_00_01_05_0A"},
    v{"V@", "0001_00_00_83_02A8_C7"};

std::string burst(const std::string& cell) {
    return "U_0A50_+0172_+0172_X0000\rV_0280_02_0294_03_02A8\rT_0103_01_013E_04\r" + cell +
           "\rE_000001_000F46_000003_61\rM_000004_000005_09:41\r";
}

/// Runs `body` against a last board that a page plays.
struct OnPlayedBoard {
    OnPlayedBoard(const std::string& body, std::vector<ScriptedBoard::Line> page)
        : test(test_with(body)),
          board(test.bench.test_clock, std::move(page)),
          app(test.bench.test_clock, board.line(), "gen3-hw2") {
        test.bench.app = &app;
    }

    OnFake test;
    ScriptedBoard board;
    AppClient app;
};

}  // namespace

TEST_CASE("a stream is followed burst by burst, in units", "[rig][lua]") {
    OnPlayedBoard desk(R"(
local stream = bench.app:stream(0.5)
local said = stream:next()
print(said.pack_v, said.i1_a, said.battery_a, said.i2_a, said.lowest_v, said.highest_v_cell, said.balance_v)
print(said.cell, said.count, said.cell_v, said.cell_degc, said.status, said.alarm.vh, said.alarm.e)
print(said.collected_today_wh, said.stored_wh, said.soc_pct, said.consumed_total_kwh, said.clock)
print(#said.lines, said.lines[4])
said = stream:next()
print(said.pack_v, said.cell, said.lowest_degc, said.alarm)
print(stream:bursts(), table.concat(stream:malformed(), ","))
stream:stop())",
                       {unlocked, on, off});
    desk.board.stream({burst("C_02_04_0294_012C_93"), "T_0\r",
                       "U_0A50_X0000_X0000_X0000\rE_000001_000F46_000003_61\rM_000004_000005_09:41\r"});
    const Ending ending = desk.test.run();
    INFO(ending.message);
    CHECK(ending.verdict == Verdict::passed);
    CHECK(desk.test.notes.printed == Lines{"13.2\t18.5\t18.5\tnil\t3.2\t3\t3.4",
                                           "2\t4\t3.3\t25.0\t147\ttrue\tfalse", "1\t3910\t97\t5\t09:41",
                                           "6\tC_02_04_0294_012C_93", "13.2\tnil\tnil\tnil", "2\tT_0"});
    CHECK(desk.board.trouble().empty());
}

TEST_CASE("the app's screens are filled from stream, settings and balancing", "[rig][lua]") {
    OnPlayedBoard desk(R"(
local shown = bench.app:dashboard()
print(shown.pack_v, shown.charge_a, string.format("%.1f", shown.charge_w), shown.consumed_w, shown.soc_uncalibrated)
local details = bench.app:battery()
print(#details.cells, details.status, details.alarm.vl)
for _, cell in ipairs(details.cells) do print(cell.v, cell.degc, cell.balancing, cell.colour) end)",
                       {unlocked, on, off, s1, s2, s3, v, s1, s2, s3, v, on, off, {"B@", "02_01_0002_85"}});
    desk.board.stream(
        {burst("C_01_02_0294_012C_83"), burst("C_01_02_021C_012C_8B"), burst("C_02_02_02B2_012C_8B")});
    const Ending ending = desk.test.run();
    INFO(ending.message);
    CHECK(ending.verdict == Verdict::passed);
    CHECK(desk.test.notes.printed == Lines{"13.2\t18.5\t244.2\tnil\ttrue", "2\t139\ttrue",
                                           "2.7\t25.0\tfalse\tred", "3.45\t25.0\ttrue\tyellow"});
}

TEST_CASE("bytes go to the app link and come from it as they are", "[rig][lua]") {
    OnPlayedBoard desk(R"(
bench.app:ask("E!")
bench.app:send("$")
print(bench.app:receive(0.2) .. ".")
print(bench.app:receive() .. ".")
print(math.floor(rig.now_s() * 10)))",
                       {on});
    desk.board.stream({"bytes"});
    const auto before = desk.test.bench.test_clock.now();
    CHECK(desk.test.run().verdict == Verdict::passed);
    CHECK(desk.test.notes.printed.at(0) == "bytes.");
    CHECK(desk.test.notes.printed.at(1) == ".");
    CHECK(desk.test.bench.test_clock.now() - before > std::chrono::milliseconds(400));
}

TEST_CASE("a board that does not stream fails the test", "[rig][lua]") {
    const auto [page, message] = GENERATE(table<std::vector<ScriptedBoard::Line>, std::string>({
        {{unlocked, {"E!", "NA"}, unlocked, {"E!", "NA"}}, "\"E!\" was answered \"NA\""},
        {{unlocked, on}, "no burst of records came within 5 s"},
    }));
    OnPlayedBoard desk("bench.app:stream():next()", page);
    const Ending ending = desk.test.run();
    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message, Catch::Contains(message));
}
