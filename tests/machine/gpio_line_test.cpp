// SPDX-License-Identifier: GPL-3.0-or-later
// GPIO lines of a real kernel, whose wires the test holds.
#include "instruments/links/gpio_line.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>

#include "instruments/instrument_error.hpp"
#include "tests/instruments/test_clock.hpp"
#include "tests/machine/gpio_sim.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

constexpr auto soon = 10'000_ms;  ///< far more than any of this takes

struct Wires {
    std::unique_ptr<DigitalInput> input(const std::string& text) {
        return open_gpio_input(clock, "relay.charge.pins_1_2", parse_line(text));
    }
    std::unique_ptr<DigitalOutput> output(const std::string& text) {
        return open_gpio_output("switch[1]", parse_line(text));
    }
    bool wait(const std::function<bool()>& ready) { return clock.run_until(ready, clock.now() + soon); }

    GpioSim other{"other", {"SPARE"}};
    GpioSim chip{"bench", {"CHARGE_12", "CHARGE_23", "SWITCH_1"}};
    WallClock clock;
};

std::string levels(const std::vector<Edge>& edges) {
    std::string text;
    for (const auto& edge : edges)
        text += edge.active ? '1' : '0';
    return text;
}

}  // namespace

TEST_CASE("an input is found by its name on whatever chip has it, and follows its wire", "[gpio]") {
    Wires wires;
    const auto contact = wires.input("gpio:CHARGE_23");
    CHECK_FALSE(contact->active());
    wires.chip.pull("CHARGE_23", true);
    CHECK(contact->active());
    wires.chip.pull("CHARGE_12", true);
    wires.chip.pull("CHARGE_23", false);
    CHECK_FALSE(contact->active());
}

TEST_CASE("a contact that pulls to ground is active while its wire is low, edges too", "[gpio]") {
    Wires wires;
    const auto contact = wires.input("gpio:CHARGE_12?active=low&bias=pull-up");
    CHECK(wires.chip.high("CHARGE_12"));
    CHECK_FALSE(contact->active());
    wires.chip.pull("CHARGE_12", false);
    CHECK(contact->active());
    REQUIRE(wires.wait([&] { return contact->edges().size() == 1; }));
    CHECK(contact->edges().front().active);
}

TEST_CASE("an edge is stamped in bench time when it happened, not when somebody looked", "[gpio]") {
    Wires wires;
    const auto contact = wires.input("gpio:CHARGE_12");
    const auto before = wires.clock.now();
    wires.chip.pull("CHARGE_12", true);
    wires.clock.run_for(100_ms);
    const auto between = wires.clock.now();
    wires.chip.pull("CHARGE_12", false);
    // A script at work, the clock at rest.
    while (wires.clock.now() < between + 200_ms) {
    }
    const auto& edges = contact->edges();
    REQUIRE(levels(edges) == "10");
    CHECK(edges[0].at >= before);
    CHECK(edges[0].at < before + 50_ms);
    CHECK(edges[1].at >= between);
    CHECK(edges[1].at < between + 50_ms);
    CHECK(contact->edges_whole_from() <= before);
}

TEST_CASE("a clock that runs faster stamps edges in its own time", "[gpio]") {
    GpioSim chip("bench", {"LED"});
    WallClock fast(20.0);
    fast.run_for(1000_ms);
    const auto led = open_gpio_input(fast, "led.charge", parse_line("gpio:LED"));
    const auto before = fast.now();
    chip.pull("LED", true);
    REQUIRE(fast.run_until([&] { return led->edges().size() == 1; }, before + 1000 * soon));
    CHECK(led->edges()[0].at >= before);
    CHECK(led->edges()[0].at <= fast.now());
}

