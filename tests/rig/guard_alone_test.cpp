// SPDX-License-Identifier: GPL-3.0-or-later
// The guard by itself: what it is told, and what it makes of a rig that leaves.
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <thread>

#include "rig/guard/guard.hpp"
#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Matchers::Contains;
using guard::Handover;

namespace {

constexpr int soon_ms = 5000;  ///< far more than any of this takes, and less than the guard gives up after

/// A supply that the test plays, by its wire.
struct Supply {
    Supply() {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        near = FileDescriptor(ends[0]);
        far = FileDescriptor(ends[1]);
    }

    bool has_something(int within_ms) const {
        pollfd waiting{far.number(), POLLIN, 0};
        return ::poll(&waiting, 1, within_ms) > 0;
    }
    /// Answers what was said, and keeps it; false when nothing comes.
    bool answer(const std::string& answer) {
        char bytes[256];
        if (!has_something(soon_ms)) return false;
        const auto count = ::read(far.number(), bytes, sizeof bytes);
        if (count > 0) heard.append(bytes, static_cast<std::size_t>(count));
        return count > 0 && ::write(far.number(), answer.data(), answer.size()) > 0;
    }

    FileDescriptor near, far;
    std::string heard;
};

/// The rig's end of the line to a guard.
struct ToGuard {
    void tell(Handover::Kind kind, int descriptor = -1) const {
        Handover message;
        message.kind = kind;
        REQUIRE(guard::send(line.number(), message, descriptor));
    }

    void hand_over(const std::string& name, int turn, const Supply& wire) const {
        Handover link;
        link.kind = Handover::Kind::link;
        link.name = name;
        link.where = "here";
        REQUIRE(guard::send(line.number(), link, wire.near.number()));
        Handover how;
        how.kind = Handover::Kind::instrument;
        how.name = name;
        how.turn = turn;
        OffSequence::Answer off;
        off.kind = OffSequence::Answer::Kind::line;
        off.lines = {"off"};
        off.within = std::chrono::milliseconds(200);
        how.sequence.steps = {{"off?\n", off, {}}};
        REQUIRE(guard::send(line.number(), how));
    }

    void wait_for_ready() const {
        char word[256];
        pollfd ready{line.number(), POLLIN, 0};
        REQUIRE(::poll(&ready, 1, soon_ms) > 0);
        REQUIRE(::recv(line.number(), word, sizeof word, 0) > 0);
    }

    FileDescriptor line;
};

/// A guard at work in a thread.
class Ward : public ToGuard {
public:
    Ward() {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
        line = FileDescriptor(ends[0]);
        working_ = std::thread([this, theirs = ends[1]] {
            guard::Guard guard(FileDescriptor(theirs), FileDescriptor(), "bench.toml", record());
            all_off_ = guard.watch();
        });
        wait_for_ready();
    }
    ~Ward() { left(); }
    Ward(const Ward&) = delete;
    Ward& operator=(const Ward&) = delete;

    /// The rig leaves. Whether the guard found, or made, everything off.
    bool left() {
        line.close();
        if (working_.joinable()) working_.join();
        return all_off_;
    }

    std::filesystem::path record() const { return folder.path / "results/guard.txt"; }
    std::string words() const { return text_of(record()); }

private:
    Folder folder;
    std::thread working_;
    bool all_off_ = false;
};

}  // namespace

TEST_CASE("a rig that has switched nothing on leaves nothing to do", "[rig][guard]") {
    Ward ward;
    Supply wire;
    ward.hand_over("supply", 0, wire);
    SECTION("as it never said that it is alive") {
    }
    SECTION("as it has confirmed that all is off") {
        ward.tell(Handover::Kind::alive);
        ward.tell(Handover::Kind::all_off);
    }
    CHECK(ward.left());
    CHECK_FALSE(wire.has_something(0));
    CHECK(ward.words().empty());
}

TEST_CASE("a rig that leaves without having switched off is switched off", "[rig][guard]") {
    Ward ward;
    Supply wire;
    ward.hand_over("supply", 0, wire);
    ward.tell(Handover::Kind::alive);
    SECTION("at once") {
    }
    SECTION("after it had once switched off, and on again") {
        ward.tell(Handover::Kind::all_off);
        ward.tell(Handover::Kind::alive);
    }
    ward.line.close();
    CHECK(wire.answer("off\n"));
    CHECK(ward.left());
    CHECK_THAT(ward.words(), Contains("bench.toml, rig ") && Contains(": the rig is gone\n") &&
                                 Contains("supply               off, confirmed after ") &&
                                 Contains("(here)"));
}

