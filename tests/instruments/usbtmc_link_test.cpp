// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/usbtmc_link.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <system_error>

#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

/// Answers a query with its own text, or fails as a device of the kernel's does.
struct EchoDevice : MessageDevice {
    EchoDevice(std::atomic<int>& its_error, std::atomic<int>& its_clears, std::atomic<int>& times_open)
        : error(its_error), clears(its_clears), open(times_open) {
        ++open;
    }
    ~EchoDevice() override { --open; }

    void write(std::string_view message) override {
        if (error == ENODEV) throw std::system_error(ENODEV, std::generic_category());
        last = message;
    }
    std::string read() override {
        if (error != 0) throw std::system_error(error, std::generic_category());
        return last;
    }
    void clear() override { ++clears; }
    int descriptor() const override { return 42; }

    std::atomic<int>& error;
    std::atomic<int>& clears;
    std::atomic<int>& open;
    std::string last;
};

struct Desk {
    Desk() {
        link->on_receive([this](std::string_view bytes) { heard += bytes; });
    }

    bool wait(const std::function<bool()>& ready) { return clock.run_until(ready, clock.now() + 10'000_ms); }

    /// As the kernel's: locked for one opening at a time.
    std::unique_ptr<EchoDevice> open_device() {
        if (open > 0) throw LinkError("usbtmc:/dev/usbtmc0: is in use");
        return std::make_unique<EchoDevice>(error, clears, open);
    }

    std::atomic<int> error = 0, clears = 0, open = 0;
    WallClock clock;
    std::unique_ptr<ByteLink> link =
        usbtmc_link(clock, "usbtmc:/dev/usbtmc0", [this] { return open_device(); });
    std::string heard;
};

}  // namespace

TEST_CASE("each line is one message to a USB device, and only questions are answered",
          "[instruments][usbtmc]") {
    Desk desk;
    desk.link->send("VOLT 3\nMEAS:");
    desk.link->send("VOLT? CH1\n");
    REQUIRE(desk.wait([&] { return !desk.heard.empty(); }));
    CHECK(desk.heard == "MEAS:VOLT? CH1\n");
    CHECK(desk.link->descriptor() == 42);
}

TEST_CASE("a USB device that does not answer is cleared and can be asked again", "[instruments][usbtmc]") {
    Desk desk;
    desk.error = ETIMEDOUT;
    desk.link->send("*IDN?\n");
    REQUIRE(desk.wait([&] { return desk.clears == 1; }));
    desk.error = 0;
    desk.link->send("*ESR?\n");
    REQUIRE(desk.wait([&] { return !desk.heard.empty(); }));
    CHECK(desk.heard == "*ESR?\n");
    CHECK(desk.link->fault().empty());
}

TEST_CASE("a USB device that is unplugged is a fault of its link until it is back", "[instruments][usbtmc]") {
    Desk desk;
    desk.error = ENODEV;
    desk.link->send("VOLT 3\n");
    REQUIRE(desk.wait([&] { return !desk.link->fault().empty(); }));
    CHECK_THAT(desk.link->fault(), Contains("unplugged"));
    CHECK(desk.link->descriptor() == -1);
    desk.error = 0;
    REQUIRE(desk.link->reopen());
    desk.link->send("*IDN?\n");
    REQUIRE(desk.wait([&] { return desk.heard == "*IDN?\n"; }));
}

TEST_CASE("what is no USB instrument is told so", "[instruments][usbtmc]") {
    WallClock clock;
    CHECK_THROWS_WITH(open_link(clock, parse_link("usbtmc:/dev/usbtmc99")),
                      Contains("usbtmc:/dev/usbtmc99: cannot be opened: No such file or directory"));
    CHECK_THROWS_WITH(open_link(clock, parse_link("usbtmc:/dev/null")),
                      Contains("usbtmc:/dev/null: is no USB-TMC device"));
}
