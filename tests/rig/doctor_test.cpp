// SPDX-License-Identifier: GPL-3.0-or-later
// The doctor on virtual benches, good ones and others: what is wrong is named, and nothing else.
#include <catch2/catch.hpp>
#include <set>

#include "rig/doctor/doctor.hpp"
#include "rig/open_bench.hpp"
#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Names = std::set<std::string>;

namespace {

Fixture fixture_of(const std::string& profile) {
    return load_fixture(ProjectFolder::find().fixture_of(profile));
}

std::string printed(const doctor::Sheet& sheet) {
    std::ostringstream text;
    sheet.print(text);
    return text.str();
}

doctor::Sheet examined(const Fixture& fixture, std::uint64_t seed = 1) {
    NotOpened not_opened;
    const auto bench = open_bench(fixture, ProjectFolder::find(), seed, &not_opened);
    doctor::Sheet sheet;
    doctor::examine(
        *bench, fixture, not_opened, [](const std::string&) {}, sheet);
    for (CellSupply* cell : bench->cells)
        CHECK(cell->measure_voltage().get() < Volts{0.1});
    CHECK(bench->condemnations().empty());
    return sheet;
}

Names faults(const doctor::Sheet& sheet) {
    Names found;
    for (const doctor::Row& row : sheet.rows())
        if (row.finding == doctor::Finding::fault) found.insert(row.what);
    return found;
}

bool looked_at(const doctor::Sheet& sheet, const std::string& what) {
    return std::any_of(sheet.rows().begin(), sheet.rows().end(), [&](const doctor::Row& row) {
        return row.what == what && row.finding != doctor::Finding::not_looked_at;
    });
}

struct Wrong {
    const char* what;
    Fixture::Faults faults;
    Names named;
};

const std::vector<Wrong>& wrongs() {
    static const std::vector<Wrong> all{
        {"two neighbours swapped", {.swapped_cells = 2}, {"cell[2]", "cell[3]"}},
        {"the last two swapped", {.swapped_cells = 3}, {"cell[3]", "cell[4]"}},
        {"an open lead at the first board", {.open_lead = 1}, {"cell[1]"}},
        {"an open lead in the middle", {.open_lead = 3}, {"cell[3]"}},
        {"an open lead at the last board", {.open_lead = 4}, {"cell[4]"}},
        {"sensor 1 reversed", {.reversed_sensor = 1}, {"sensor[1]"}},
        {"sensor 2 reversed", {.reversed_sensor = 2}, {"sensor[2]"}},
        {"contacts swapped",
         {.swapped_contacts = "relay.charge"},
         {"relay.charge.pins_1_2", "relay.charge.pins_2_3"}},
        {"load contacts swapped",
         {.swapped_contacts = "relay.load"},
         {"relay.load.pins_1_2", "relay.load.pins_2_3"}},
        {"a contact's line missing", {.missing_line = "relay.load.pins_1_2"}, {"relay.load.pins_1_2"}},
        {"a light's line missing", {.missing_line = "led.charge"}, {"led.charge"}},
        {"a board's light missing", {.missing_line = "board[2].led"}, {"board[2].led"}},
        {"a switch's line missing", {.missing_line = "switch[6]"}, {"switch[6]"}},
        {"switch 1's line missing", {.missing_line = "switch[1]"}, {"switch[1]"}},
        {"a plug's line missing", {.missing_line = "sensor[2].plugged"}, {"sensor[2].plugged"}},
        {"a link's line missing", {.missing_line = "chain[2].closed"}, {"chain[2].closed"}},
        {"EXT missing", {.missing_line = "ext"}, {"ext"}},
        {"a supply of another maker", {.wrong_instrument = "cell supply 1"}, {"cell supply 1"}},
        {"an injector of another maker", {.wrong_instrument = "injector 1"}, {"injector 1"}},
        {"another temperature source",
         {.wrong_instrument = "temperature source 3"},
         {"temperature source 3"}},
        {"a slow supply", {.slow_instrument = "cell supply 1"}, {"cell supply 1"}},
        {"a slow injector", {.slow_instrument = "injector 2"}, {"injector 2"}},
        {"a slow temperature source", {.slow_instrument = "temperature source 4"}, {"temperature source 4"}},
    };
    return all;
}

}  // namespace