TEST_CASE("lower turns go off first, and one that does not answer keeps nobody on", "[rig][guard]") {
    Ward ward;
    Supply first, second;
    ward.hand_over("a cell", 7, second);
    ward.hand_over("the injector", 0, first);
    ward.tell(Handover::Kind::alive);
    ward.line.close();
    REQUIRE(first.has_something(soon_ms));
    CHECK_FALSE(second.has_something(0));
    CHECK(second.answer("off\n"));
    first.far.close();
    CHECK_FALSE(ward.left());
    CHECK_THAT(ward.words(),
               Contains("the injector         NOT confirmed off: its link is gone: switch it off by hand") &&
                   Contains("a cell               off, confirmed after"));
}

TEST_CASE("an instrument of which only the link was known was never on, and is left alone", "[rig][guard]") {
    Ward ward;
    Supply wire;
    Handover link;
    link.kind = Handover::Kind::link;
    link.name = "supply";
    REQUIRE(guard::send(ward.line.number(), link, wire.near.number()));
    ward.tell(Handover::Kind::alive);
    CHECK(ward.left());
    CHECK_FALSE(wire.has_something(0));
    CHECK(ward.words().empty());
}

TEST_CASE("an instrument that was reached anew is switched off over its new link", "[rig][guard]") {
    Ward ward;
    Supply old, anew;
    ward.hand_over("supply", 0, old);
    ward.hand_over("supply", 0, anew);
    ward.tell(Handover::Kind::alive);
    ward.line.close();
    CHECK(anew.answer("off\n"));
    CHECK(ward.left());
    CHECK_FALSE(old.has_something(0));
}

TEST_CASE("what keeps other rigs off is held until the guard has switched off", "[rig][guard]") {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path + 1, "rig-bench guard test");
    const auto taken = [&] {
        const FileDescriptor other(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        return ::bind(other.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0;
    };
    Ward ward;
    Supply wire;
    {
        const FileDescriptor lock(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(lock.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        ward.tell(Handover::Kind::lock, lock.number());
    }
    ward.hand_over("supply", 0, wire);
    ward.tell(Handover::Kind::alive);
    ward.line.close();
    REQUIRE(wire.has_something(soon_ms));
    CHECK(taken());
    CHECK(wire.answer("off\n"));
    CHECK(ward.left());
    CHECK_FALSE(taken());
}

TEST_CASE("a terminal that takes nothing does not keep the guard", "[rig][guard]") {
    int line[2], terminal[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) == 0);
    REQUIRE(::pipe2(terminal, O_CLOEXEC | O_NONBLOCK) == 0);
    const std::string much(4096, 'x');
    while (::write(terminal[1], much.data(), much.size()) > 0) {
    }
    ::fcntl(terminal[1], F_SETFL, 0);
    const auto program = (std::filesystem::path(RIG_PROGRAM).parent_path() / "rig-guard").string();
    const Folder folder;
    const auto record = (folder.path / "guard.txt").string();
    const pid_t guard = ::fork();
    if (guard == 0) {
        ::dup2(line[1], STDIN_FILENO);
        ::dup2(terminal[1], STDERR_FILENO);
        ::dup2(::open("/dev/null", O_RDONLY), 3);
        ::execl(program.c_str(), program.c_str(), "bench.toml", record.c_str(), nullptr);
        _exit(98);
    }
    ::close(line[1]);
    ToGuard rig{FileDescriptor(line[0])};
    rig.wait_for_ready();
    Supply wire;
    rig.hand_over("supply", 0, wire);
    rig.tell(Handover::Kind::alive);
    rig.line.close();
    CHECK(wire.answer("off\n"));
    const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, guard, 0)));
    pollfd ended{process.number(), POLLIN, 0};
    CHECK(::poll(&ended, 1, soon_ms) == 1);
    ::kill(guard, SIGKILL);
    int status = 0;
    ::waitpid(guard, &status, 0);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    CHECK_THAT(text_of(record), Contains("off, confirmed after"));
    for (const int end : terminal)
        ::close(end);
}
