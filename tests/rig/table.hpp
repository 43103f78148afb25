// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <string>

#include "instruments/links/pty_server.hpp"
#include "instruments/links/tcp_server.hpp"
#include "instruments/twins/ngi_n83624.hpp"
#include "rig/guard_record.hpp"
#include "tests/instruments/allowing_frame.hpp"
#include "tests/instruments/borrowed_link.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/rig/program.hpp"

namespace rig::testing {

/// A real bench of two cells: a twin on a socket, the last board's EXT on a pseudo-terminal, both played by
/// the test in real time; and a rig that is run on it.
struct Table {
    Table() {
        describe(rig);
        speak();
    }

    /// A test that failed must not leave its rig running.
    ~Table() {
        if (rig.process > 0 && ::waitpid(rig.process, nullptr, WNOHANG) == 0) ::kill(rig.process, SIGKILL);
    }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    void describe(const Program& program, const std::string& more = "") const {
        program.folder.write("bench.toml",
                             "schema = 1\nprofile = \"gen3-hw2\"\nbench = \"real\"\n"
                             "[pack]\ncells = 2\noff_s = 0\n[cells]\nlink = \"" +
                                 supply.name() + "\"\n[boards]\next = \"" + ext.name() + "\"\n" + more);
    }

    /// The last board, as far as it is needed: allows all while its cells are on.
    void speak() {
        const bool on = first.driven() && second.driven();
        was_on |= on;
        if (on && !silent) ext.send(allowing_frame());
        clock.at(clock.now() + Nanoseconds{50'000'000}, [this] { speak(); });
    }

    void begin(const std::string& tests) { begin(rig, tests); }

    static void begin(Program& program, const std::string& tests) {
        program.script("a.lua", tests);
        program.start({"run", "--fixture", "bench.toml", "a.lua"});
    }

    GuardRecord guard_record() const { return {rig.folder.path / "results", rig.folder.path / "bench.toml"}; }

    bool both_on() const { return first.driven() && second.driven(); }
    bool both_off() const { return !first.driven() && !second.driven(); }

    bool play_until(const std::function<bool()>& ready) {
        return clock.run_until(ready, clock.now() + Nanoseconds{60'000'000'000});
    }

    std::string guards_words() {
        play_until([&] { return guard_record().words().ends_with("\n"); });
        return guard_record().words();
    }

    /// Plays the instruments until the program has ended; its exit code.
    int join() { return join(rig); }

    int join(Program& program) {
        siginfo_t ended{};
        play_until([&] {
            return ::waitid(P_PID, static_cast<id_t>(program.process), &ended, WEXITED | WNOHANG | WNOWAIT) ==
                       0 &&
                   ended.si_pid != 0;
        });
        return program.join();
    }

    bool silent = false;  ///< the last board says nothing
    bool was_on = false;  ///< ever
    WallClock clock;
    TcpServer supply{clock};
    PtyServer ext{clock};
    FakeTerminals first, second;
    NgiN83624Twin twin{clock, std::make_unique<BorrowedLink>(supply), {&first, &second}, 1};
    Program rig;
};

}  // namespace rig::testing