TEST_CASE("the doctor names what is wired wrong, and nothing else", "[doctor]") {
    const std::string profile = GENERATE("gen3-hw2", "gen2-out2");
    for (const Wrong& wrong : wrongs()) {
        Fixture fixture = fixture_of(profile);
        fixture.faults = wrong.faults;
        const doctor::Sheet sheet = examined(fixture);
        INFO(profile << ": " << wrong.what << '\n' << printed(sheet));
        CHECK(faults(sheet) == wrong.named);
    }
}

TEST_CASE("a missing app line is named, and the service that needs it", "[doctor]") {
    Fixture fixture = fixture_of("gen3-hw2");
    fixture.faults.missing_line = "app";
    const doctor::Sheet sheet = examined(fixture);
    INFO(printed(sheet));
    CHECK(faults(sheet) == Names{"app"});
}

TEST_CASE("a meter is asked who it is, and whether it hangs where it should", "[doctor]") {
    const auto examine_with = [](const Fixture::Faults& wrong) {
        Fixture fixture = load_fixture(ProjectFolder::find().root / "fixtures/gen3-hw2-4s-metered.toml");
        fixture.faults = wrong;
        return examined(fixture);
    };
    const doctor::Sheet good = examine_with({});
    INFO(printed(good));
    CHECK(faults(good).empty());
    CHECK(looked_at(good, "meter 2"));
    CHECK(looked_at(good, "meter[2]"));
    CHECK_THAT(printed(good), Catch::Contains("34461A"));

    CHECK(faults(examine_with({.missing_line = "meter[2]"})) == Names{"meter[2]"});
    CHECK(faults(examine_with({.wrong_instrument = "meter 2"})) == Names{"meter 2"});
    CHECK(faults(examine_with({.slow_instrument = "meter 2"})) == Names{"meter 2"});
    // What is wrong with its cell is not the meter's fault.
    CHECK(faults(examine_with({.swapped_cells = 2})) == Names{"cell[2]", "cell[3]"});
}

TEST_CASE("the doctor has nothing to say of a hundred good benches", "[doctor]") {
    // Boards as they come to the end of the line, and after it.
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Fixture fixture = fixture_of(std::string(profiles.at(seed % profiles.size())));
        if (seed / profiles.size() % 2 == 0)
            fixture.virtual_bench.tolerances = VirtualBenchSetup::before_calibration();
        const doctor::Sheet sheet = examined(fixture, seed);
        INFO("seed " << seed << ", " << fixture.profile << '\n' << printed(sheet));
        REQUIRE(faults(sheet).empty());
        REQUIRE(looked_at(sheet, "cell[4]"));
        REQUIRE(looked_at(sheet, "relay.load.pins_2_3"));
    }
}

namespace {

/// The default bench with something wrong on purpose, as a file says it.
std::string faulty(const std::string& key) {
    std::string text = text_of(std::filesystem::path(RIG_SOURCE) / "fixtures/gen3-hw2-4s.toml");
    const std::string before = "[virtual.tolerances]";
    return text.insert(text.find(before), "[virtual.faults]\n" + key + "\n\n");
}

}  // namespace

TEST_CASE("rig doctor shows a table and ends with 1 when it has found something", "[doctor][program]") {
    Program rig;
    rig.folder.write("bench.toml", faulty("reversed_sensor = 1"));
    CHECK(rig.run({"doctor", "bench.toml"}) == 1);
    INFO(rig.out);
    CHECK_THAT(rig.out, Catch::Contains("FAULT     sensor[1]") &&
                            Catch::Contains("reversed: 10.0 A injected") && Catch::Contains("1 faults"));
    CHECK(rig.run({"doctor", "fixtures/gen3-hw2-4s.toml"}) == 0);
    CHECK_THAT(rig.out, Catch::Contains("0 faults"));
}

TEST_CASE("rig doctor ends with 2 and a reason where it cannot look", "[doctor][program]") {
    const auto [key, said] = GENERATE(table<std::string, std::string>({
        {"missing_line = \"relay.sideways\"", "this bench has nothing of that name"},
        {"swapped_contacts = \"relay.both\"", "allowed  relay.charge, relay.load"},
        {"open_lead = 5", "allowed  1 to 4"},
        {"leak = 5", "missing_line"},
    }));
    Program rig;
    rig.folder.write("bench.toml", faulty(key));
    CHECK(rig.run({"doctor", "bench.toml"}) == 2);
    CHECK_THAT(rig.err, Catch::Contains("bench.toml") && Catch::Contains(said));
    CHECK(rig.run({"doctor", "nowhere.toml"}) == 2);
    CHECK_THAT(rig.err, Catch::Contains("no such fixture file"));
    CHECK(rig.run({"doctor"}) != 0);
}
