// SPDX-License-Identifier: GPL-3.0-or-later
// How long outputs stay on once the rig was killed, five makes of instruments at a time, against what their
// wires alone take in the same run: the same words in the same order, each as soon as the instrument can
// hear it, from a program that does nothing else.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <random>

#include "fixtures/fixture.hpp"
#include "instruments/links/modbus_link.hpp"
#include "instruments/links/open_link.hpp"
#include "rig/rack.hpp"
#include "tests/kills/conversation.hpp"
#include "tests/kills/desk.hpp"

using namespace rig;

namespace {

constexpr int usual_rounds = 60;      ///< or as many as the command line says
constexpr double allowed_ms = 100.0;  ///< above what the wires take
constexpr Nanoseconds goes_off_within{500'000'000};

struct Handed {
    int turn;
    LinkAddress link;
    OffSequence sequence;
};

struct HeldBench : Bench {
    void make_safe() override {}
};

/// What a guard is handed of these instruments, in the order of their turns. All is on then.
std::vector<Handed> switched_on(WallClock& clock, const Fixture& fixture) {
    HeldBench bench;
    bench.clock = &clock;
    std::vector<Handed> all;
    Rack rack(bench, fixture, ProjectFolder::find(), nullptr);
    LinkAddress latest;
    rack.on_opened([&](const Place& place, const Guarded& instrument) {
        all.push_back({place.turn, latest, instrument.off_sequence()});
    });
    const auto open = [&](const LinkAddress& address) -> Connection {
        latest = address;
        if (address.kind == LinkAddress::Kind::modbus)
            return {nullptr, open_registers(clock, address, std::chrono::milliseconds(500))};
        return {open_link(clock, address), nullptr};
    };
    rack.add_cells([&](const Rack::Unit& unit) {
        return open(fixture.cells.links.at(static_cast<std::size_t>(unit.unit - 1)));
    });
    rack.add_sensor(1,
                    [&](const SourceKind&, const std::string&) { return open(fixture.sensors.at(1).link); });
    for (CellSupply* cell : bench.cells) {
        cell->set_voltage(fixture.pack.nominal);
        cell->set_current_limit(fixture.cells.current_limit);
        cell->output_on();
    }
    bench.sensors.at(1)->inject(Amperes{20.0});
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.turn < b.turn; });
    return all;
}

double ms(Nanoseconds span) {
    return static_cast<double>(span.count()) / 1e6;
}

/// What was waited for on the way to the last output off.
struct WireTime {
    Nanoseconds silences{}, answers{}, all{};
    double bytes_ms = 0.0;  ///< more, on serial lines: a pseudo-terminal takes no time
};

class Wires {
public:
    explicit Wires(kills::Desk& desk, WallClock& clock) : desk_(desk), clock_(clock) {}

    WireTime switch_off(const std::vector<Handed>& all) {
        const auto began = clock_.now();
        for (const Handed& it : all) {
            Line& line = lines_.emplace_back();
            line.link = open_link(clock_, parse_link("pty:" + it.link.target));
            line.link->on_receive([&line](std::string_view bytes) { line.heard += bytes; });
            say(it, line, it.sequence.flush);
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            rest_until(began + all[i].sequence.flush_silence);
            for (const auto& step : all[i].sequence.steps) {
                const bool is_last = &step == &all[i].sequence.steps.back();
                do
                    say(all[i], lines_[i], step.send);
                while (step.answer.kind != OffSequence::Answer::Kind::none &&
                       !await(all[i], lines_[i], step.answer));
                if (!is_last) rest_until(clock_.now() + step.silence_after);
            }
        }
        clock_.run_until([&] { return desk_.all_off(); }, clock_.now() + goes_off_within);
        time_.all = desk_.taken_down().back()->went_off - began;
        return time_;
    }

private:
    struct Line {
        std::unique_ptr<ByteLink> link;
        std::string heard;
    };

    void say(const Handed& to, Line& line, const std::string& words) {
        count(to, words.size());
        line.heard.clear();
        line.link->send(words);
    }

    /// False when it answers something else: a relay that is late.
    bool await(const Handed& from, const Line& line, const OffSequence::Answer& answer) {
        const auto since = clock_.now();
        const auto said = [&] { return confirmation(answer, line.heard); };
        if (!clock_.run_until([&] { return said() != Confirmation::incomplete; }, since + answer.within))
            throw std::runtime_error(from.link.text + " does not answer");
        count(from, line.heard.size());
        if (!desk_.all_off()) time_.answers += clock_.now() - since;
        return said() == Confirmation::confirmed;
    }

