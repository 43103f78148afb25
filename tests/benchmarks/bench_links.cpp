// SPDX-License-Identifier: GPL-3.0-or-later
// What the rig's own part of a conversation costs, as ratios: sixteen supplies asked together
// against one, over the network; a query over a serial line against its bytes' own time. The
// instruments are played by another process, as they are elsewhere on a bench.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/dialect_file.hpp"
#include "instruments/drivers/scpi_session.hpp"
#include "instruments/drivers/scpi_supply.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/links/pty_server.hpp"
#include "instruments/links/tcp_server.hpp"
#include "instruments/links/wall_clock.hpp"

using namespace rig;

namespace {

constexpr int supplies = 16, rounds = 200;
const std::string identity = "NGI,N83624-06-03,BENCH,V0";

/// Answers what a supply is asked when it is opened and measured, `takes` after the question's
/// last byte, plus what the bytes would have needed on their wire.
class Instrument {
public:
    Instrument(WallClock& clock, ByteLink& line, Nanoseconds takes, Nanoseconds byte_time)
        : clock_(clock), line_(line), takes_(takes), byte_time_(byte_time) {
        line_.on_receive([this](std::string_view bytes) {
            for (const char byte : bytes) {
                message_ += byte;
                if (byte == '\n') answer(std::exchange(message_, {}));
            }
        });
    }

private:
    void answer(const std::string& message) {
        if (message.find('?') == std::string::npos) return;
        std::string text = "0\n";
        if (message.starts_with("*IDN")) text = identity + "\n";
        if (message.starts_with("SYST:ERR")) text = "0,\"No error\"\n";
        if (message.starts_with("MEAS")) text = "3.3000\n";
        const auto on_wire = static_cast<std::int64_t>(message.size() + text.size()) * byte_time_;
        clock_.at(clock_.now() + takes_ + on_wire, [this, text] { line_.send(text); });
    }

    WallClock& clock_;
    ByteLink& line_;
    Nanoseconds takes_, byte_time_;
    std::string message_;
};

/// Runs `play` in another process until this one ends; what it returns is ready by then.
template <class Server>
std::vector<std::string> play_elsewhere(int count, Nanoseconds takes, Nanoseconds byte_time) {
    int ready[2];
    if (::pipe(ready) != 0) std::abort();
    if (::fork() == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        WallClock clock;
        std::vector<std::unique_ptr<Server>> servers;
        std::vector<std::unique_ptr<Instrument>> instruments;
        std::string names;
        for (int i = 0; i < count; ++i) {
            servers.push_back(std::make_unique<Server>(clock));
            instruments.push_back(std::make_unique<Instrument>(clock, *servers.back(), takes, byte_time));
            names += servers.back()->name() + "\n";
        }
        if (::write(ready[1], names.data(), names.size()) < 0) _exit(1);
        clock.run_until([] { return false; }, Nanoseconds::max());
    }
    ::close(ready[1]);
    std::vector<std::string> names(1);
    for (char byte; static_cast<int>(names.size()) <= count && ::read(ready[0], &byte, 1) == 1;) {
        if (byte == '\n')
            names.emplace_back();
        else
            names.back() += byte;
    }
    names.pop_back();
    return names;
}

double microseconds(Nanoseconds span) {
    return static_cast<double>(span.count()) / 1000.0;
}

/// What it takes where no other program takes a turn between.
Nanoseconds least(const std::vector<Nanoseconds>& spans) {
    return *std::min_element(spans.begin(), spans.end());
}

void fan_out(Nanoseconds takes) {
    const auto dialect = load_dialect(RIG_SOURCE_DIR "/fixtures/dialects/ngi-n83624.toml");
    WallClock clock;
    std::vector<std::unique_ptr<ScpiSupply>> all;
    for (const auto& name : play_elsewhere<TcpServer>(supplies, takes, Nanoseconds{0}))
        all.push_back(
            std::make_unique<ScpiSupply>(clock, open_link(clock, parse_link(name)), dialect, name, 1));
    const auto ask = [&](int count) {
        std::vector<Nanoseconds> spans;
        for (int round = 0; round < rounds; ++round) {
            const auto begin = clock.now();
            std::vector<Reply<Volts>> replies;
            for (int i = 0; i < count; ++i)
                replies.push_back(all[static_cast<std::size_t>(i)]->channel(1).measure_voltage());
            for (auto& reply : replies)
                reply.get();
            spans.push_back(clock.now() - begin);
        }
        return least(spans);
    };
    const auto one = ask(1), sixteen = ask(supplies);
    fmt::print(
        "instrument takes {:5.1f} ms: one supply {:8.0f} us, {} supplies {:8.0f} us: {:.3f} times (at most "
        "1.2)\n",
        microseconds(takes) / 1000, microseconds(one), supplies, microseconds(sixteen),
        microseconds(sixteen) / microseconds(one));
}

void query_cost(int baud) {
    const std::string query = "MEAS:VOLT? (@1,2,3,4)", answer = "3.3000";
    const Nanoseconds byte_time{10'000'000'000 / baud};
    const auto names = play_elsewhere<PtyServer>(1, Nanoseconds{0}, byte_time);
    WallClock clock;
    ScpiSession session(clock, open_link(clock, parse_link(names.at(0))), "supply",
                        Nanoseconds{1'000'000'000});
    std::vector<Nanoseconds> spans;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = clock.now();
        session.query(query);
        spans.push_back(clock.now() - begin);
    }
    const auto wire = static_cast<std::int64_t>(query.size() + answer.size() + 2) * byte_time;
    fmt::print("{:6} baud: wire {:8.0f} us, query {:8.0f} us: {:.2f} % above it (at most 5)\n", baud,
               microseconds(wire), microseconds(least(spans)),
               100.0 * (microseconds(least(spans)) / microseconds(wire) - 1.0));
}

}  // namespace

int main() {
    for (const int milliseconds : {2, 10, 50})
        fan_out(std::chrono::milliseconds(milliseconds));
    for (const int baud : {9600, 57600, 115200})
        query_cost(baud);
}
