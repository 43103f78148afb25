// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/recording/recording.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "instruments/instrument_error.hpp"
#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using reports::SignalChange;

namespace {

struct OnTape {
    void start() {
        recording.start(
            [this](const reports::SignalBlock& block) { unpack(block, recording.layout(), all); });
    }
    std::vector<SignalChange> changes(const std::string& name) const {
        const auto& signals = recording.layout().signals;
        for (std::size_t i = 0; i < signals.size() && i < all.size(); ++i)
            if (signals[i].name == name) return all[i];
        return {};
    }

    FakeBench bench{2};
    Recording recording{bench};
    std::vector<std::vector<SignalChange>> all;
};

std::vector<SignalChange> recorded(const std::vector<reports::RecordedSignal>& all, const std::string& name) {
    for (const auto& one : all)
        if (one.signal.name == name) return one.changes;
    return {};
}

}  // namespace

TEST_CASE("what a test measures and drives is recorded, and nothing is asked of the bench besides",
          "[recording]") {
    OnTape tape;
    tape.start();
    tape.bench.cells[1]->set_voltage(Volts{3.5});
    tape.bench.test_clock.run_for(Nanoseconds{1'000'000'000});
    CHECK(tape.bench.cells[1]->measure_voltage().get() == Volts{3.5});
    tape.bench.cells[1]->output_on();
    tape.bench.sensors.at(1)->inject(Amperes{-20.0});
    tape.bench.outputs.at("switch[3]")->drive(true);
    tape.bench.own_inputs.at("led.charge")->become(true);
    tape.recording.finish();

    CHECK(tape.bench.log == std::vector<std::string>{"cell 2 set", "cell 2 on"});
    CHECK(tape.changes("cell[2].target_v").at(0).value == Approx(3.5));
    const auto measured = tape.changes("cell[2].voltage_v");
    REQUIRE(measured.size() == 1);
    CHECK(measured[0].at_ns == 1'001'000'000);
    CHECK(tape.changes("cell[2].output").at(0).value == 1.0);
    CHECK(tape.changes("sensor[1].target_a").at(0).value == Approx(-20.0));
    const auto position = tape.changes("switch[3]");
    REQUIRE(position.size() == 2);  // how it stood, then how it was driven
    CHECK(position[0].value == 0.0);
    CHECK(position[1].value == 1.0);
    const auto light = tape.changes("led.charge");
    REQUIRE(light.size() == 1);  // a real line is not asked how it stands
    CHECK(light[0].at_ns == 1'001'000'000);
    CHECK(tape.changes("cell[1].voltage_v").empty());
}

TEST_CASE("a line that is not answered for ends no recording", "[recording]") {
    struct Unanswered : DigitalInput {
        bool active() override { throw InstrumentError("I/O board desk", "no answer"); }
        const std::vector<Edge>& edges() override { throw InstrumentError("I/O board desk", "no answer"); }
    } line;
    FakeBench bench{2};
    bench.inputs["led.load"] = &line;
    Recording recording(bench);
    std::vector<std::vector<SignalChange>> all;
    recording.start([&](const reports::SignalBlock& block) { unpack(block, recording.layout(), all); });
    bench.own_inputs.at("led.charge")->become(true);
    recording.finish();
    CHECK_FALSE(all.empty());
}

TEST_CASE("a recording that is over leaves the bench as it was", "[recording]") {
    FakeBench bench;
    auto* const cell = bench.cells[0];
    auto* const line = bench.outputs.at("switch[1]");
    {
        Recording recording(bench);
        CHECK(bench.cells[0] != cell);
    }
    CHECK(bench.cells[0] == cell);
    CHECK(bench.outputs.at("switch[1]") == line);
}

TEST_CASE("a run keeps what boards, instruments and the plant did, the plant's truth marked as such",
          "[program][recording]") {
    Program rig;
    rig.script("a.lua", R"(
rig.test("a cell too high", { needs = { "cell", "relay.charge" } }, function(bench)
  bench.cell[2]:set_v(3.70)
  rig.check("cell 2", bench.cell[2]:voltage_v(), { min = 3.69, max = 3.71, unit = "V" })
  rig.eventually("charging is forbidden", { within_s = 60 }, function() return bench.relay.charge:stands_open() end)
end))");
    REQUIRE(rig.run({"run", "a.lua"}) == 0);

    const reports::Store store(rig.folder.path / "results/rig.sqlite");
    const auto test = store.tests(1).at(0);
    const auto all = store.recording(1, test.key);
    const auto truth = recorded(all, "plant.cell[2].voltage_v");
    REQUIRE(truth.size() >= 2);
    CHECK(truth.front().value == Approx(3.30).margin(0.01));
    CHECK(std::any_of(truth.begin(), truth.end(),
                      [](const auto& point) { return point.value == Approx(3.70).margin(0.03); }));
    CHECK(recorded(all, "cell[2].voltage_v").at(0).value == Approx(3.70).margin(0.005));
    const auto relay = recorded(all, "relay.charge.pins_1_2");
    REQUIRE(relay.size() >= 2);
    CHECK(relay.front().at_ns == test.began_ns);
    CHECK(relay.front().value != relay.back().value);
    CHECK_FALSE(recorded(all, "ext.pack_v").empty());
    for (const auto& one : all)
        CHECK((one.signal.source == "plant") == one.signal.name.starts_with("plant."));

    REQUIRE(rig.run({"run", "--no-recording", "a.lua"}) == 0);
    CHECK(store.recording(2, test.key).empty());
    CHECK(store.tests(2).at(0).ended_ns == test.ended_ns);
    CHECK(store.tests(2).at(0).checks.at(0).value == test.checks.at(0).value);
}