    void rest_until(Nanoseconds when) {
        const auto since = clock_.now();
        clock_.run_until([] { return false; }, when);
        if (!desk_.all_off()) time_.silences += clock_.now() - since;
    }

    void count(const Handed& it, std::size_t bytes) {
        constexpr double bits = 10.0, korad_baud = 9600.0, riden_baud = 115200.0, keithley_baud = 57600.0;
        double baud = 0.0;
        if (it.turn == 0) baud = keithley_baud;
        if (it.link.kind == LinkAddress::Kind::modbus) baud = riden_baud;
        if (it.sequence.steps.front().send == "OUT0") baud = korad_baud;
        if (baud > 0.0) time_.bytes_ms += static_cast<double>(bytes) * bits / baud * 1000.0;
    }

    kills::Desk& desk_;
    WallClock& clock_;
    std::deque<Line> lines_;
    WireTime time_;
};

WireTime wires_alone() {
    WallClock clock;
    kills::Desk desk(clock);
    const auto file =
        std::filesystem::temp_directory_path() / fmt::format("rig-time-to-off-{}.toml", ::getpid());
    std::ofstream(file) << desk.fixture();
    const Fixture fixture = load_fixture(file);
    std::filesystem::remove(file);
    const auto all = switched_on(clock, fixture);
    return Wires(desk, clock).switch_off(all);
}

void print(const char* what, std::vector<double> times, double less = 0.0) {
    std::sort(times.begin(), times.end());
    const auto at = [&](double share) {
        return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1) + 0.5)] - less;
    };
    fmt::print("{:<34} median {:6.1f} ms, 99th percentile {:6.1f} ms, maximum {:6.1f} ms\n", what, at(0.5),
               at(0.99), times.back() - less);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const int rounds = argc > 1 ? std::stoi(argv[1]) : usual_rounds;
        // The least: where no other program took a turn between.
        WireTime wire = wires_alone();
        for (int more = 0; more < 4; ++more)
            if (const WireTime again = wires_alone(); again.all < wire.all) wire = again;

        const kills::Outcome whole = kills::converse(RIG_PROGRAM, PROJECT_FOLDER, {});
        if (!whole.wrong.empty()) throw std::runtime_error(whole.wrong);
        std::mt19937_64 draw(1);
        std::uniform_int_distribution<int> writes(whole.on_from, whole.on_to);
        std::vector<double> noticed, off;
        int broken = 0;
        while (static_cast<int>(off.size()) < rounds && broken < rounds) {
            const kills::Strike strike{kills::Blow::kill, kills::Moment(draw() % 3), writes(draw)};
            const auto outcome = kills::converse(RIG_PROGRAM, PROJECT_FOLDER, strike);
            if (!outcome.wrong.empty()) fmt::print("{}\n{}", kills::described(strike), outcome.wrong);
            broken += !outcome.wrong.empty();
            if (outcome.wrong.empty() && outcome.off_ms >= 0.0) {
                noticed.push_back(outcome.noticed_ms);
                off.push_back(outcome.off_ms);
            }
        }
        if (off.empty()) throw std::runtime_error("nothing went off as it should");
        fmt::print("{} times SIGKILL at one of writes {} to {}, six outputs on, one off after the other\n",
                   off.size(), whole.on_from, whole.on_to);
        print("guard's first byte after", noticed);
        print("last output off after", off);
        fmt::print(
            "the wires alone take               {:6.1f} ms: {:.1f} ms of silences, {:.1f} ms of answers; "
            "bits on "
            "serial lines would add {:.1f} ms to both\n",
            ms(wire.all), ms(wire.silences), ms(wire.answers), wire.bytes_ms);
        print("above the wires", off, ms(wire.all));
        std::sort(off.begin(), off.end());
        fmt::print("off / (wires + {:.0f} ms)            {:.2f} at the median, {:.2f} at most (at most 1)\n",
                   allowed_ms, off[off.size() / 2] / (ms(wire.all) + allowed_ms),
                   off.back() / (ms(wire.all) + allowed_ms));
        return broken > 0 ? 1 : 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_time_to_off: %s\n", error.what());
        return 2;
    }
}
