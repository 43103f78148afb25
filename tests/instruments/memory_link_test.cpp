// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "instruments/links/memory_link.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;

namespace {

struct Heard {
    std::string text;
    Nanoseconds at{};
};

void listen(Clock& clock, ByteLink& link, Heard& heard) {
    link.on_receive([&](std::string_view bytes) {
        heard.text += bytes;
        heard.at = clock.now();
    });
}

}  // namespace

TEST_CASE("a serial line at 9600 baud takes ten bits for each byte", "[instruments][link]") {
    TestClock clock;
    auto link = memory_link(clock, Wire::serial(9600), "memory:test");
    Heard heard;
    listen(clock, *link.far, heard);

    link.near->send("VOLT 3.7\n");
    clock.run_for(1000_ms);

    CHECK(heard.text == "VOLT 3.7\n");
    CHECK(heard.at.count() == 9 * 1'041'666);
}

TEST_CASE("bytes queue behind those sent before them, and not behind those coming the other way",
          "[instruments][link]") {
    TestClock clock;
    auto link = memory_link(clock, {1_ms, 5_ms}, "memory:test");
    Heard there, here;
    listen(clock, *link.far, there);
    listen(clock, *link.near, here);

    link.near->send("ab");
    link.near->send("c");
    link.far->send("x");
    clock.run_for(1000_ms);

    CHECK(there.text == "abc");
    CHECK(there.at == 8_ms);
    CHECK(here.at == 6_ms);
}

TEST_CASE("sending does not wait, and nothing arrives until the clock runs", "[instruments][link]") {
    TestClock clock;
    auto link = memory_link(clock, Wire{}, "memory:test");
    Heard heard;
    listen(clock, *link.far, heard);

    link.near->send("x");
    CHECK(heard.text.empty());
    clock.run_for(0_ms);

    CHECK(heard.text == "x");
}

TEST_CASE("what is on its way to an end that is gone is lost", "[instruments][link]") {
    TestClock clock;
    auto link = memory_link(clock, Wire::lan(), "memory:test");
    Heard heard;
    listen(clock, *link.far, heard);

    link.near->send("x");
    link.far.reset();
    clock.run_for(1000_ms);

    CHECK(heard.text.empty());
}
