// SPDX-License-Identifier: GPL-3.0-or-later
// Kills the rig at every write of a conversation with its instruments, or at a seeded share of them.
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "tests/kills/conversation.hpp"

namespace {

using namespace rig::kills;

constexpr std::size_t tell_every = 100;

/// The instruments are played in real time, which a busy machine does not always have.
constexpr int held_at_most = 3;

struct Options {
    double share = 1.0;
    std::uint64_t seed = std::random_device{}();
    int writes = 0;
    std::size_t from = 0;
    int jobs = 6;
};

struct Running {
    std::size_t number;
    Strike strike;
    int result = -1;
    int failed = 0;  ///< conversations that came to nothing before they were struck
};

/// In a process of its own; what came of it is read from the descriptor.
int begin(const Strike& strike) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    if (::fork() == 0) {
        ::close(ends[0]);
        Outcome outcome;
        try {
            outcome = converse(RIG_PROGRAM, PROJECT_FOLDER, strike);
        } catch (const std::exception& failure) {
            outcome.wrong = std::string("  ") + failure.what() + "\n";
        }
        const auto text = fmt::format("{} {:d} {} {}\n{}", outcome.writes, outcome.struck, outcome.noticed_ms,
                                      outcome.off_ms, outcome.wrong);
        const auto written = ::write(ends[1], text.data(), text.size());
        _exit(written < 0);
    }
    ::close(ends[1]);
    return ends[0];
}

Outcome end(int result) {
    std::string text;
    char bytes[4096];
    for (ssize_t count = 0; (count = ::read(result, bytes, sizeof bytes)) > 0;)
        text.append(bytes, static_cast<std::size_t>(count));
    ::close(result);
    Outcome outcome;
    std::istringstream words(text);
    if (!(words >> outcome.writes >> outcome.struck >> outcome.noticed_ms >> outcome.off_ms))
        outcome.wrong = "  the conversation's process ended without a word\n";
    else
        outcome.wrong += text.substr(text.find('\n') + 1);
    return outcome;
}

std::string quantiles(std::vector<double> times) {
    if (times.empty()) return "none";
    std::sort(times.begin(), times.end());
    const auto at = [&](double share) {
        return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1) + 0.5)];
    };
    return fmt::format("median {:.0f} ms, 99th percentile {:.0f} ms, maximum {:.0f} ms, {} times", at(0.5),
                       at(0.99), times.back(), times.size());
}

std::vector<Strike> strikes_of(int writes) {
    std::vector<Strike> all;
    for (int write = 1; write <= writes; ++write)
        for (const auto moment : {Moment::before, Moment::during, Moment::after})
            for (const auto blow :
                 {Blow::kill, write % 2 ? Blow::stop : Blow::stop_all, Blow::terminate, Blow::interrupt})
                all.push_back({blow, moment, write});
    return all;
}

/// One is a few writes longer than the next: whoever waits for an output asks until it is there. The longest
/// of some that nobody interrupts; 0: none goes well, not even with a machine that has had time to calm down.
int writes_of_conversation() {
    constexpr int rounds = 4;
    int longest = 0;
    for (int round = 0; longest == 0 && round < rounds; ++round) {
        std::vector<int> results;
        for (int i = 0; i < held_at_most; ++i)
            results.push_back(begin({}));
        for (const int result : results) {
            const Outcome whole = end(result);
            ::wait(nullptr);
            std::cout << whole.wrong << std::flush;
            if (whole.wrong.empty()) longest = std::max(longest, whole.writes);
        }
    }
    return longest;
}

int run(const Options& options) {
    const int writes = options.writes > 0 ? options.writes : writes_of_conversation();
    if (writes == 0) return 1;
    std::vector<Strike> strikes = strikes_of(writes);
    const auto all = strikes.size();
    std::shuffle(strikes.begin(), strikes.end(), std::mt19937_64(options.seed));
    strikes.resize(static_cast<std::size_t>(static_cast<double>(all) * options.share + 0.5));
    std::cout << fmt::format("{} writes, {} of {} kills, seed {}", writes, strikes.size(), all, options.seed)
              << (options.from > 0 ? fmt::format(", from the {}th on\n", options.from + 1) : "\n")
              << std::flush;

    std::vector<Running> running;
    std::size_t next = options.from, done = 0;
    int broken = 0, unstruck = 0, held_again = 0;
    std::map<Blow, std::vector<double>> noticed, off;
    while (next < strikes.size() || !running.empty()) {
        while (next < strikes.size() && running.size() < static_cast<std::size_t>(options.jobs)) {
            running.push_back({next, strikes[next], begin(strikes[next])});
            ++next;
        }
        std::vector<pollfd> waiting;
        for (const Running& it : running)
            waiting.push_back({it.result, POLLIN, 0});
        ::poll(waiting.data(), waiting.size(), -1);
        for (std::size_t i = waiting.size(); i-- > 0;) {
            if (waiting[i].revents == 0) continue;
            const Outcome outcome = end(running[i].result);
            ::wait(nullptr);
            const Strike strike = running[i].strike;
            if (!outcome.struck && !outcome.wrong.empty() && ++running[i].failed < held_at_most) {
                ++held_again;
                std::cout << described(strike) << ": held again, for want of a conversation\n"
                          << outcome.wrong << std::flush;
                running[i].result = begin(strike);
                continue;
            }
            running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
            unstruck += !outcome.struck;
            if (outcome.noticed_ms >= 0 && outcome.off_ms >= 0)
                noticed[strike.blow].push_back(outcome.noticed_ms);
            if (outcome.off_ms >= 0) off[strike.blow].push_back(outcome.off_ms);
            if (!outcome.wrong.empty()) {
                ++broken;
                std::cout << described(strike) << "\n" << outcome.wrong << std::flush;
            }
            if (++done % tell_every == 0)
                std::cout << fmt::format("{} done, {} broken; go on: --seed {} --writes {} --from {}\n", done,
                                         broken, options.seed, writes,
                                         running.empty() ? next : running.front().number)
                          << std::flush;
        }
    }
    std::cout << fmt::format(
                     "{} kills, {} beyond the end of their conversation, {} held again, {} broke a promise\n",
                     done, unstruck, held_again, broken)
              << "until the first byte after SIGKILL: " << quantiles(noticed[Blow::kill]) << '\n'
              << "until all was off after SIGKILL:    " << quantiles(off[Blow::kill]) << '\n';
    return broken > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Kills the rig at each write to its instruments, and looks what became of outputs and results.",
        "run_kills");
    Options options;
    app.add_option("--share", options.share, "of all kills, drawn by the seed")
        ->check(CLI::Range(0.0001, 1.0));
    app.add_option("--seed", options.seed, "of the share (default: another one each time)");
    app.add_option("--writes", options.writes, "of a conversation (default: counted)");
    app.add_option("--from", options.from,
                   "leaves out as many: goes on with a run of the same seed and writes");
    app.add_option("--jobs", options.jobs, "conversations at a time")->check(CLI::Range(1, 64));
    CLI11_PARSE(app, argc, argv);
    return run(options);
}
