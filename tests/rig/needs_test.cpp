// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/lua/needs.hpp"

#include <catch2/catch.hpp>

#include "tests/rig/fake_bench.hpp"

using rig::lua::is_need;
using rig::lua::meets;

TEST_CASE("a need is met by a bench that has the signal", "[rig]") {
    rig::testing::FakeBench bench(3);
    for (const char* there : {"cell",         "cell[3]",      "sensor",    "sensor[1]",   "relay",
                              "relay.charge", "led.load",     "led",       "temperature", "temperature[2]",
                              "chain",        "chain[2]",     "chain_tap", "switch",      "switch[8]",
                              "button.first", "button.last",  "button",    "meter",       "meter[2]",
                              "board.led",    "board[3].led", "probe",     "probe[3]",    "chain_bridge"}) {
        CAPTURE(there);
        CHECK(is_need(there));
        CHECK(meets(bench, there));
    }
    for (const char* absent : {"cell[4]", "sensor[2]", "temperature[4]", "chain[3]", "app", "ext",
                               "board[4].led", "cell[0]", "probe[4]", "chain_bridge[2]", "meter[1]",
                               "service", "service[1]", "service.app", "service.input"}) {
        CAPTURE(absent);
        CHECK(is_need(absent));
        CHECK_FALSE(meets(bench, absent));
    }
}

TEST_CASE("a relay that is sensed on one throw only is not there", "[rig]") {
    rig::testing::FakeBench bench;
    bench.inputs.erase("relay.load.pins_2_3");
    CHECK(meets(bench, "relay.charge"));
    CHECK_FALSE(meets(bench, "relay.load"));
    CHECK_FALSE(meets(bench, "relay"));
}

TEST_CASE("a misspelt need is none", "[rig]") {
    for (const char* wrong :
         {"", "cells", "relay.chrage", "sensor[]", "sensor[x]", "sensor[1", "led.charge ", "board[1]"}) {
        CAPTURE(wrong);
        CHECK_FALSE(is_need(wrong));
    }
}