TEST_CASE("no edge is lost while the clock runs, however many there are", "[gpio]") {
    Wires wires;
    const auto led = wires.input("gpio:CHARGE_12");
    const int flashes = 200;
    for (int i = 1; i <= flashes; ++i) {
        wires.chip.pull("CHARGE_12", true);
        REQUIRE(wires.wait([&, i] { return led->edges().size() >= static_cast<std::size_t>(2 * i - 1); }));
        wires.chip.pull("CHARGE_12", false);
        REQUIRE(wires.wait([&, i] { return led->edges().size() >= static_cast<std::size_t>(2 * i); }));
    }
    const auto& edges = led->edges();
    REQUIRE(edges.size() == 2 * flashes);
    CHECK(std::is_sorted(edges.begin(), edges.end(), [](auto& a, auto& b) { return a.at < b.at; }));
    for (std::size_t i = 0; i < edges.size(); ++i)
        REQUIRE(edges[i].active == (i % 2 == 0));
    CHECK(led->edges_whole_from() < edges.front().at);
}

TEST_CASE("where more changed than the kernel keeps, it is said from when on all is there", "[gpio]") {
    Wires wires;
    const auto led = wires.input("gpio:CHARGE_12");
    // Slowly enough for the kernel, unheard by us; many, as a busy machine may take several for one.
    const std::size_t pulls = 201;
    for (std::size_t i = 0; i < pulls; ++i) {
        wires.chip.pull("CHARGE_12", i % 2 == 0);
        for (const auto then = wires.clock.now(); wires.clock.now() < then + 5_ms;) {
        }
    }
    const auto looked = wires.clock.now();
    CHECK(led->edges_whole_from() >= looked);
    CHECK(led->edges().size() < pulls);
    REQUIRE(wires.wait([&] { return !led->edges().empty() && led->edges().back().active == led->active(); }));
    CHECK(led->active());
}

TEST_CASE("an input ends as its wire stands, though changes followed in quick succession", "[gpio]") {
    Wires wires;
    const auto contact = wires.input("gpio:CHARGE_12");
    for (int bounces = 1; bounces <= 7; ++bounces) {
        for (int i = 0; i < bounces; ++i)
            wires.chip.pull("CHARGE_12", i % 2 == 0);
        const bool last = bounces % 2 == 1;
        wires.clock.run_for(60_ms);
        INFO(levels(contact->edges()));
        REQUIRE_FALSE(contact->edges().empty());
        CHECK(contact->edges().back().active == last);
        wires.chip.pull("CHARGE_12", false);
        wires.clock.run_for(60_ms);
        CHECK_FALSE(contact->edges().back().active);
    }
    for (std::size_t i = 0; i < contact->edges().size(); ++i)
        REQUIRE(contact->edges()[i].active == (i % 2 == 0));
}

TEST_CASE("an output is off when it is opened and off when it goes", "[gpio]") {
    Wires wires;
    wires.chip.pull("SWITCH_1", true);
    auto button = wires.output("gpio:SWITCH_1");
    CHECK_FALSE(button->driven());
    CHECK_FALSE(wires.chip.high("SWITCH_1"));
    button->drive(true);
    CHECK(button->driven());
    CHECK(wires.chip.high("SWITCH_1"));
    button->drive(false);
    CHECK_FALSE(wires.chip.high("SWITCH_1"));
    button->drive(true);
    wires.chip.pull("SWITCH_1", false);
    button.reset();
    CHECK_FALSE(wires.chip.high("SWITCH_1"));
}

TEST_CASE("an output that is active low rests high", "[gpio]") {
    Wires wires;
    auto button = wires.output("gpio:SWITCH_1?active=low");
    CHECK(wires.chip.high("SWITCH_1"));
    button->drive(true);
    CHECK_FALSE(wires.chip.high("SWITCH_1"));
}

TEST_CASE("a line that somebody has is named with who has it, and is free again once they go", "[gpio]") {
    Wires wires;
    auto first = wires.input("gpio:CHARGE_12");
    CHECK_THROWS_WITH(wires.output("gpio:CHARGE_12"),
                      "switch[1]: gpio:CHARGE_12: line 0 of " + wires.chip.name() +
                          " (bench) is in use by \"rig\"\n"
                          "  try     end that program, or wire the signal to another line");
    first.reset();
    CHECK_NOTHROW(wires.output("gpio:CHARGE_12"));
}

