// SPDX-License-Identifier: GPL-3.0-or-later
// The program on a bench whose supply it reaches through libsigrok.
#include "instruments/links/tcp_server.hpp"
#include "instruments/twins/rigol_dp800.hpp"
#include "tests/instruments/borrowed_link.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Matchers::Contains;

namespace {

/// A DP832 whose first two channels stand for cells, played by the test in real time.
struct Desk {
    WallClock clock;
    TcpServer port{clock};
    FakeTerminals first, second;
    RigolDp800Twin twin{clock, std::make_unique<BorrowedLink>(port), {&first, &second}, 1};
    Program rig;

    int run(const std::string& rest = {}) {
        rig.folder.write(
            "bench.toml",
            "schema = 1\nprofile = \"gen3-hw2\"\nbench = \"real\"\n"
            "[pack]\ncells = 2\noff_s = 0\n"
            "[cells]\ndriver = \"sigrok\"\nchannels = 2\nlink = \"sigrok:scpi-pps:tcp-raw/127.0.0.1/" +
                std::to_string(port.port()) + "\"\n" + rest);
        rig.script("a.lua", R"(
rig.test("looks", { needs = { "cell" } }, function(bench)
  rig.check("cell 2", bench.cells:voltages_v()[2], { min = 3.28, max = 3.32, unit = "V" })
end)
)");
        rig.start({"run", "--fixture", "bench.toml", "a.lua"});
        siginfo_t ended{};
        const auto over = [&] {
            return ::waitid(P_PID, static_cast<id_t>(rig.process), &ended, WEXITED | WNOHANG | WNOWAIT) ==
                       0 &&
                   ended.si_pid != 0;
        };
        clock.run_until(over, clock.now() + Nanoseconds{60'000'000'000});
        return rig.join();
    }
};

}  // namespace

TEST_CASE("a supply that nothing could switch off when the rig is gone opens no bench",
          "[rig][program][sigrok]") {
    Desk desk;
    const int code = desk.run();
    INFO(desk.rig.out << desk.rig.err);
    CHECK(code == 2);
    CHECK_THAT(desk.rig.out, Contains("cell supply 1: has no link that a guard could take over"));
    for (const auto* terminals : {&desk.first, &desk.second}) {
        for (const auto& drive : terminals->drives)
            CHECK(drive.mode == Terminals::Drive::Mode::off);
    }
}

TEST_CASE("a watchdog that libsigrok knows nothing of is refused", "[rig][program][sigrok]") {
    Desk desk;
    CHECK(desk.run("watchdog_s = 5\n") == 2);
    CHECK_THAT(desk.rig.out + desk.rig.err, Contains("[cells] watchdog_s: a sigrok cannot do that"));
}

TEST_CASE("what libsigrok reaches has no place on a virtual bench", "[rig][program][sigrok]") {
    Program rig;
    rig.folder.write("bench.toml",
                     "schema = 1\nprofile = \"gen3-hw2\"\n[pack]\ncells = 2\n[cells]\ndriver = \"sigrok\"\n");
    rig.script("a.lua", "rig.test(\"looks\", { needs = { \"cell\" } }, function() end)\n");
    CHECK(rig.run({"run", "--fixture", "bench.toml", "a.lua"}) == 2);
    CHECK_THAT(rig.out + rig.err, Contains("[cells] driver = \"sigrok\" has no simulated twin"));
}
