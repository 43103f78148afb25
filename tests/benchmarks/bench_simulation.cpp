// SPDX-License-Identifier: GPL-3.0-or-later
// How fast a pack is simulated, beside the simulator's stock loop on the same
// images in the same run. The two take turns, and each one's best turn counts:
// another program's noise only ever slows one down.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>

#include "fixtures/virtual/virtual_bench.hpp"
#include "tests/benchmarks/stock_chain.hpp"

namespace {

constexpr int turns = 3, boot_s = 15;

double cpu_s() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

struct Measured {
    double speed = 0.0;         ///< simulated seconds per CPU second
    double awake_cycles = 0.0;  ///< per board and second
    double ext_bytes = 0.0;     ///< per second: both must do the same work
};

struct OwnChain {
    OwnChain(const std::filesystem::path& firmware, int cells) : bench(setup(firmware, cells)), count(cells) {
        bench.ext_line().on_receive([this](std::string_view bytes) { heard += bytes.size(); });
        for (int n = 1; n <= cells; ++n)
            bench.cell_terminals(n).drive(
                {rig::Terminals::Drive::Mode::voltage, rig::Volts{3.30}, rig::Amperes{3.0}});
    }
    static rig::VirtualBenchSetup setup(const std::filesystem::path& firmware, int cells) {
        rig::VirtualBenchSetup result;
        result.firmware = firmware;
        result.cells = cells;
        return result;
    }
    void run_s(int seconds) { bench.clock().run_for(std::chrono::seconds(seconds)); }
    std::uint64_t awake_cycles() const {
        std::uint64_t sum = 0;
        for (int n = 1; n <= count; ++n)
            sum += bench.awake_cycles(n);
        return sum;
    }
    std::uint64_t ext_bytes() const { return heard; }

    rig::VirtualBench bench;
    int count;
    std::uint64_t heard = 0;
};

template <class Chain>
void take_turn(Chain& chain, int cells, int seconds, Measured& best) {
    const auto awake = chain.awake_cycles(), bytes = chain.ext_bytes();
    const double start = cpu_s();
    chain.run_s(seconds);
    best.speed = std::max(best.speed, seconds / (cpu_s() - start));
    best.awake_cycles = static_cast<double>(chain.awake_cycles() - awake) / (seconds * cells);
    best.ext_bytes = static_cast<double>(chain.ext_bytes() - bytes) / seconds;
}

void measure(const std::filesystem::path& firmware, int cells) {
    OwnChain own(firmware, cells);
    rig::StockChain stock(firmware, cells);
    own.run_s(boot_s);
    stock.run_s(boot_s);
    const int seconds = std::max(5, 2000 / cells);
    Measured ours, theirs;
    for (int turn = 0; turn < turns; ++turn) {
        take_turn(own, cells, seconds, ours);
        take_turn(stock, cells, seconds, theirs);
    }
    std::printf("%6d %11.1f %9.0f %7.1f %11.1f %9.0f %7.1f %8.2f\n", cells, ours.speed, ours.awake_cycles,
                ours.ext_bytes, theirs.speed, theirs.awake_cycles, theirs.ext_bytes,
                ours.speed / theirs.speed);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr,
                     "usage: bench_simulation FOLDER   (of first.elf, middle.elf, last.elf)\n"
                     "  e.g. build/bin/bench_simulation build/firmware/gen3-hw2\n");
        return 2;
    }
    try {
        std::printf(
            "simulated seconds per CPU second; awake cycles per board and second; EXT bytes per second\n");
        std::printf(" cells  this bench     awake     EXT  stock loop     awake     EXT    ratio\n");
        std::fflush(stdout);
        for (const int cells : {4, 16, 64, 255})
            measure(argv[1], cells);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_simulation: %s\n", error.what());
        return 2;
    }
}
