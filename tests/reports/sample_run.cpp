// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/reports/sample_run.hpp"

namespace rig::reports {
namespace {

constexpr std::int64_t second = 1'000'000'000;

const char* thresholds = "acceptance/thresholds.lua";
const char* balancing = "acceptance/balancing.lua";

CheckRecord measured(int number, const std::string& name, double value, std::optional<double> low,
                     std::optional<double> high, const std::string& unit) {
    CheckRecord check;
    check.number = number;
    check.name = name;
    check.value = value;
    check.low = low;
    check.high = high;
    check.unit = unit;
    const bool inside = (!low || value >= *low) && (!high || value <= *high);
    check.verdict = inside ? Verdict::passed : Verdict::failed;
    check.bench_ns = number * second;
    return check;
}

CheckRecord claimed(int number, const std::string& name, bool holds, const std::string& detail) {
    CheckRecord check;
    check.number = number;
    check.name = name;
    check.verdict = holds ? Verdict::passed : Verdict::failed;
    check.detail = detail;
    check.bench_ns = number * second;
    return check;
}

CheckRecord at(CheckRecord check, const std::string& script_line, const std::vector<std::string>& proves) {
    check.script_line = script_line;
    check.proves = proves;
    return check;
}

}  // namespace

int store_sample_run(Store& store) {
    const int run = store.begin_run({.station = "bench-7",
                                     .uuid = "5f0c8a52-6c5e-4a86-9e0e-3f3a4f0b7c11",
                                     .started_utc = "2024-05-01T12:00:00Z",
                                     .rig_version = "0.1.0",
                                     .fixture = "gen3-hw2-4s.toml",
                                     .profile = "gen3-hw2",
                                     .seed = 7});

    const TestKey vmax{"pack", thresholds, "the charge relay opens when one cell reaches V-max", 1};
    store.begin_test(run, vmax, {"relay"}, 0);
    store.add_check(run, vmax,
                    at(measured(1, "V-max trip, cell[2]", 3.6620000000000004, 3.58, 3.62, "V"),
                       "acceptance/thresholds.lua:14", {"RLY-01", "RLY-12"}));
    store.add_check(run, vmax,
                    at(measured(2, "time to trip", 2.05, std::nullopt, 4.5, "s"),
                       "acceptance/thresholds.lua:17", {"RLY-01"}));
    store.add_check(run, vmax,
                    at(claimed(3, "the load relay stays closed", false, "false after 3.1 s"),
                       "acceptance/thresholds.lua:18", {"RLY-11"}));
    store.end_test(run, vmax, Verdict::failed,
                   "2 of 3 checks failed, first:\nV-max trip, cell[2]: 3.662 V, limits 3.58 to 3.62",
                   12 * second + 345'678'901);

    const TestKey again{"pack", thresholds, vmax.name, 2};
    store.begin_test(run, again, {"relay"}, 0);
    store.add_check(run, again,
                    at(measured(1, "V-max trip, cell[2]", 3.6200000001, 3.58, 3.62, "V"),
                       "acceptance/thresholds.lua:14", {"RLY-01", "RLY-12"}));
    store.end_test(run, again, Verdict::failed, "trip point: nothing moved back", 12 * second);

    const TestKey vmin{"pack", thresholds, "the load relay opens at V-min", 1};
    store.begin_test(run, vmin, {}, 0);
    store.add_check(run, vmin,
                    at(measured(1, "V-min trip, cell[1]", 2.7, 2.68, 2.72, "V"),
                       "acceptance/thresholds.lua:30", {"RLY-06", "RLY-11"}));
    store.end_test(run, vmin, Verdict::error,
                   "cells: no answer to \"MEAS1:VOLT?\" within 500 ms on memory:cells\n"
                   "  bench   everything off\n"
                   "  try     run this test alone with --filter",
                   3 * second);

    const TestKey balance{"pack", balancing, "a board balances \"above\" <V-balance> & stops at it", 1};
    store.begin_test(run, balance, {}, 0);
    store.add_check(run, balance,
                    at(measured(1, "balance current", 1.0123456, 0.9, 1.1, "A"), "acceptance/balancing.lua:9",
                       {"BAL-01", "BAL-05"}));
    store.add_check(run, balance,
                    at(measured(2, "balance current", 0, std::nullopt, 0.02, "A"),
                       "acceptance/balancing.lua:12", {"BAL-01"}));
    store.add_check(
        run, balance,
        at(claimed(3, "status = balancing", true, ""), "acceptance/balancing.lua:13", {"BAL-03"}));
    store.add_check(run, balance,
                    at(measured(4, "frames", 31, 30, std::nullopt, ""), "acceptance/balancing.lua:14", {}));
    store.end_test(run, balance, Verdict::passed, "", 3725 * second);

    const TestKey torn{"pack", balancing, "bytes \x01 that XML cannot hold, \xFF\xC3( and \xC3\xA4", 1};
    store.begin_test(run, torn, {}, 0);
    store.end_test(run, torn, Verdict::passed, "", 1'000'000);

    const TestKey needs{"pack", "acceptance/chain.lua", "a damaged message changes nothing", 1};
    store.begin_test(run, needs, {}, 0);
    store.end_test(run, needs, Verdict::skipped, "this bench has no chain_tap", 0);

    const TestKey cut{"pack", "acceptance/soc.lua", "the count of charge goes on", 1};
    store.begin_test(run, cut, {"long"}, 0);
    store.add_check(run, cut,
                    at(measured(1, "state of charge", 50, 49, 51, "%"), "acceptance/soc.lua:8", {"SOC-01"}));
    store.end_run(run, "2024-05-01T12:00:09Z");
    return run;
}

}  // namespace rig::reports
