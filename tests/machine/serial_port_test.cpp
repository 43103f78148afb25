// SPDX-License-Identifier: GPL-3.0-or-later
// Serial ports of a real kernel, two and two wired crosswise.
#include <asm/termbits.h>
#include <sys/ioctl.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

constexpr auto soon = 10'000_ms;  ///< far more than any of this takes

const std::string near_port = "serial:/dev/pair/1-near", far_port = "serial:/dev/pair/1-far";

struct Pair {
    explicit Pair(const std::string& settings = "") {
        near = open_link(clock, parse_link(near_port + settings));
        far = open_link(clock, parse_link(far_port + settings));
        listen();
    }
    void listen() {
        near->on_receive([this](std::string_view bytes) { at_near += bytes; });
        far->on_receive([this](std::string_view bytes) { at_far += bytes; });
    }
    bool wait(const std::function<bool()>& ready) { return clock.run_until(ready, clock.now() + soon); }

    WallClock clock;
    std::unique_ptr<ByteLink> near, far;
    std::string at_near, at_far;
};

/// How the kernel has set a port up.
termios2 setting_of(const ByteLink& link) {
    termios2 line{};
    REQUIRE(::ioctl(link.descriptor(), TCGETS2, &line) == 0);
    return line;
}

termios2 opened_with(const std::string& settings) {
    WallClock clock;
    const auto link = open_link(clock, parse_link(near_port + settings));
    return setting_of(*link);
}

std::string every_byte() {
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes += static_cast<char>(i);
    return bytes;
}

/// The adapter in a slot of the machine, plugged in and out. It may come back under another number: its name
/// stays, as names by serial number do.
struct Adapter {
    std::filesystem::path name = "/dev/pair/1-near";
    std::filesystem::path slot = std::filesystem::canonical(
        "/sys/class/tty/" + std::filesystem::canonical(name).filename().string() + "/device");

    void pull() const { std::ofstream(slot / "remove") << "1"; }
    void plug() const {
        std::ofstream("/sys/bus/pci/rescan") << "1";
        std::filesystem::remove(name);
        for (const auto& port : std::filesystem::directory_iterator(slot / "tty"))
            std::filesystem::create_symlink("/dev" / port.path().filename(), name);
    }
};

}  // namespace

TEST_CASE("bytes of every value travel both ways over a serial port", "[serial]") {
    Pair pair("?baud=115200");
    pair.near->send(every_byte());
    REQUIRE(pair.wait([&] { return pair.at_far.size() >= 256; }));
    CHECK(pair.at_far == every_byte());
    pair.far->send(every_byte());
    REQUIRE(pair.wait([&] { return pair.at_near.size() >= 256; }));
    CHECK(pair.at_near == every_byte());
}

TEST_CASE("a serial port is set to what the fixture says", "[serial]") {
    SECTION("baud rates") {
        for (const int baud : {300, 1200, 2400, 9600, 19200, 38400, 57600, 115200}) {
            const auto line = opened_with("?baud=" + std::to_string(baud));
            CHECK(line.c_ispeed == static_cast<unsigned>(baud));
            CHECK(line.c_ospeed == static_cast<unsigned>(baud));
        }
    }
    SECTION("bits") {
        const std::pair<int, unsigned> sizes[]{{5, CS5}, {6, CS6}, {7, CS7}, {8, CS8}};
        for (const auto& [bits, size] : sizes)
            CHECK((opened_with("?bits=" + std::to_string(bits)).c_cflag & CSIZE) == size);
    }
    SECTION("parity") {
        const std::pair<const char*, unsigned> parities[]{{"none", 0},
                                                          {"even", PARENB},
                                                          {"odd", PARENB | PARODD},
                                                          {"mark", PARENB | PARODD | CMSPAR},
                                                          {"space", PARENB | CMSPAR}};
        for (const auto& [parity, flags] : parities)
            CHECK((opened_with("?parity=" + std::string(parity)).c_cflag & (PARENB | PARODD | CMSPAR)) ==
                  flags);
    }
    SECTION("stop bits") {
        CHECK((opened_with("?stop=1").c_cflag & CSTOPB) == 0);
        CHECK((opened_with("?stop=2").c_cflag & CSTOPB) == CSTOPB);
    }
    SECTION("handshake") {
        const auto none = opened_with("?flow=none"), hard = opened_with("?flow=rts-cts"),
                   soft = opened_with("?flow=xon-xoff");
        CHECK((none.c_cflag & CRTSCTS) == 0);
        CHECK((none.c_iflag & (IXON | IXOFF)) == 0);
        CHECK((hard.c_cflag & CRTSCTS) == CRTSCTS);
        CHECK((soft.c_iflag & (IXON | IXOFF)) == (IXON | IXOFF));
    }
    SECTION("and nothing is left of what somebody else had set") {
        opened_with("?baud=300&bits=7&parity=mark&stop=2&flow=xon-xoff");
        const auto line = opened_with("");
        CHECK(line.c_ispeed == 9600);
        CHECK((line.c_cflag & (CSIZE | PARENB | PARODD | CMSPAR | CSTOPB | CRTSCTS)) == CS8);
        CHECK((line.c_iflag & (IXON | IXOFF | ICRNL | INLCR | IGNCR | ISTRIP)) == 0);
        CHECK((line.c_oflag & OPOST) == 0);
        CHECK((line.c_lflag & (ICANON | ECHO | ISIG)) == 0);
    }
}

TEST_CASE("what the adapter or its driver has not got is refused, not replaced by something else",
          "[serial]") {
    WallClock clock;
    CHECK_THROWS_WITH(open_link(clock, parse_link(near_port + "?baud=1000000")),
                      near_port + ": does not take the baud rate of " + near_port +
                          "?baud=1000000\n  try     settings that the adapter has");
}

TEST_CASE("two rigs cannot have the same serial port", "[serial]") {
    Pair pair;
    CHECK_THROWS_WITH(open_link(pair.clock, parse_link(near_port)),
                      Contains(near_port + ": another program has it"));
    pair.near.reset();
    CHECK_NOTHROW(open_link(pair.clock, parse_link(near_port)));
}

TEST_CASE("a serial adapter that is pulled out is a fault of its link, and found again once it is back",
          "[serial]") {
    Pair pair;
    const Adapter adapter;
    pair.near->send("one");
    REQUIRE(pair.wait([&] { return pair.at_far == "one"; }));

    adapter.pull();
    REQUIRE(pair.wait([&] { return !pair.near->fault().empty(); }));
    CHECK_THAT(pair.near->fault(), Contains("unplugged"));
    CHECK(pair.near->descriptor() == -1);
    pair.near->send("lost");
    CHECK_FALSE(pair.near->reopen());
    CHECK_THROWS_WITH(open_link(pair.clock, parse_link(near_port)), Contains("is it plugged in"));

    adapter.plug();
    REQUIRE(pair.near->reopen());
    CHECK(pair.near->fault().empty());
    pair.near->send("two");
    REQUIRE(pair.wait([&] { return pair.at_far.size() >= 6; }));
    CHECK(pair.at_far == "onetwo");
}
