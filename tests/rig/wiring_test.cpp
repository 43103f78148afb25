// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/wiring.hpp"

#include <catch2/catch.hpp>

#include "instruments/instrument_error.hpp"
#include "tests/rig/fake_bench.hpp"
#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Matchers::Contains;

namespace {

struct Contact : public DigitalInput {
    bool active() override { return false; }
    const std::vector<Edge>& edges() override { return none; }
    std::vector<Edge> none;
};

struct Driven : public DigitalOutput {
    Driven(std::map<std::string, bool>& its_levels, std::string its_signal, const bool& is_stuck)
        : levels(its_levels), signal(std::move(its_signal)), stuck(is_stuck) {}
    void drive(bool active) override {
        if (stuck) throw InstrumentError(signal, "is gone");
        levels[signal] = active;
    }
    bool driven() const override { return levels.at(signal); }

    std::map<std::string, bool>& levels;
    std::string signal;
    const bool& stuck;
};

struct Wired {
    Wired() {
        fixture.lines = {{"switch[1]", parse_line("gpio:S1")},
                         {"button.last", parse_line("gpio:B2")},
                         {"relay.charge.pins_1_2", parse_line("gpio:C12")}};
        wiring = std::make_unique<Wiring>(bench, fixture, nullptr);
        wiring->add_gpio(
            [this](const std::string& signal, const LineAddress& line) {
                opened.push_back(signal + " " + line.target);
                return std::make_unique<Contact>();
            },
            [this](const std::string& signal, const LineAddress& line) {
                opened.push_back(signal + " " + line.target);
                return std::make_unique<Driven>(levels, signal, stuck);
            });
    }

    FakeBench bench;
    Fixture fixture;
    bool stuck = false;
    std::map<std::string, bool> levels;
    std::vector<std::string> opened;
    std::unique_ptr<Wiring> wiring;
};

}  // namespace

TEST_CASE("lines of the fixture stand where scripts find them, sensed and driven apart", "[rig][wiring]") {
    Wired wired;
    CHECK(wired.opened ==
          std::vector<std::string>{"button.last B2", "relay.charge.pins_1_2 C12", "switch[1] S1"});
    wired.bench.outputs.at("switch[1]")->drive(true);
    CHECK(wired.levels.at("switch[1]"));
    CHECK(dynamic_cast<Contact*>(wired.bench.inputs.at("relay.charge.pins_1_2")) != nullptr);
}

TEST_CASE("no line is left driven, at take-down and when the bench goes", "[rig][wiring]") {
    Wired wired;
    wired.bench.outputs.at("switch[1]")->drive(true);
    take_down_with(wired.bench, *wired.wiring);
    CHECK_FALSE(wired.levels.at("switch[1]"));
    wired.bench.outputs.at("switch[1]")->drive(true);
    wired.wiring.reset();
    CHECK_FALSE(wired.levels.at("switch[1]"));
}

TEST_CASE("lines that cannot be released are all named, and the supplies go off all the same",
          "[rig][wiring]") {
    Wired wired;
    wired.bench.cells[0]->output_on();
    wired.stuck = true;
    CHECK_THROWS_WITH(take_down_with(wired.bench, *wired.wiring),
                      "lines: NOT confirmed off: button.last: is gone; switch[1]: is gone");
    CHECK_FALSE(wired.bench.own_cells[0]->on);
}

TEST_CASE("a supply that stays on keeps no line driven", "[rig][wiring]") {
    Wired wired;
    wired.bench.own_cells[1]->stuck = true;
    wired.bench.outputs.at("switch[1]")->drive(true);
    CHECK_THROWS_WITH(take_down_with(wired.bench, *wired.wiring), Contains("NOT confirmed off: cell 2"));
    CHECK_FALSE(wired.levels.at("switch[1]"));
    wired.stuck = true;
    CHECK_THROWS_WITH(
        take_down_with(wired.bench, *wired.wiring),
        Contains("NOT confirmed off: cell 2") && Contains("lines: NOT confirmed off: button.last"));
}

TEST_CASE("on the desk a board's relays are the switches and button, its lines the relays' contacts",
          "[rig][wiring][program]") {
    Program rig;
    rig.script("a.lua", R"(
rig.test("by the board", { needs = { "relay", "switch", "button", "app" } }, function(bench)
  rig.claim("both relays allow", bench.relay.charge:allowed() and bench.relay.load:allowed())
  bench.cell[1]:set_v(4.2)
  rig.eventually("the charge relay opens", { within_s = 30 }, function()
    return bench.relay.charge:stands_open()
  end)
  rig.claim("it was seen to", #bench.relay.charge:edges() > 0)
end)
)");
    CHECK(rig.run({"run", "--fixture", "fixtures/desk-korad-4s.toml", "a.lua"}) == 0);
    INFO(rig.out << rig.err);
    CHECK(rig.stored().at(0).verdict == reports::Verdict::passed);
}
