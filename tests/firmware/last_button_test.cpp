// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled for each product: what the last board's button does differs.
#include "firmware/core/last_button.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "firmware/core/radio_lines.hpp"
#include "firmware/core/relay_flash.hpp"

namespace {

using Press = bms::LastButton::Press;
constexpr bms::Ticks second = bms::ticks_per_second;

struct Button {
    bms::Ticks now = 1234;
    bms::LastButton button;
    std::vector<Press> presses;

    explicit Button(bool power_up = false) : button(power_up) {}
    void run(bms::Ticks span, bool pressed) {
        for (const bms::Ticks end = now + span; now != end; ++now) {
            const Press press = button.step(now, pressed);
            if (press != Press::none) presses.push_back(press);
        }
    }
};

}  // namespace

TEST_CASE("a press of 5 s is one, a shorter one another, a bounce none", "[firmware][button]") {
    Button test;
    test.run(second, false);
    test.run(bms::about_ms(40), true);
    test.run(second, false);
    CHECK(test.presses.empty());
    test.run(bms::about_ms(60), true);
    test.run(second, false);
    CHECK(test.presses == std::vector<Press>{Press::brief});
    test.run(5 * second - 1, true);
    test.run(second, false);
    CHECK(test.presses == std::vector<Press>{Press::brief, Press::brief});
    test.run(9 * second, true);
    test.run(second, false);
    CHECK(test.presses == std::vector<Press>{Press::brief, Press::brief, Press::held});
}

TEST_CASE("a button held while power returns is a press of its own in generation 2", "[firmware][button]") {
    Button test{true};
    test.run(9 * second, true);
    if (bms::Profile::generation == 2) {
        CHECK(test.presses == std::vector<Press>{Press::at_power_up});
        test.run(second, false);
        CHECK(test.presses.size() == 1);
    } else {
        CHECK(test.presses == std::vector<Press>{Press::held});
        test.run(second, false);
    }
    test.run(6 * second, true);
    CHECK(test.presses.back() == Press::held);
    CHECK(test.presses.size() == 2);
}

TEST_CASE("a button let go as power returns means nothing", "[firmware][button]") {
    Button test{true};
    test.run(bms::about_ms(20), true);
    test.run(second, false);
    CHECK(test.presses.empty());
}

TEST_CASE("after another reset the button is an ordinary one", "[firmware][button]") {
    Button test{false};
    test.run(2 * second, true);
    CHECK(test.presses.empty());
    test.run(4 * second, true);
    CHECK(test.presses == std::vector<Press>{Press::held});
}

TEST_CASE("the radio is restarted by a pulse of 100 ms", "[firmware][radio]") {
    bms::RadioLines radio;
    CHECK_FALSE(radio.reset());
    radio.restart(1000);
    CHECK(radio.reset());
    CHECK_FALSE(radio.configure());
    CHECK(radio.due(99999) == 1180);
    radio.step(1179);
    CHECK(radio.reset());
    radio.step(1180);
    CHECK_FALSE(radio.reset());
    CHECK(radio.due(99999) == 99999);
}

TEST_CASE("the radio has 10 s to set itself up anew, and restarts", "[firmware][radio]") {
    bms::RadioLines radio;
    std::vector<bms::Ticks> resets, configures;
    radio.reconfigure(1000);
    for (bms::Ticks now = 1000; now < 1000 + 15 * second; ++now) {
        radio.step(now);
        if (now == 5000) radio.restart(now);  // not meanwhile
        if (radio.reset()) resets.push_back(now);
        if (radio.configure()) configures.push_back(now);
    }
    CHECK(resets.size() == 2 * 180);
    CHECK(resets.front() == 1000);
    CHECK(resets[180] == 1000 + 180 + 10 * second);
    CHECK(configures.front() == 1000);
    CHECK(configures.size() == 180 + 10 * second);
}

TEST_CASE("the relays' LEDs have the product's rhythm", "[firmware][led]") {
    bms::RelayFlash flash{0};
    const bool gen2 = bms::Profile::generation == 2;
    int flashes = 0;
    bool was = false;
    for (bms::Ticks now = 1; now < 60 * second; ++now) {
        if (now < 30 * second && now % 900 == 0) flash.message(now);  // two a second, then none
        const bool lit = flash.step(now);
        flashes += lit && !was;
        was = lit;
        if (now == 31 * second) CHECK(flashes == (gen2 ? 30 : 6));
    }
    CHECK(flashes == (gen2 ? 30 : 12));
}
