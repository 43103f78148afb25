// SPDX-License-Identifier: GPL-3.0-or-later
// A Rigol DP832's twin on a port of this machine, and libsigrok between it and the driver.
#include "instruments/drivers/sigrok_supply.hpp"

#include <catch2/catch.hpp>

#include "instruments/instrument_error.hpp"
#include "instruments/links/link_error.hpp"
#include "instruments/links/tcp_server.hpp"
#include "instruments/twins/ngi_n83624.hpp"
#include "instruments/twins/rigol_dp800.hpp"
#include "tests/instruments/borrowed_link.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// Between the twin and its port: what a line of the rig's is made into, where it is not left as it is.
class Interference : public ByteLink {
public:
    explicit Interference(ByteLink& line) : line_(line) {
        line_.on_receive([this](std::string_view bytes) { hear(bytes); });
    }
    ~Interference() override { line_.on_receive(nullptr); }

    void send(std::string_view bytes) override { line_.send(bytes); }
    void on_receive(Receiver receiver) override { receiver_ = std::move(receiver); }
    std::string name() const override { return line_.name(); }

    /// To the twin, as if the rig did.
    void say(const std::string& line) { receiver_(line + "\n"); }

    /// Empty: the line is lost.
    std::function<std::string(const std::string& line)> becomes = [](const std::string& line) {
        return line;
    };
    std::vector<std::string> heard;

private:
    void hear(std::string_view bytes) {
        for (const char byte : bytes) {
            unfinished_ += byte;
            if (byte != '\n') continue;
            heard.push_back(unfinished_.substr(0, unfinished_.find_first_of("\r\n")));
            const auto line = becomes(heard.back());
            unfinished_.clear();
            if (!line.empty() && receiver_) receiver_(line + "\n");
        }
    }

    ByteLink& line_;
    Receiver receiver_;
    std::string unfinished_;
};

