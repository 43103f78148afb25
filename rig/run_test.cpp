// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/run_test.hpp"

#include <fmt/format.h>

namespace rig {

using reports::Verdict;

namespace {

constexpr std::uint64_t mixed(
    std::uint64_t x) {  // splitmix64: neighbouring run seeds shall differ in every bit
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

void add(Ending& ending, Verdict verdict, const std::string& message) {
    const bool worse = ending.verdict == Verdict::passed || ending.verdict == Verdict::skipped ||
                       (verdict == Verdict::error && ending.verdict == Verdict::failed);
    if (worse) ending.verdict = verdict;
    if (ending.message.empty())
        ending.message = message;
    else
        ending.message = worse ? message + "\n" + ending.message : ending.message + "\n" + message;
}

}  // namespace

std::uint64_t seed_of(std::uint64_t run_seed, const std::string& file, const std::string& test) {
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    for (const std::string& text : {file, test}) {
        for (const char c : text)
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        hash = (hash ^ 0xFFU) * 0x100000001b3U;
    }
    return mixed(hash ^ mixed(run_seed));
}

Ending run_test(Script& script, std::size_t test, Bench& bench, Recorder& recorder, std::uint64_t run_seed,
                const std::string& file, const std::string& boot_fault) {
    const std::uint64_t seed = seed_of(run_seed, file, script.tests().at(test).name);
    Ending ending = script.run(test, bench, recorder, seed, boot_fault);

    if (const std::string open = bench.open_interlock(); !open.empty() && ending.verdict != Verdict::error)
        add(ending, Verdict::error, open);

    // Taken before the supplies go off: what follows is the rig's doing.
    if (ending.verdict != Verdict::skipped) {
        for (const std::string& condemnation : bench.condemnations()) {
            recorder.event("condemned", condemnation);
            add(ending, Verdict::failed, "the bench condemns the firmware: " + condemnation);
        }
    }
    try {
        bench.make_safe();
    } catch (const std::exception& failure) {
        add(ending, Verdict::error, fmt::format("the bench could not be made safe: {}", failure.what()));
    }
    if (ending.verdict == Verdict::failed || ending.verdict == Verdict::error) {
        ending.message += fmt::format("\n  seed    {} of run seed {}", seed, run_seed);
    }
    return ending;
}

}  // namespace rig
