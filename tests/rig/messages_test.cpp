// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/messages.hpp"

#include <catch2/catch.hpp>

using namespace rig;

TEST_CASE("a check arrives as it was sent", "[rig]") {
    reports::CheckRecord sent;
    sent.number = 7;
    sent.name = "trip \xc3\xa4 \0 zero";
    sent.verdict = reports::Verdict::failed;
    sent.value = 3.6;
    sent.high = 1e-300;
    sent.unit = "V";
    sent.proves = {"RLY-01", "RLY-02"};
    sent.script_line = "a.lua:3";
    sent.bench_ns = -1;
    sent.detail = "";
    auto [here, there] = new_line();

    Message message('c');
    REQUIRE((message << sent).send(here));
    auto received = receive(there, true);

    REQUIRE(received);
    CHECK(received->kind() == 'c');
    const auto check = check_of(*received);
    CHECK(check.number == 7);
    CHECK(check.name == sent.name);
    CHECK(check.verdict == reports::Verdict::failed);
    CHECK(check.value == 3.6);
    CHECK_FALSE(check.low.has_value());
    CHECK(check.high == 1e-300);
    CHECK(check.proves == sent.proves);
    CHECK(check.script_line == "a.lua:3");
    CHECK(check.bench_ns == -1);
}

TEST_CASE("a declaration arrives as it was sent", "[rig]") {
    TestDeclaration sent;
    sent.name = "it works";
    sent.line = 12;
    sent.needs = {"app"};
    sent.tags = {"long"};
    sent.limit_s = 0.5;
    sent.cells = 255;
    sent.uncalibrated = true;
    auto [here, there] = new_line();
    Message message('d');
    (message << sent).send(here);
    auto received = receive(there, true);
    const auto test = declaration_of(*received);
    CHECK(test.name == "it works");
    CHECK(test.line == 12);
    CHECK(test.needs == sent.needs);
    CHECK(test.proves.empty());
    CHECK(test.tags == sent.tags);
    CHECK(test.limit_s == 0.5);
    CHECK(test.cells == 255);
    CHECK(test.uncalibrated);
}

TEST_CASE("messages keep their order and bounds, and a huge text is cut", "[rig]") {
    auto [here, there] = new_line();
    CHECK_FALSE(receive(there, false));
    REQUIRE(Message('a').add(std::string_view("one")).send(here));
    REQUIRE(Message('b').add(std::string_view(std::string(5'000'000, 'x'))).send(here));
    CHECK(receive(there, true)->text() == "one");
    auto second = receive(there, true);
    CHECK(second->kind() == 'b');
    CHECK(second->text().size() < 20'000);
}

TEST_CASE("a line whose other end is gone says so instead of waiting", "[rig]") {
    auto [here, there] = new_line();
    there.close();
    CHECK_FALSE(receive(here, true));
    CHECK_FALSE(Message('x').send(here));
}

TEST_CASE("a message that is too short is an error, not a read beyond it", "[rig]") {
    Received message(std::string("x\x05\0\0\0\0\0\0\0ab", 11));
    CHECK_THROWS_AS(message.text(), std::runtime_error);
}