constexpr Nanoseconds answer_within{20'000'000'000};  ///< two seconds of life, for a machine with much to do

/// A bench of one supply, ten times as fast as life: libsigrok keeps no time here.
struct Desk {
    WallClock clock{10.0};
    TcpServer port{clock};
    Interference line{port};
    FakeTerminals first, second;
    RigolDp800Twin twin{clock, std::make_unique<BorrowedLink>(line), {&first, &second}, 1};

    LinkAddress address(const std::string& driver = "scpi-pps") const {
        return parse_link("sigrok:" + driver + ":tcp-raw/127.0.0.1/" + std::to_string(port.port()));
    }

    std::unique_ptr<SigrokSupply> supply(int channels = 1) {
        auto link = std::make_unique<SigrokLink>(clock, address(), SigrokPatience{50'000_ms, answer_within});
        return std::make_unique<SigrokSupply>(std::move(link), "cell supply 1", channels);
    }

    /// An output that nothing loads needs a while to fall.
    bool falls(const FakeTerminals& terminals) {
        return clock.run_until([&] { return !terminals.driven(); }, clock.now() + 20'000_ms);
    }

    std::string cannot_open(const std::string& driver = "scpi-pps") {
        try {
            SigrokLink(clock, address(driver), SigrokPatience{answer_within, answer_within});
        } catch (const LinkError& error) {
            return error.what();
        }
        return "was opened";
    }
};

/// What the driver says of an action that must fail.
std::string said_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const InstrumentError& error) {
        return error.what();
    }
    return "nothing went wrong";
}

}  // namespace

TEST_CASE("a supply that libsigrok knows holds a cell, takes what it is set to and goes off",
          "[instruments][sigrok]") {
    Desk desk;
    const auto supply = desk.supply(2);
    CHECK_THAT(supply->identity().answer, Contains("DP832"));
    CHECK(supply->identity().link == desk.address().name());
    CHECK_FALSE(desk.first.driven());

    CellSupply& cell = supply->channel(1);
    cell.set_voltage(Volts{3.3});
    cell.set_current_limit(Amperes{1.0});
    CHECK_FALSE(desk.first.driven());
    cell.output_on();
    CHECK(desk.first.driven());
    CHECK_FALSE(desk.second.driven());
    auto volts = cell.measure_voltage();
    auto amperes = cell.measure_current();
    CHECK(volts.get().value == Approx(3.3).margin(0.01));
    CHECK(amperes.get().value == Approx(0.33).margin(0.02));
    cell.set_voltage(Volts{3.65});
    CHECK(desk.first.voltage().value == Approx(3.65).margin(0.01));
    CHECK(cell.alarms().empty());
    cell.output_off();
    CHECK(desk.falls(desk.first));
    cell.output_off();
}

TEST_CASE("a libsigrok supply stays off until it has a current limit", "[instruments][sigrok]") {
    Desk desk;
    const auto supply = desk.supply();
    supply->channel(1).set_voltage(Volts{3.3});
    CHECK_THAT(said_of([&] { supply->channel(1).output_on(); }), Contains("has no current limit yet"));
    CHECK_FALSE(desk.first.driven());
}

TEST_CASE("what libsigrok takes for done and the supply has refused is an error", "[instruments][sigrok]") {
    Desk desk;
    const auto supply = desk.supply();
    CellSupply& cell = supply->channel(1);
    cell.set_voltage(Volts{3.3});
    const auto message = said_of([&] { cell.set_voltage(Volts{99.0}); });
    CHECK_THAT(message,
               StartsWith("cell supply 1, channel 1: asked for 99.0000 V, the supply holds 3.3000 V") &&
                   Contains(desk.address().name()) && Contains("\n  try "));
}

TEST_CASE("a libsigrok supply that does not go off is told twice, then said loudly",
          "[instruments][sigrok]") {
    Desk desk;
    const auto supply = desk.supply();
    CellSupply& cell = supply->channel(1);
    cell.set_voltage(Volts{3.3});
    cell.set_current_limit(Amperes{1.0});
    cell.output_on();
    int lost = 0;
    SECTION("never") {
        desk.line.becomes = [&](const std::string& line) {
            return line.find("OFF") == std::string::npos ? line : (++lost, std::string());
        };
        CHECK_THAT(said_of([&] { cell.output_off(); }), Contains("\"enabled\" still reads true") &&
                                                            Contains("NOT confirmed off") &&
                                                            Contains(desk.address().name()));
        CHECK(lost == 2);
        CHECK(desk.first.driven());
    }
    SECTION("but at the second word") {
        desk.line.becomes = [&](const std::string& line) {
            return line.find("OFF") == std::string::npos || lost++ > 0 ? line : std::string();
        };
        cell.output_off();
        CHECK(desk.falls(desk.first));
    }
}

TEST_CASE("a libsigrok supply that limits is an error, and so is one that something else feeds",
          "[instruments][sigrok]") {
    Desk desk;
    const auto supply = desk.supply();
    CellSupply& cell = supply->channel(1);
    cell.set_current_limit(Amperes{0.2});
    cell.set_voltage(Volts{3.3});
    CHECK_THAT(said_of([&] { cell.output_on(); }), Contains("reports over-current") && Contains("\n  try "));
    cell.output_off();
    CHECK(desk.falls(desk.first));
}

TEST_CASE("protections that libsigrok knows are armed, read back and heard of", "[instruments][sigrok]") {
    Desk desk;
    const auto supply = desk.supply();
    CellSupply& cell = supply->channel(1);
    CHECK(cell.abilities().over_voltage);
    CHECK(cell.abilities().over_current);
    CHECK_FALSE(cell.abilities().watchdog);
    cell.set_voltage(Volts{3.3});
    cell.set_current_limit(Amperes{1.0});
    cell.protect_above(Volts{4.0});
    cell.output_on();
    CHECK_THAT(said_of([&] { cell.set_voltage(Volts{4.5}); }), Contains("over-voltage"));
    CHECK(desk.falls(desk.first));
    CHECK_THAT(said_of([&] { cell.protect_above(Volts{99.0}); }), Contains("asked for 99.0000 V"));
}

TEST_CASE(
    "libsigrok waits for ever for an answer over TCP; the rig does not, and the next word is heard again",
    "[instruments][sigrok]") {
    Desk desk;
    const auto supply = desk.supply();
    CellSupply& cell = supply->channel(1);
    cell.set_voltage(Volts{3.3});
    cell.set_current_limit(Amperes{1.0});
    cell.output_on();
    desk.line.becomes = [](const std::string& line) {
        return line.find(":MEAS") == std::string::npos ? line : std::string();
    };
    const auto begin = desk.clock.now();
    CHECK_THAT(
        said_of([&] { cell.measure_voltage().get(); }),
        Contains("cell supply 1, channel 1: voltage: no answer within 20000 ms on " + desk.address().name()));
    CHECK(desk.clock.now() - begin < 10 * answer_within);
    desk.line.becomes = [](const std::string& line) { return line; };
    cell.output_off();
    CHECK(desk.falls(desk.first));
}

TEST_CASE("an instrument that libsigrok waits for keeps nobody from leaving", "[instruments][sigrok]") {
    Desk desk;
    auto supply = desk.supply();
    desk.line.becomes = [](const std::string&) { return std::string(); };
    auto never_collected = supply->channel(1).measure_voltage();
    REQUIRE(desk.clock.run_until([&] { return desk.line.heard.back().find(":MEAS") != std::string::npos; },
                                 desk.clock.now() + 10 * answer_within));
    never_collected = Reply<Volts>([] { return Volts{0.0}; });
    supply.reset();
}

TEST_CASE("a connection that libsigrok has lost is told once, and opened anew by the next word",
          "[instruments][sigrok]") {
    Desk desk;
    const auto supply = desk.supply();
    CellSupply& cell = supply->channel(1);
    cell.set_voltage(Volts{3.3});
    cell.set_current_limit(Amperes{1.0});
    cell.output_on();
    desk.port.hang_up();
    CHECK_THAT(said_of([&] { cell.measure_voltage().get(); }), Contains("voltage: ") && Contains("\n  try "));
    CHECK(desk.first.driven());
    cell.output_off();
    CHECK(desk.falls(desk.first));

    SECTION("and what it has selected before is selected again") {
        const auto both = desk.supply(2);
        CellSupply& second = both->channel(2);
        second.set_voltage(Volts{3.2});
        second.set_current_limit(Amperes{1.0});
        second.output_on();
        desk.line.say(":INST:NSEL 1");  // as after a power cut
        desk.port.hang_up();
        CHECK_THAT(said_of([&] { second.measure_voltage().get(); }), Contains("voltage: "));
        second.output_off();
        CHECK(desk.falls(desk.second));
    }
    SECTION("while nobody listens every word is one error, and nothing hangs") {
        desk.port.close();
        CHECK_THAT(said_of([&] { cell.set_voltage(Volts{3.0}); }), Contains(desk.address().name()));
        CHECK_THAT(said_of([&] { cell.output_off(); }),
                   Contains("nothing answers that libsigrok's scpi-pps knows (scpi_tcp: Failed to connect") &&
                       Contains("Connection refused"));
    }
}

TEST_CASE("what cannot be opened through libsigrok is one error with what to try", "[instruments][sigrok]") {
    Desk desk;
    const auto at = desk.address().name();
    SECTION("nobody is there") {
        desk.port.close();
        CHECK_THAT(desk.cannot_open(), StartsWith(at + ": nothing answers that libsigrok's scpi-pps knows") &&
                                           Contains("Connection refused") && Contains("\n  try "));
    }
    SECTION("somebody who says nothing") {
        desk.line.becomes = [](const std::string&) { return std::string(); };
        CHECK_THAT(desk.cannot_open(), Contains(at + ": no answer within 20000 ms\n  try "));
    }
    SECTION("an instrument of another kind") {
        const NgiN83624Twin another(desk.clock, std::make_unique<BorrowedLink>(desk.line), {&desk.first}, 1);
        CHECK_THAT(desk.cannot_open(), StartsWith(at + ": nothing answers that libsigrok's scpi-pps knows"));
    }
    SECTION("a driver that libsigrok has not got") {
        CHECK_THAT(desk.cannot_open("scpi-psp"),
                   Contains("has no driver scpi-psp; sigrok-cli --list-supported names them\n  try "));
    }
    SECTION("more outputs than there are") {
        CHECK_THAT(said_of([&] { desk.supply(4); }),
                   Contains("with 3 outputs that libsigrok knows, not 4, on " + at));
    }
    CHECK_FALSE(desk.first.driven());
}

TEST_CASE("something that libsigrok knows and that is no supply is refused", "[instruments][sigrok]") {
    WallClock clock;
    auto link = std::make_unique<SigrokLink>(clock, parse_link("sigrok:demo"));
    CHECK_THAT(said_of([&] { SigrokSupply(std::move(link), "cell supply 1", 1); }),
               Contains("whose \"voltage_target\" cannot be set and read back through libsigrok"));
}
