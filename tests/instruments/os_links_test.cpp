// SPDX-License-Identifier: GPL-3.0-or-later
// Links of the operating system, against this machine's own pseudo-terminals and sockets.
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/links/pty_server.hpp"
#include "instruments/links/tcp_server.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

constexpr auto soon = 10'000_ms;  ///< far more than any of this takes

/// A link, its far end, and what each has heard.
template <class Server>
struct Wired {
    Wired() : server(clock) {
        server.on_receive([this](std::string_view bytes) { at_server += bytes; });
        link = open_link(clock, parse_link(server.name()));
        link->on_receive([this](std::string_view bytes) { at_link += bytes; });
    }

    bool wait(const std::function<bool()>& ready) { return clock.run_until(ready, clock.now() + soon); }

    WallClock clock;
    Server server;
    std::unique_ptr<ByteLink> link;
    std::string at_server, at_link;
};

std::string any_bytes(std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i)
        bytes += static_cast<char>(i * 7 + i / 256);
    return bytes;
}

}  // namespace

TEMPLATE_TEST_CASE("bytes of every value travel both ways unchanged", "[instruments][links]", PtyServer,
                   TcpServer) {
    Wired<TestType> wired;
    const auto there = any_bytes(512), back = any_bytes(700);
    wired.link->send(there);
    REQUIRE(wired.wait([&] { return wired.at_server.size() >= there.size(); }));
    CHECK(wired.at_server == there);
    wired.server.send(back);
    REQUIRE(wired.wait([&] { return wired.at_link.size() >= back.size(); }));
    CHECK(wired.at_link == back);
}

TEMPLATE_TEST_CASE("more than the operating system takes at once is sent by and by", "[instruments][links]",
                   PtyServer, TcpServer) {
    Wired<TestType> wired;
    const auto much = any_bytes(3'000'000);
    wired.link->send(std::string_view(much).substr(0, 1'000'000));
    wired.link->send(std::string_view(much).substr(1'000'000));
    REQUIRE(wired.wait([&] { return wired.at_server.size() >= much.size(); }));
    CHECK(wired.at_server == much);
}

