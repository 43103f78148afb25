// SPDX-License-Identifier: GPL-3.0-or-later
// What recording costs a 16-cell run: the same bench with it and without, in
// turns, in one run; and what an hour of it takes on the disk.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>

#include "fixtures/fixture.hpp"
#include "reports/store.hpp"
#include "rig/open_bench.hpp"
#include "rig/recording/recording.hpp"
#include "rig/take_up.hpp"

namespace {

constexpr int cells = 16, turns = 5, seconds_a_turn = 300;

double cpu_s() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

struct Pack {
    Pack() {
        const auto project = rig::ProjectFolder::find();
        fixture = rig::load_fixture(project.fixture_of());
        fixture.pack.cells = cells;
        bench = rig::open_bench(fixture, project, 1);
        rig::take_up(*bench, fixture);
    }

    /// As a busy test does: cells move, one balances, all are measured every five seconds.
    double turn() {
        const double before = cpu_s();
        for (int s = 0; s < seconds_a_turn; s += 5) {
            bench->cells[static_cast<std::size_t>(s / 5 % cells)]->set_voltage(
                rig::Volts{3.30 + 0.001 * (s % 7)});
            bench->cells[3]->set_voltage(rig::Volts{s % 60 < 30 ? 3.45 : 3.35});
            for (auto* cell : bench->cells) {
                cell->measure_voltage().get();
                cell->measure_current().get();
            }
            bench->clock->run_for(std::chrono::seconds(5));
        }
        return cpu_s() - before;
    }

    rig::Fixture fixture;
    std::unique_ptr<rig::Bench> bench;
};

}  // namespace

int main() {
    try {
        const auto folder = std::filesystem::absolute("recording-benchmark-" + std::to_string(getpid()));
        std::size_t packed = 0;
        double plain_s = 1e9, recorded_s = 1e9, hours = 0.0;
        {
            Pack plain, recorded;
            rig::reports::Store store(folder / "rig.sqlite");
            const rig::reports::TestKey test{"pack", "acceptance/soak.lua", "it goes on", 1};
            const int run = store.begin_run({});
            store.begin_test(run, test, {}, 0);
            rig::Recording recording(*recorded.bench);
            store.add_layout(run, recording.layout());
            int blocks = 0;
            recording.start([&](const rig::reports::SignalBlock& block) {
                packed += block.changes.size();
                store.add_block(run, test, ++blocks, recording.layout().number, block);
            });
            const auto began = recorded.bench->clock->now();
            for (int turn = 0; turn < turns; ++turn) {
                plain_s = std::min(plain_s, plain.turn());
                recorded_s = std::min(recorded_s, recorded.turn());
            }
            hours = static_cast<double>((recorded.bench->clock->now() - began).count()) / 3600e9;
            recording.finish();
        }
        const auto on_disk = std::filesystem::file_size(folder / "rig.sqlite");
        std::filesystem::remove_all(folder);
        std::printf("%d cells: CPU with recording / without: %.3f (%.3f s, %.3f s a turn)\n", cells,
                    recorded_s / plain_s, recorded_s, plain_s);
        std::printf("a simulated hour: %.0f KiB of changes, %.0f KiB in the store\n",
                    static_cast<double>(packed) / 1024 / hours, static_cast<double>(on_disk) / 1024 / hours);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_recording: %s\n", error.what());
        return 2;
    }
}
