// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/line_address.hpp"

#include <catch2/catch.hpp>

using namespace rig;
using Bias = LineAddress::Bias;
using Drive = LineAddress::Drive;
using Channel = LineAddress::Channel;

namespace {

/// "<what is wrong>; allowed <what could stand there>"
std::string complaint(const std::string& text) {
    try {
        parse_line(text);
        return "taken";
    } catch (const LinkTextError& error) {
        return error.what() + ("; allowed " + error.allowed());
    }
}

}  // namespace

TEST_CASE("a GPIO line is written as its name, and how its wire is to be read", "[instruments][lines]") {
    const auto plain = parse_line("gpio:CHARGE_12");
    CHECK(plain.kind == LineAddress::Kind::gpio);
    CHECK(plain.target == "CHARGE_12");
    CHECK(plain.chip.empty());
    CHECK_FALSE(plain.active_low);
    CHECK(plain.bias == Bias::as_is);
    CHECK(plain.drive == Drive::push_pull);

    const auto contact = parse_line("gpio:SDA [I2C]?chip=ftdi&active=low&bias=pull-up");
    CHECK(contact.target == "SDA [I2C]");
    CHECK(contact.chip == "ftdi");
    CHECK(contact.active_low);
    CHECK(contact.bias == Bias::pull_up);
    CHECK(contact.name() == "gpio:SDA [I2C]?chip=ftdi");

    CHECK(parse_line("gpio:A?bias=pull-down").bias == Bias::pull_down);
    CHECK(parse_line("gpio:A?bias=none").bias == Bias::none);
    CHECK(parse_line("gpio:A?drive=open-drain").drive == Drive::open_drain);
    CHECK(parse_line("gpio:A?drive=open-source").drive == Drive::open_source);
    CHECK(parse_line("gpio:A?active=high").name() == "gpio:A");
}

TEST_CASE("a line of an I/O board is written as the board's name and one of its channels",
          "[instruments][lines]") {
    const auto relay = parse_line("io:desk?relay=3");
    CHECK(relay.kind == LineAddress::Kind::io);
    CHECK(relay.target == "desk");
    CHECK(relay.channel == Channel::relay);
    CHECK(relay.number == 3);
    CHECK(relay.name() == "io:desk?relay=3");

    const auto line = parse_line("io:desk?line=15&active=low");
    CHECK(line.channel == Channel::line);
    CHECK(line.number == 15);
    CHECK(line.active_low);
    CHECK(line.name() == "io:desk?line=15");

    const auto analogue = parse_line("io:desk?analogue=0&above_v=1.25");
    CHECK(analogue.channel == Channel::analogue);
    CHECK(analogue.above_v == 1.25);
}

TEST_CASE("a text that is no line is refused with what could stand there", "[instruments][lines]") {
    const std::string forms = "; allowed gpio:<line's name>, io:<board's name>?relay=…, line=… or analogue=…";
    CHECK(complaint("CHARGE_12") == "is no digital line" + forms);
    CHECK(complaint("gpoi:CHARGE_12") == "is no digital line" + forms);
    CHECK(complaint("gpio:") == "has no name after the colon" + forms);
    CHECK(complaint("io:?relay=1") == "has no name after the colon" + forms);
    CHECK(complaint("gpio:A?bias=up") ==
          "cannot have bias=up; allowed bias=, one of: as-is, none, pull-up, pull-down");
    CHECK(complaint("gpio:A?drive=strong") ==
          "cannot have drive=strong; allowed drive=, one of: push-pull, open-drain, open-source");
    CHECK(complaint("gpio:A?active=no") == "cannot have active=no; allowed active=, one of: high, low");
    CHECK(complaint("gpio:A?baud=9600") == "has no setting baud; allowed chip, active, bias, drive");
    CHECK(complaint("gpio:A?active") ==
          "has the setting active without a value; allowed chip, active, bias, drive");
    CHECK(complaint("io:desk") == "must name one channel of the board; allowed relay=, line= or analogue=");
    CHECK(complaint("io:desk?relay=1&line=2") ==
          "must name one channel of the board; allowed relay=, line= or analogue=");
    CHECK(complaint("io:desk?relay=32") == "cannot have relay=32; allowed relay=0 to 31");
    CHECK(complaint("io:desk?relay=-1") == "cannot have relay=-1; allowed relay=0 to 31");
    CHECK(complaint("io:desk?analogue=1") ==
          "has no threshold; allowed above_v=… with analogue=…, and with it alone");
    CHECK(complaint("io:desk?line=1&above_v=2") ==
          "has a threshold, but no analogue input; allowed above_v=… with analogue=…, and with it alone");
    CHECK(complaint("io:desk?analogue=1&above_v=nan") == "cannot have above_v=nan; allowed above_v=0 to 100");
    CHECK(complaint("io:desk?relay=1&active=low") ==
          "is on while nothing is driven; allowed active=high, and the relay's other contact");
    CHECK(complaint("io:desk?bias=none") ==
          "has no setting bias; allowed relay, line, analogue, above_v, active");
}