TEMPLATE_TEST_CASE("a peer that closes is a fault of the link, and sending ends nobody's program",
                   "[instruments][links]", PtyServer, TcpServer) {
    Wired<TestType> wired;
    wired.link->send("one\n");
    REQUIRE(wired.wait([&] { return !wired.at_server.empty(); }));
    CHECK(wired.link->fault().empty());
    CHECK(wired.link->descriptor() >= 0);
    wired.server.hang_up();
    REQUIRE(wired.wait([&] { return !wired.link->fault().empty(); }));
    CHECK(wired.link->fault() == "closed by the peer");
    CHECK(wired.link->descriptor() == -1);
    wired.link->send("two\n");
    wired.link->send(any_bytes(100'000));
}

TEMPLATE_TEST_CASE("what the peer said before it closed is heard", "[instruments][links]", TcpServer) {
    Wired<TestType> wired;
    wired.link->send("one\n");
    REQUIRE(wired.wait([&] { return !wired.at_server.empty(); }));
    wired.server.send("last words");
    wired.server.hang_up();
    REQUIRE(wired.wait([&] { return !wired.link->fault().empty(); }));
    CHECK(wired.at_link == "last words");
}

TEST_CASE("a link whose peer came back can be opened again", "[instruments][links]") {
    Wired<TcpServer> wired;
    wired.link->send("one\n");
    REQUIRE(wired.wait([&] { return !wired.at_server.empty(); }));
    wired.server.hang_up();
    REQUIRE(wired.wait([&] { return !wired.link->fault().empty(); }));
    REQUIRE(wired.link->reopen());
    CHECK(wired.link->fault().empty());
    wired.link->send("two\n");
    REQUIRE(wired.wait([&] { return wired.at_server == "one\ntwo\n"; }));

    SECTION("and one whose peer did not stays as it is") {
        wired.server.close();
        REQUIRE(wired.wait([&] { return !wired.link->fault().empty(); }));
        CHECK_FALSE(wired.link->reopen());
        CHECK(wired.link->fault() == "closed by the peer");
    }
}

TEST_CASE("what a line says while nobody listens is lost, as on a wire", "[instruments][links]") {
    // A second of its own time is soon over.
    WallClock clock(10'000.0);
    PtyServer server(clock);
    const auto tell = [&](const std::string& text) {
        server.say(text);
        clock.run_for(600_ms);
    };
    for (int i = 0; i < 5; ++i)
        tell("old news ");
    // Whoever opens it without throwing away what is there hears the latest alone.
    FileDescriptor listener(::open(server.path().c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK));
    char heard[100];
    const auto count = ::read(listener.number(), heard, sizeof heard);
    REQUIRE(count > 0);
    CHECK(count < 30);

    SECTION("and what somebody fetches in time is not") {
        std::string all;
        for (int i = 0; i < 5; ++i) {
            tell("news ");
            all.append(heard, static_cast<std::size_t>(::read(listener.number(), heard, sizeof heard)));
        }
        CHECK(all == "news news news news news ");
    }
}

TEST_CASE("a device that was unplugged and plugged in again is found by its name", "[instruments][links]") {
    WallClock clock;
    const auto name = std::filesystem::temp_directory_path() / ("rig-device-" + std::to_string(::getpid()));
    auto device = std::make_unique<PtyServer>(clock);
    std::filesystem::create_symlink(device->path(), name);
    const auto link = open_link(clock, parse_link("pty:" + name.string()));
    std::filesystem::remove(name);
    device->hang_up();
    REQUIRE(clock.run_until([&] { return !link->fault().empty(); }, clock.now() + soon));
    CHECK_FALSE(link->reopen());

    device = std::make_unique<PtyServer>(clock);
    std::filesystem::create_symlink(device->path(), name);
    std::string heard;
    device->on_receive([&](std::string_view bytes) { heard += bytes; });
    REQUIRE(link->reopen());
    link->send("hello\n");
    CHECK(clock.run_until([&] { return heard == "hello\n"; }, clock.now() + soon));
    std::filesystem::remove(name);
}

TEMPLATE_TEST_CASE("programs that the rig starts inherit no link", "[instruments][links]", PtyServer,
                   TcpServer) {
    Wired<TestType> wired;
    REQUIRE(wired.wait([&] { return wired.link->descriptor() >= 0; }));
    CHECK((::fcntl(wired.link->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("two rigs cannot have the same terminal", "[instruments][links]") {
    Wired<PtyServer> wired;
    CHECK_THROWS_WITH(open_link(wired.clock, parse_link(wired.server.name())),
                      Contains(wired.server.name() + ": another program has it, process " +
                               std::to_string(::getpid()) + " (tests_instrumen)\n"));
}

TEST_CASE("a line that was lost is opened again while a guard still holds what it was",
          "[instruments][links]") {
    WallClock clock;
    PtyServer server(clock);
    FileDescriptor guards;
    const auto link =
        open_link(clock, parse_link(server.name()), std::chrono::seconds(5),
                  [&](int descriptor) { guards = FileDescriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)); });
    // The end of the line to whoever reads, though the device is still there: an end of file in a text.
    termios text{};
    REQUIRE(::tcgetattr(guards.number(), &text) == 0);
    text.c_lflag |= ICANON;
    text.c_cc[VEOF] = 4;
    REQUIRE(::tcsetattr(guards.number(), TCSANOW, &text) == 0);
    server.send("\x04");
    REQUIRE(clock.run_until([&] { return !link->fault().empty(); }, clock.now() + soon));
    CHECK(link->reopen());
}

TEST_CASE("a link that cannot be opened says why, and what to try", "[instruments][links]") {
    WallClock clock;
    const auto open = [&](const std::string& text) { open_link(clock, parse_link(text)); };
    CHECK_THROWS_WITH(
        open("pty:/dev/pts/no-such"),
        Contains("pty:/dev/pts/no-such: cannot be opened: No such file or directory\n  try     "));
    CHECK_THROWS_WITH(open("pty:/dev/null"), Contains("pty:/dev/null: is no terminal"));
    CHECK_THROWS_WITH(open("serial:/dev/ttyUSB99?baud=9600"),
                      Contains("serial:/dev/ttyUSB99: is not there: No such file or directory"));
    CHECK_THROWS_WITH(open("tcp:127.0.0.1:1"),
                      Contains("tcp:127.0.0.1:1: no connection: Connection refused"));
    const PtyServer terminal(clock);
    CHECK_THROWS_WITH(open("serial:" + terminal.path()), Contains("serial:" + terminal.path() +
                                                                  ": is no serial port\n"
                                                                  "  try     a pseudo-terminal is pty:" +
                                                                  terminal.path()));
}

TEST_CASE("a host that does not answer is given up in its time", "[instruments][links]") {
    WallClock clock;
    // A listener whose queue is full takes no more connections, and says nothing.
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    REQUIRE(::listen(listener, 0) == 0);
    const auto link = parse_link("tcp:127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
    const auto first = open_link(clock, link, soon);
    const auto begin = clock.now();
    CHECK_THROWS_WITH(open_link(clock, link, 50_ms), Contains("no connection: Connection timed out"));
    CHECK(clock.now() - begin < soon);
    ::close(listener);
}