TEST_CASE("a line that is not there is named with the chips that were asked", "[gpio]") {
    Wires wires;
    CHECK_THROWS_WITH(wires.input("gpio:CHARGE_13"),
                      Contains("relay.charge.pins_1_2: gpio:CHARGE_13: no chip has a line \"CHARGE_13\" (") &&
                          Contains(wires.chip.name()) && Contains(wires.other.name()) &&
                          Contains("try     gpioinfo lists the lines' names"));
    CHECK_THROWS_WITH(wires.input("gpio:CHARGE_12?chip=other"),
                      Contains("gpio:CHARGE_12?chip=other: no chip \"other\" has a line \"CHARGE_12\" ("));
}

TEST_CASE("a machine without any chip says so", "[gpio]") {
    WallClock clock;
    CHECK_THROWS_WITH(open_gpio_input(clock, "led.load", parse_line("gpio:LED")),
                      "led.load: gpio:LED: this machine has no GPIO chip\n"
                      "  try     is the adapter plugged in, its driver loaded? ls /dev/gpiochip*");
}

TEST_CASE("of two lines with one name neither is taken unless the chip is named", "[gpio]") {
    Wires wires;
    GpioSim twin("twin", {"CHARGE_12"});
    CHECK_THROWS_WITH(wires.input("gpio:CHARGE_12"), Contains("(bench) and ") &&
                                                         Contains("(twin) both have such a line") &&
                                                         Contains("try     gpio:CHARGE_12?chip=bench"));
    const auto contact = wires.input("gpio:CHARGE_12?chip=twin");
    twin.pull("CHARGE_12", true);
    CHECK(contact->active());
    CHECK_NOTHROW(wires.input("gpio:CHARGE_12?chip=" + wires.chip.name()));
}

TEST_CASE("a chip that goes while its lines are in use is named, input and output alike", "[gpio]") {
    Wires wires;
    const auto contact = wires.input("gpio:CHARGE_12");
    const auto button = wires.output("gpio:SWITCH_1");
    const auto chip = wires.chip.name();
    wires.chip.unplug();
    wires.clock.run_for(50_ms);
    const auto gone = " of " + chip + " (bench) is gone\n  try     is the adapter still plugged in? ";
    CHECK_THROWS_WITH(contact->active(), Contains("relay.charge.pins_1_2: gpio:CHARGE_12: line 0" + gone));
    CHECK_THROWS_WITH(contact->edges(), Contains("line 0" + gone));
    CHECK_THROWS_WITH(button->drive(true), Contains("switch[1]: gpio:SWITCH_1: line 2" + gone));
}

TEST_CASE("a chip that this user may not open is named with what to look at", "[gpio]") {
    Wires wires;
    const auto device = "/dev/" + wires.chip.name();
    ::chmod(device.c_str(), 0600);
    REQUIRE(::seteuid(65534) == 0);
    std::string said;
    try {
        wires.input("gpio:CHARGE_12");
    } catch (const InstrumentError& error) {
        said = error.what();
    }
    REQUIRE(::seteuid(0) == 0);
    CHECK_THAT(said, Contains("cannot be opened: permission denied\n  try     is this user in the group"));
}

TEST_CASE("how far a stamp is from the wire's change, as figures", "[gpio][figures]") {
    Wires wires;
    const auto contact = wires.input("gpio:CHARGE_12");
    std::vector<double> late_us;
    for (int i = 0; i < 400; ++i) {
        const auto before = wires.clock.now();
        wires.chip.pull("CHARGE_12", i % 2 == 0);
        REQUIRE(wires.wait([&, i] { return contact->edges().size() == static_cast<std::size_t>(i + 1); }));
        late_us.push_back(static_cast<double>((contact->edges().back().at - before).count()) / 1000.0);
        CHECK(late_us.back() >= 0.0);
    }
    std::sort(late_us.begin(), late_us.end());
    std::printf(
        "relay edge, from before the wire's change to its stamp, %zu edges: median %.0f us, "
        "99th percentile %.0f us, maximum %.0f us\n",
        late_us.size(), late_us[late_us.size() / 2], late_us[late_us.size() * 99 / 100], late_us.back());
}
