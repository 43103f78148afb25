// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/memory_registers.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

#include "tests/instruments/test_clock.hpp"

using namespace rig;

namespace {

struct TenRegisters : RegisterSpace {
    std::array<std::uint16_t, 10> held{};

    void check(std::size_t first, std::size_t count) const {
        if (first + count > held.size()) throw Refusal{2};
    }
    Registers read(std::uint16_t first, int count) override {
        check(first, static_cast<std::size_t>(count));
        return {held.begin() + first, held.begin() + first + count};
    }
    void write(std::uint16_t first, const Registers& values) override {
        check(first, values.size());
        std::copy(values.begin(), values.end(), held.begin() + first);
    }
};

struct Desk {
    TestClock clock;
    std::shared_ptr<TenRegisters> instrument = std::make_shared<TenRegisters>();
    std::unique_ptr<RegisterLink> link =
        memory_registers(clock, Wire::serial(115200), instrument, "memory:test");
};

}  // namespace

TEST_CASE("registers in memory are written and read in the order of the requests",
          "[instruments][registers]") {
    Desk desk;
    auto one = desk.link->write_single(3, 33);
    auto before = desk.link->read_holding(3, 2);
    auto many = desk.link->write_multiple(3, {1, 2});
    auto after = desk.link->read_holding(3, 2);
    CHECK(after.get() == Registers{1, 2});
    CHECK(before.get() == Registers{33, 0});
    many.get();
    one.get();
}

TEST_CASE("a request in memory takes the time of its bytes and its instrument", "[instruments][registers]") {
    Desk desk;
    desk.link->read_holding(0, 1).get();
    // 8 bytes there, 4 of silence, 7 back at 86.8 µs, and 4 ms.
    CHECK(desk.clock.now() == 4_ms + 19 * Wire::serial(115200).byte_time);
}

TEST_CASE("a refused request says which register and why, and changes nothing", "[instruments][registers]") {
    Desk desk;
    CHECK_THROWS_WITH(desk.link->write_multiple(9, {1, 2}).get(),
                      "holding register 9: refused, illegal data address");
    CHECK(desk.instrument->held[9] == 0);
}

TEST_CASE("registers of an instrument that is gone do not answer, and that is no hang",
          "[instruments][registers]") {
    Desk desk;
    desk.instrument.reset();
    CHECK_THROWS_WITH(desk.link->read_holding(4, 1).get(), "holding register 4: no answer within 500 ms");
    CHECK(desk.clock.now() < 600_ms);
}
