// SPDX-License-Identifier: GPL-3.0-or-later
// One conversation with a supply, spoiled in every way at every message of it.
#include <catch2/catch.hpp>

#include "fixtures/dialect_file.hpp"
#include "instruments/drivers/scpi_supply.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/links/memory_link.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/links/pty_server.hpp"
#include "instruments/links/tcp_server.hpp"
#include "instruments/twins/ngi_n83624.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/faulty_peer.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Fault = FaultyPeer::Fault;
using Catch::Matchers::Contains;

namespace {

ScpiDialect patient(Nanoseconds answer_within) {
    auto dialect = load_dialect(RIG_SOURCE_DIR "/fixtures/dialects/ngi-n83624.toml");
    dialect.answer_within = answer_within;
    return dialect;
}

/// What came of a conversation: take-up, a measurement and take-down of all channels.
struct Story {
    std::string running;                 ///< the error that ended it before its take-down, if one did
    std::vector<std::string> take_down;  ///< what could not be confirmed off
    bool opened = false, left_on = false, struck = false;
    int messages = 0;
};

/// Tells it over any line: `link` is the rig's end, `peer` the twin's.
Story converse(Clock& clock, std::unique_ptr<ByteLink> link, std::unique_ptr<FaultyPeer> peer,
               Nanoseconds answer_within, int channels) {
    Story story;
    FakeTerminals first, second;
    const auto& watched = *peer;
    const NgiN83624Twin twin(clock, std::move(peer), {&first, &second}, 1);
    std::unique_ptr<ScpiSupply> supply;
    try {
        supply = std::make_unique<ScpiSupply>(clock, std::move(link), patient(answer_within), "cell supply 1",
                                              channels);
        story.opened = true;
        for (int number = 1; number <= channels; ++number) {
            supply->channel(number).set_voltage(Volts{3.3});
            supply->channel(number).set_current_limit(Amperes{1.0});
        }
        for (int number = 1; number <= channels; ++number)
            supply->channel(number).output_on();
        std::vector<Reply<Volts>> replies;
        for (int number = 1; number <= channels; ++number)
            replies.push_back(supply->channel(number).measure_voltage());
        for (auto& reply : replies) {
            const Volts volts = reply.get();
            CHECK(volts.value == Approx(3.3).margin(0.01));
        }
    } catch (const InstrumentError& error) {
        story.running = error.what();
    }
    for (int number = channels; number >= 1; --number) {
        try {
            if (supply) supply->channel(number).output_off();
        } catch (const InstrumentError& error) {
            story.take_down.emplace_back(error.what());
        }
    }
    story.left_on = first.driven() || second.driven();
    story.struck = watched.struck();
    story.messages = watched.messages();
    return story;
}

Story in_memory(Fault fault, int at) {
    TestClock clock;
    auto wire = memory_link(clock, Wire::lan(), "memory:cells");
    auto peer = std::make_unique<FaultyPeer>(*wire.far, fault, at, [] {});
    const auto begin = clock.now();
    auto story = converse(clock, std::move(wire.near), std::move(peer), 500_ms, 2);
    CHECK(clock.now() - begin < 8'000_ms);
    return story;
}

template <class Server>
Story on_line(
    Fault fault, int at, const std::function<void(Server&)>& close_line = [](Server& s) { s.hang_up(); }) {
    WallClock clock;
    Server server(clock);
    auto link = open_link(clock, parse_link(server.name()));
    auto peer = std::make_unique<FaultyPeer>(server, fault, at, [&] { close_line(server); });
    const auto begin = clock.now();
    // Long enough for a machine that has other things to do; what closes is not waited for.
    const auto patience = fault == Fault::closes ? 10'000_ms : 500_ms;
    auto story = converse(clock, std::move(link), std::move(peer), patience, 1);
    CHECK(clock.now() - begin < 60'000_ms);
    return story;
}

/// One error, which names instrument, link and what was said to it.
void check_told(const Story& story, const std::string& link, const std::string& what) {
    INFO(story.running);
    CHECK_THAT(story.running,
               Contains("cell supply 1: ") && Contains(link) && Contains(what) && Contains("\""));
}

int length_of_the_conversation() {
    static const int messages = in_memory(Fault::dead, 1'000'000).messages;
    return messages;
}

}  // namespace

TEST_CASE("an undisturbed conversation has no error and ends off", "[instruments][faults]") {
    const auto story = in_memory(Fault::dead, 1'000'000);
    CHECK(story.running.empty());
    CHECK(story.take_down.empty());
    CHECK_FALSE(story.left_on);
    CHECK(story.messages > 50);
}

TEST_CASE("a lost, halved or garbled answer is one error wherever it falls, and outputs go off all the same",
          "[instruments][faults]") {
    struct Kind {
        Fault fault;
        std::string what;
    };
    const auto& [fault, what] = GENERATE(values<Kind>({{Fault::silent, "no answer to \""},
                                                       {Fault::partial, "without a line end"},
                                                       {Fault::junk, "which is no text"}}));
    for (int at = 1; at <= length_of_the_conversation(); ++at) {
        INFO("at message " << at << ": " << what);
        const auto story = in_memory(fault, at);
        CHECK_FALSE(story.left_on);
        if (!story.struck) {  // a command, which nobody answers
            CHECK(story.running.empty());
            CHECK(story.take_down.empty());
        } else if (!story.running.empty()) {
            check_told(story, "memory:cells", what);
            CHECK(story.take_down.empty());
        } else {
            // In the take-down itself: what was disturbed is done again, what is deaf is told.
            REQUIRE(story.take_down.size() == (fault == Fault::junk ? 0U : 1U));
            if (fault != Fault::junk) CHECK_THAT(story.take_down[0], Contains(what));
        }
    }
}

TEST_CASE("an instrument that says nothing any more is one error, and its outputs are told unconfirmed",
          "[instruments][faults]") {
    for (int at = 1; at <= length_of_the_conversation(); ++at) {
        INFO("from message " << at);
        const auto story = in_memory(Fault::dead, at);
        REQUIRE(story.struck);
        if (!story.running.empty()) check_told(story, "memory:cells", "no answer to \"");
        CHECK(story.take_down.size() == (story.running.empty() ? story.take_down.size()
                                         : story.opened        ? 2U
                                                               : 0U));
        CHECK((!story.running.empty() || !story.take_down.empty()));
    }
}

TEST_CASE("a network instrument that drops its caller anywhere is called again to be switched off",
          "[instruments][faults][links]") {
    int at = 1;
    for (;; ++at) {
        INFO("at message " << at);
        const auto story = on_line<TcpServer>(Fault::closes, at);
        CHECK_FALSE(story.left_on);
        for (const auto& left : story.take_down)
            FAIL_CHECK(left);
        if (!story.struck) break;  // the conversation is over by then
        if (!story.running.empty()) check_told(story, "tcp:127.0.0.1:", "closed by the peer");
    }
    CHECK(at > 25);
}

TEMPLATE_TEST_CASE("a line that goes away for good is one error at every message, without a hang",
                   "[instruments][faults][links]", PtyServer, TcpServer) {
    const std::function<void(TestType&)> unplug = [](TestType& server) {
        if constexpr (std::is_same_v<TestType, TcpServer>)
            server.close();
        else
            server.hang_up();
    };
    int at = 1;
    for (;; ++at) {
        INFO("at message " << at);
        const auto story = on_line<TestType>(Fault::closes, at, unplug);
        if (!story.struck) break;
        if (!story.running.empty()) {
            check_told(story, ":", "closed by the peer");
            CHECK(story.take_down.size() == (story.opened ? 1U : 0U));
        } else {
            CHECK_FALSE(story.take_down.empty());
        }
        for (const auto& left : story.take_down)
            CHECK_THAT(left, Contains("cell supply 1") && Contains("closed by the peer"));
    }
    CHECK(at > 25);
}

TEMPLATE_TEST_CASE("answers that are lost, halved or garbled on a real line are told as in memory",
                   "[instruments][faults][links]", PtyServer, TcpServer) {
    const auto fault = GENERATE(Fault::silent, Fault::partial, Fault::junk);
    // Opening, the first query after it, running, the take-down.
    for (const int at : {1, 2, 15, 28}) {
        INFO("at message " << at);
        const auto story = on_line<TestType>(fault, at);
        CHECK_FALSE(story.left_on);
        const auto errors = story.take_down.size() + (story.running.empty() ? 0 : 1);
        CHECK(errors <= 1);
        if (story.struck) CHECK(errors == (fault == Fault::junk && story.running.empty() ? 0 : 1));
    }
}
