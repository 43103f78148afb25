// SPDX-License-Identifier: GPL-3.0-or-later
// What storing a check costs, on this machine's disk: 50 µs is the most it may.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>

#include "reports/store.hpp"

using namespace rig::reports;

namespace {

/// A store in the working folder, as a run has it, gone again afterwards.
class StoreOnDisk : public benchmark::Fixture {
public:
    void SetUp(const benchmark::State&) override {
        folder_ = std::filesystem::absolute("store-benchmark-" + std::to_string(getpid()));
        store = std::make_unique<Store>(folder_ / "rig.sqlite");
        RunRecord record;
        record.uuid = "a run";
        run = store->begin_run(record);
    }
    void TearDown(const benchmark::State&) override {
        store.reset();
        std::filesystem::remove_all(folder_);
    }

    static CheckRecord check(int number) {
        CheckRecord record;
        record.number = number;
        record.name = "V-max trip, cell 2";
        record.value = 3.602;
        record.low = 3.58;
        record.high = 3.62;
        record.unit = "V";
        record.proves = {"RLY-01", "RLY-12"};
        record.script_line = "acceptance/charge_relay.lua:14";
        record.bench_ns = number * 1'000'000'007LL;
        return record;
    }

    std::unique_ptr<Store> store;
    int run = 0;

private:
    std::filesystem::path folder_;
};

BENCHMARK_F(StoreOnDisk, one_check)(benchmark::State& state) {
    const TestKey test{"pack", "acceptance/charge_relay.lua",
                       "the charge relay opens when one cell reaches V-max", 1};
    store->begin_test(run, test, {}, 0);
    int number = 0;
    for (auto _ : state)
        store->add_check(run, test, check(++number));
}

BENCHMARK_F(StoreOnDisk, one_test_with_its_sync)(benchmark::State& state) {
    TestKey test{"pack", "acceptance/charge_relay.lua", "the charge relay opens when one cell reaches V-max",
                 0};
    for (auto _ : state) {
        ++test.attempt;
        store->begin_test(run, test, {"relay"}, 0);
        store->end_test(run, test, Verdict::passed, "", 1);
    }
}

}  // namespace

BENCHMARK_MAIN();
