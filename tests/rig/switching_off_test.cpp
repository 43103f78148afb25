// SPDX-License-Identifier: GPL-3.0-or-later
// One instrument on its way off, over a wire that the test holds, in time that the test makes.
#include "rig/guard/switching_off.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <termios.h>

#include <catch2/catch.hpp>
#include <functional>

using namespace rig;
using namespace rig::guard;
using Catch::Matchers::Contains;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

OffSequence::Answer line(std::vector<std::string> lines) {
    OffSequence::Answer answer;
    answer.kind = OffSequence::Answer::Kind::line;
    answer.lines = std::move(lines);
    answer.within = milliseconds(500);
    return answer;
}

/// "OUTP 0", asked back.
OffSequence spoken() {
    OffSequence sequence;
    sequence.flush.assign(1, '\n');
    sequence.flush_silence = milliseconds(20);
    sequence.steps = {{"OUTP 0\n", {}, {}}, {"OUTP?\n", line({"0", "OFF"}), {}}};
    return sequence;
}

bool has_something(int descriptor) {
    pollfd waiting{descriptor, POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

/// A wire, and at its far end whatever answers lines.
class Wire {
public:
    using Instrument = std::function<std::string(const std::string& line)>;

    explicit Wire(Instrument instrument) : instrument_(std::move(instrument)) {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
        near = FileDescriptor(ends[0]);
        far = FileDescriptor(ends[1]);
    }

    void begin(const OffSequence& its_sequence) {
        sequence = its_sequence;
        off = std::make_unique<SwitchingOff>(near.number(), sequence);
        off->begin(now, now + seconds(10));
    }

    /// Until it is over, or wants to be left alone for good.
    void play() {
        while (!off->over()) {
            answer();
            if (has_something(near.number())) {
                off->hear(now);
            } else if (off->wants_room()) {
                off->go_on(now);
                continue;
            } else if (off->due() == Time::max()) {
                return;
            } else {
                now = std::max(now, off->due());
            }
            off->go_on(now);
        }
        answer();
    }

    void switch_off(const OffSequence& its_sequence) {
        begin(its_sequence);
        off->take_turn(now);
        play();
    }

    void say(const std::string& bytes) const {
        REQUIRE(::write(far.number(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }

    FileDescriptor near, far;
    OffSequence sequence;
    std::unique_ptr<SwitchingOff> off;
    Time now{seconds(100)};
    std::vector<std::string> heard;  ///< whole lines

private:
    void answer() {
        char bytes[4096];
        for (ssize_t count = 0; (count = ::read(far.number(), bytes, sizeof bytes)) > 0;)
            unfinished_.append(bytes, static_cast<std::size_t>(count));
        for (std::size_t end = 0; (end = unfinished_.find('\n')) != std::string::npos;) {
            heard.push_back(unfinished_.substr(0, end));
            unfinished_.erase(0, end + 1);
            if (const auto reply = instrument_(heard.back()); !reply.empty()) say(reply);
        }
    }

    Instrument instrument_;
    std::string unfinished_;
};

int count_of(const std::vector<std::string>& heard, const std::string& word) {
    return static_cast<int>(std::count(heard.begin(), heard.end(), word));
}

std::string echoed(std::string line, const char* answer) {
    line += answer;
    return line;
}

std::string says_off(const std::string& line) {
    return line == "OUTP?" ? "OFF\r\n" : "";
}

}  // namespace

TEST_CASE("an instrument that says it is off is confirmed, and told once", "[rig][guard][off]") {
    Wire wire(says_off);
    wire.switch_off(spoken());
    CHECK(wire.off->confirmed());
    CHECK(wire.heard == std::vector<std::string>{"", "OUTP 0", "OUTP?"});
}

TEST_CASE("what a dead program had half said swallows no word", "[rig][guard][off]") {
    Wire wire(says_off);
    REQUIRE(::write(wire.near.number(), "VOLT 3.", 7) == 7);
    wire.switch_off(spoken());
    CHECK(wire.heard == std::vector<std::string>{"VOLT 3.", "OUTP 0", "OUTP?"});
}

TEST_CASE("nothing but the flush goes out before an instrument's turn", "[rig][guard][off]") {
    Wire wire(says_off);
    wire.begin(spoken());
    wire.play();
    CHECK(wire.heard == std::vector<std::string>{""});
    CHECK_FALSE(wire.off->tried());
    wire.off->take_turn(wire.now);
    wire.play();
    CHECK(wire.off->confirmed());
}

TEST_CASE("an answer that was on its way before does not count", "[rig][guard][off]") {
    SECTION("when it says off") {
        Wire wire([](const std::string&) { return std::string(); });
        wire.say("OFF\n");
        wire.switch_off(spoken());
        CHECK_FALSE(wire.off->confirmed());
    }
    SECTION("when it says on and the real one comes after it") {
        bool late = true;
        Wire wire([&](const std::string& line) {
            if (line != "OUTP?") return std::string();
            return std::exchange(late, false) ? std::string("ON\nOFF\n") : std::string("OFF\n");
        });
        wire.switch_off(spoken());
        CHECK(wire.off->confirmed());
        CHECK(count_of(wire.heard, "OUTP 0") == 1);
    }
}

TEST_CASE("an instrument that says it is on is told again, flush and all", "[rig][guard][off]") {
    int asked = 0;
    Wire wire([&](const std::string& line) {
        if (line != "OUTP?") return std::string();
        return std::string(++asked < 3 ? "ON\n" : "OFF\n");
    });
    wire.switch_off(spoken());
    CHECK(wire.off->confirmed());
    CHECK(count_of(wire.heard, "OUTP 0") == 3);
    CHECK(count_of(wire.heard, "") == 3);
}

TEST_CASE("an instrument that never confirms is given up in the end, with what it says instead",
          "[rig][guard][off]") {
    Wire wire([](const std::string& line) { return line == "OUTP?" ? "ON\n" : std::string(); });
    const Time began = wire.now;
    wire.switch_off(spoken());
    CHECK_FALSE(wire.off->confirmed());
    CHECK(wire.off->missing() == "it answers \"ON\" to \"OUTP?\"");
    CHECK(wire.now - began >= seconds(10));
    CHECK(wire.now - began < seconds(11));
}

TEST_CASE("one that is silent is not waited for as long at each of its words", "[rig][guard][off]") {
    Wire wire([](const std::string&) { return std::string(); });
    auto many = spoken();
    for (int i = 0; i < 10; ++i)
        many.steps.push_back(many.steps.back());
    wire.begin(many);
    const Time began = wire.now;
    wire.off->take_turn(wire.now);
    while (!wire.off->tried())
        wire.off->go_on(wire.now = std::max(wire.now, wire.off->due()));
    CHECK(wire.now - began < milliseconds(1100));
    wire.play();
    CHECK(wire.off->missing() == "no answer to \"OUTP?\"");
}

TEST_CASE("a byte of which some bits count must come alone", "[rig][guard][off]") {
    OffSequence sequence;
    sequence.steps = {{"STATUS?\n", OffSequence::Answer::exactly("\x01", milliseconds(200)), {}}};
    sequence.steps[0].answer.mask.assign(1, '\x41');
    SECTION("these") {
        Wire wire([](const std::string&) { return std::string("\x01"); });
        wire.switch_off(sequence);
        CHECK(wire.off->confirmed());
    }
    SECTION("one more before them") {
        Wire wire([](const std::string&) { return std::string("\x51\x01"); });
        wire.switch_off(sequence);
        CHECK_FALSE(wire.off->confirmed());
    }
    SECTION("one more after them") {
        Wire wire([](const std::string&) { return std::string("\x01\x51"); });
        wire.switch_off(sequence);
        CHECK_FALSE(wire.off->confirmed());
    }
}

TEST_CASE("what echoes is confirmed by how it ends", "[rig][guard][off]") {
    OffSequence sequence;
    sequence.steps = {{"relay read 0\n", OffSequence::Answer::exactly("off\n\r>", milliseconds(200)), {}}};
    SECTION("off") {
        Wire wire([](const std::string& line) { return echoed(line, "\n\roff\n\r>"); });
        wire.switch_off(sequence);
        CHECK(wire.off->confirmed());
    }
    SECTION("on") {
        Wire wire([](const std::string& line) { return echoed(line, "\n\ron\n\r>"); });
        wire.switch_off(sequence);
        CHECK_FALSE(wire.off->confirmed());
    }
}

TEST_CASE("words that the wire does not take at once are all said", "[rig][guard][off]") {
    Wire wire(says_off);
    const int small = 4096;
    REQUIRE(::setsockopt(wire.near.number(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
    auto sequence = spoken();
    const std::string much(1'000'000, 'x');
    sequence.steps.insert(sequence.steps.begin(), {much + "\n", {}, {}});
    wire.switch_off(sequence);
    CHECK(wire.off->confirmed());
    CHECK(count_of(wire.heard, much) >= 1);
}

TEST_CASE("a wire whose other end is gone is not confirmed off, and not waited for", "[rig][guard][off]") {
    Wire wire(says_off);
    wire.far.close();
    const Time began = wire.now;
    wire.begin(spoken());
    wire.off->take_turn(wire.now);
    while (!wire.off->over())
        wire.off->go_on(wire.now = std::max(wire.now, wire.off->due()));
    CHECK_THAT(wire.off->missing(), Contains("its link is gone"));
    CHECK(wire.now - began < seconds(1));
}

TEST_CASE("a terminal that somebody has stopped takes the words", "[rig][guard][off]") {
    int master = -1, slave = -1;
    termios raw{};
    ::cfmakeraw(&raw);
    REQUIRE(::openpty(&master, &slave, nullptr, &raw, nullptr) == 0);
    Wire wire(says_off);
    wire.near = FileDescriptor(slave);
    wire.far = FileDescriptor(master);
    for (const int end : {master, slave})
        ::fcntl(end, F_SETFL, O_NONBLOCK);
    REQUIRE(::tcflow(slave, TCOOFF) == 0);
    wire.switch_off(spoken());
    CHECK(wire.off->confirmed());
}
