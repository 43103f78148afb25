// SPDX-License-Identifier: GPL-3.0-or-later
// libmodbus on a pseudo-terminal, against our own end of the line.
#include "instruments/links/modbus_link.hpp"

#include <catch2/catch.hpp>

#include "instruments/links/link_error.hpp"
#include "instruments/links/pty_server.hpp"
#include "instruments/twins/modbus_server.hpp"
#include "tests/instruments/borrowed_link.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;
using std::chrono::milliseconds;

namespace {

class Shelf : public RegisterSpace {
public:
    Registers read(std::uint16_t first, int count) override {
        if (first + count > 100) throw Refusal{2};
        return {holding.begin() + first, holding.begin() + first + count};
    }
    void write(std::uint16_t first, const Registers& values) override {
        if (first + values.size() > 100) throw Refusal{2};
        std::copy(values.begin(), values.end(), holding.begin() + first);
    }

    Registers holding = Registers(100);
};

struct Line {
    explicit Line(milliseconds answer_within = milliseconds(5000))
        : link(open_registers(clock, parse_link("modbus:" + terminal.path() + "?baud=115200&address=3"),
                              answer_within)) {}

    WallClock clock;
    PtyServer terminal{clock};
    std::shared_ptr<Shelf> shelf = std::make_shared<Shelf>();
    std::unique_ptr<ModbusServer> server = serve(3);
    std::unique_ptr<RegisterLink> link;

    std::unique_ptr<ModbusServer> serve(int unit) {
        return std::make_unique<ModbusServer>(clock, std::make_unique<BorrowedLink>(terminal), *shelf, unit);
    }
};

}  // namespace

TEST_CASE("registers are written and read over Modbus, in the order they were asked for",
          "[instruments][modbus]") {
    Line line;
    auto single = line.link->write_single(8, 3700);
    auto many = line.link->write_multiple(10, {1, 0xFFFF, 0x8000});
    auto reply = line.link->read_holding(8, 5);
    CHECK(reply.get() == Registers{3700, 0, 1, 0xFFFF, 0x8000});
    single.get();
    many.get();
    CHECK(line.link->unit() == 3);
    CHECK(line.link->descriptor() >= 0);
    CHECK(line.link->name() == "modbus:" + line.terminal.path());
}

TEST_CASE("frames of a Modbus line are apart by 3.5 of its characters", "[instruments][modbus]") {
    WallClock clock;
    PtyServer terminal(clock);
    const auto link =
        open_registers(clock, parse_link("modbus:" + terminal.path() + "?baud=2400&parity=even&address=3"));
    constexpr double bits_of_a_character = 11.0;
    CHECK(static_cast<double>(link->frame_silence().count()) ==
          Approx(3.5 * bits_of_a_character / 2400 * 1e9));
}

TEST_CASE("what an instrument refuses is told in Modbus's words, and the next request goes on",
          "[instruments][modbus]") {
    Line line;
    CHECK_THROWS_WITH(line.link->read_holding(99, 2).get(),
                      "holding register 99: refused, illegal data address");
    CHECK_THROWS_WITH(line.link->write_single(100, 1).get(),
                      "holding register 100: refused, illegal data address");
    CHECK(line.link->read_holding(0, 1).get() == Registers{0});
}

TEST_CASE("an instrument that does not answer is an error after its time, and may come back",
          "[instruments][modbus]") {
    Line line(milliseconds(30));
    line.server.reset();
    CHECK_THROWS_WITH(line.link->read_holding(18, 1).get(), "holding register 18: no answer within 30 ms");
    line.server = line.serve(4);
    CHECK_THROWS_WITH(line.link->read_holding(18, 1).get(), Contains("no answer"));
}

TEST_CASE("a damaged answer is no answer, and what is left of it is not the next one's",
          "[instruments][modbus]") {
    Line line(milliseconds(500));
    line.server.reset();
    int asked = 0;
    line.terminal.on_receive([&](std::string_view) {
        // A read of one register; then the check is wrong.
        if (++asked == 1) line.terminal.send(std::string_view("\x03\x03\x02\x12\x34\x00\x00", 7));
    });
    CHECK_THROWS_WITH(line.link->read_holding(1, 1).get(), Contains("holding register 1: a damaged answer"));
    line.shelf->holding[1] = 7;
    line.server = line.serve(3);
    CHECK(line.link->read_holding(1, 1).get() == Registers{7});
}

TEST_CASE("a Modbus line that went away is an error, not a hang", "[instruments][modbus]") {
    Line line(milliseconds(50));
    line.server.reset();
    line.terminal.hang_up();
    CHECK_THROWS_WITH(line.link->read_holding(1, 1).get(), Contains("holding register 1: "));
    CHECK_THROWS_WITH(line.link->read_holding(1, 1).get(), Contains("holding register 1: "));
}

TEST_CASE("two rigs cannot have the same Modbus line, and one that is not there is told",
          "[instruments][modbus]") {
    Line line;
    CHECK_THROWS_WITH(open_registers(line.clock, parse_link("modbus:" + line.terminal.path())),
                      Contains("another program has it"));
    CHECK_THROWS_WITH(open_registers(line.clock, parse_link("modbus:/dev/ttyUSB99")),
                      Contains("modbus:/dev/ttyUSB99: cannot be opened: No such file or directory"));
}
