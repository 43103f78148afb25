// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/signal_block.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "reports/store.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;

namespace {

constexpr std::int64_t us = 1000, second = 1'000'000'000;

const SignalLayout layout = SignalLayout::of({{"cell[1].voltage_v", "measured", "V", 1e-4},
                                              {"relay.charge.pins_1_2", "measured", "", 1.0},
                                              {"sensor[1].current_a", "measured", "A", 1e-3}});

struct Packed {
    SignalPacker packer{layout.signals, [this](const SignalBlock& block) { blocks.push_back(block); }};
    std::vector<SignalBlock> blocks;

    std::vector<std::vector<SignalChange>> unpacked() {
        packer.flush();
        std::vector<std::vector<SignalChange>> changes;
        for (const auto& block : blocks)
            unpack(block, layout, changes);
        return changes;
    }
};

}  // namespace

TEST_CASE("what was recorded comes back: its times to the microsecond, its values to the step",
          "[reports][signals]") {
    Packed packed;
    packed.packer.put(0, 5 * second, 3.30004);
    packed.packer.put(0, 5 * second + 17 * us, -1.25);
    packed.packer.put(1, 4 * second, 1.0);  // noticed later than it happened
    packed.packer.put(2, 3600 * second, 519.9994);
    const auto changes = packed.unpacked();
    REQUIRE(changes.size() == 3);
    REQUIRE(changes[0].size() == 2);
    CHECK(changes[0][0].at_ns == 5 * second);
    CHECK(changes[0][0].value == Approx(3.3).margin(1e-9));
    CHECK(changes[0][1].at_ns == 5 * second + 17 * us);
    CHECK(changes[0][1].value == Approx(-1.25).margin(1e-9));
    CHECK(changes[1][0].at_ns == 4 * second);
    CHECK(changes[2][0].at_ns == 3600 * second);
    CHECK(changes[2][0].value == Approx(519.999).margin(1e-9));
}

TEST_CASE("only changes are recorded", "[reports][signals]") {
    Packed packed;
    for (int i = 0; i < 1000; ++i) {
        packed.packer.put(0, i * second, 3.3 + 1e-6 * (i % 2));
        packed.packer.put(2, i * second, std::nan(""));
    }
    const auto changes = packed.unpacked();
    CHECK(changes[0].size() == 1);
    CHECK(changes[2].empty());
}

TEST_CASE("however long a recording goes on, it is handed out in blocks", "[reports][signals]") {
    Packed packed;
    for (int i = 0; i < 100'000; ++i)
        packed.packer.put(0, i * second, 3.0 + 0.001 * (i % 7));
    for (const auto& block : packed.blocks)
        CHECK(block.changes.size() < 17 * 1024);
    CHECK(packed.blocks.size() > 10);
    const auto changes = packed.unpacked();
    CHECK(changes[0].size() == 100'000);
    CHECK(changes[0].back().at_ns == 99'999 * second);
}

TEST_CASE("a damaged block is an error, not a plot", "[reports][signals]") {
    std::vector<std::vector<SignalChange>> changes;
    const std::string no_such_signal{"\x07\x02\x01\x01", 4}, too_short{"\x00\x09\x01", 3},
        unfinished{"\x80", 1};
    for (const auto& bytes : {no_such_signal, too_short, unfinished})
        CHECK_THROWS_AS(unpack({0, 0, bytes}, layout, changes), std::runtime_error);
}

TEST_CASE("a store keeps what was recorded, by test", "[reports][signals]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const TestKey test{"pack", "acceptance/thresholds.lua", "it trips", 1};
    const TestKey other{"pack", "acceptance/thresholds.lua", "it rests", 1};
    const int run = store.begin_run({});
    store.add_layout(run, layout);
    store.add_layout(run, layout);
    store.begin_test(run, test, {}, 0);
    store.begin_test(run, other, {}, 0);
    int number = 0;
    SignalPacker packer{layout.signals, [&](const SignalBlock& block) {
                            store.add_block(run, test, ++number, layout.number, block);
                        }};
    packer.put(2, second, 1.5);
    packer.flush();
    packer.put(2, 2 * second, 2.5);
    packer.flush();

    const auto recording = store.recording(run, test);
    REQUIRE(recording.size() == 1);
    CHECK(recording[0].signal.name == "sensor[1].current_a");
    CHECK(recording[0].signal.unit == "A");
    REQUIRE(recording[0].changes.size() == 2);
    CHECK(recording[0].changes[1].at_ns == 2 * second);
    CHECK(recording[0].changes[1].value == Approx(2.5));
    CHECK(store.recording(run, other).empty());
}
