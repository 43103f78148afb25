// SPDX-License-Identifier: GPL-3.0-or-later
// What the guard switches off over a real kernel's lines and ports, when the program that had them is gone.
#include "rig/guard_line.hpp"
#include "rig/guard_record.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <sstream>

#include "instruments/drivers/korad_ka3005p.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/links/gpio_line.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/twins/korad_ka3005p.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/test_clock.hpp"
#include "tests/machine/gpio_sim.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

constexpr auto soon = 10'000_ms;  ///< far more than any of this takes

/// A program that has outputs, and what its guard writes down of it.
class Holder {
public:
    template <class Program>
    explicit Holder(Program program) {
        std::filesystem::remove(record());
        process_ = ::fork();
        if (process_ != 0) return;
        try {
            WallClock clock;
            GuardLine guard({"/tmp"}, "bench.toml");
            program(clock, guard);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        _exit(1);
    }
    ~Holder() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;

    void strike(int signal) const { ::kill(process_, signal); }

    static std::filesystem::path record() { return GuardRecord("/tmp", "bench.toml").file(); }
    static std::string words() {
        std::ostringstream text;
        text << std::ifstream(record()).rdbuf();
        return text.str();
    }

private:
    pid_t process_;
};

const Nanoseconds a_second = 1000_ms;

struct Bench {
    bool wait(const std::function<bool()>& ready) { return clock.run_until(ready, clock.now() + soon); }
    bool guard_has_spoken() {
        return wait([] { return Holder::words().ends_with("\n"); });
    }

    GpioSim chip{"bench", {"OTHER", "SWITCH_1"}};
    WallClock clock;
};

/// Drives the line, and has it guarded.
auto holding(GpioOutput& output) {
    return [&output](WallClock& clock, GuardLine& guard) {
        guard.opened("switch[1]", "gpio:SWITCH_1", output.descriptor());
        guard.guard("switch[1]", 0, output.off_sequence());
        guard.watch(clock, a_second);
        output.drive(true);
        clock.run_for(60 * a_second);
    };
}

/// An emulated machine may be later than the supply's pauses allow.
void switch_on(CellSupply& supply) {
    for (int tries = 5;; --tries) {
        try {
            supply.set_voltage(Volts{3.3});
            supply.set_current_limit(Amperes{1.0});
            return supply.output_on();
        } catch (const InstrumentError&) {
            if (tries == 0) throw;
        }
    }
}

}  // namespace

TEST_CASE("a GPIO output of a program that is killed or stopped is set inactive, and confirmed",
          "[gpio][guard]") {
    const int blow = GENERATE(SIGKILL, SIGSTOP);
    const auto settings = GENERATE(as<std::string>{}, "", "?active=low", "?active=low&drive=open-drain");
    Bench bench;
    bench.chip.pull("SWITCH_1", true);
    // Taken here too: a line that the last one lets go stands as its wire is pulled.
    const auto output = open_gpio_output("switch[1]", parse_line("gpio:SWITCH_1" + settings));
    const bool rests_high = bench.chip.high("SWITCH_1");
    const Holder holder(holding(*output));
    REQUIRE(bench.wait([&] { return bench.chip.high("SWITCH_1") != rests_high; }));
    holder.strike(blow);
    REQUIRE(bench.guard_has_spoken());
    // Of a wire that nobody drives any more, gpio-sim shows how it was driven last.
    if (settings.find("drain") == std::string::npos) CHECK(bench.chip.high("SWITCH_1") == rests_high);
    CHECK_THAT(Holder::words(), Contains("switch[1]            off, confirmed after"));
}

TEST_CASE("a GPIO line is free again once its guard has ended", "[gpio][guard]") {
    Bench bench;
    {
        const Holder holder([](WallClock& clock, GuardLine& guard) {
            holding (*open_gpio_output("switch[1]", parse_line("gpio:SWITCH_1")))(clock, guard);
        });
        REQUIRE(bench.wait([&] { return bench.chip.high("SWITCH_1"); }));
    }
    REQUIRE(bench.guard_has_spoken());
    CHECK(bench.wait([] {
        try {
            open_gpio_output("switch[1]", parse_line("gpio:SWITCH_1"));
            return true;
        } catch (const InstrumentError&) {
            return false;
        }
    }));
}

TEST_CASE("a GPIO output whose chip has gone is not confirmed off", "[gpio][guard]") {
    Bench bench;
    const auto output = open_gpio_output("switch[1]", parse_line("gpio:SWITCH_1"));
    const Holder holder(holding(*output));
    REQUIRE(bench.wait([&] { return bench.chip.high("SWITCH_1"); }));
    bench.chip.unplug();
    holder.strike(SIGKILL);
    REQUIRE(bench.guard_has_spoken());
    CHECK_THAT(Holder::words(), Contains("switch[1]            NOT confirmed off: its link is gone"));
}

TEST_CASE("a supply on a serial port goes off when its program is killed in mid-word or stopped",
          "[serial][guard]") {
    const int blow = GENERATE(SIGKILL, SIGSTOP);
    WallClock clock;
    FakeTerminals terminals;
    KoradKa3005pTwin twin(clock, open_link(clock, parse_link("serial:/dev/pair/1-far?baud=9600")), &terminals,
                          1);
    const auto wait = [&](const std::function<bool()>& ready) {
        return clock.run_until(ready, clock.now() + soon);
    };
    const std::string port = "serial:/dev/pair/1-near?baud=9600";
    const Holder holder([&](WallClock& its_clock, GuardLine& guard) {
        auto link = open_link(its_clock, parse_link(port), 5 * a_second,
                              [&](int descriptor) { guard.opened("cell supply 1", port, descriptor); });
        ByteLink& line = *link;
        KoradKa3005p supply(its_clock, std::move(link), "cell supply 1");
        guard.guard("cell supply 1", 0, supply.off_sequence());
        guard.watch(its_clock, a_second);
        switch_on(supply.channel(1));
        line.send("VSET1:3.");
        its_clock.run_for(60 * a_second);
    });
    REQUIRE(wait([&] { return terminals.driven(); }));
    clock.run_for(500_ms);
    holder.strike(blow);
    CHECK(wait([&] { return !terminals.driven(); }));
    REQUIRE(wait([] { return Holder::words().ends_with("\n"); }));
    CHECK_THAT(Holder::words(), Contains("cell supply 1        off, confirmed after") && Contains(port));
}
