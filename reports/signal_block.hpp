// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig::reports {

/// One signal of a bench, as it is recorded.
struct SignalRecord {
    std::string name;    ///< "cell[3].voltage_v"
    std::string source;  ///< "measured", "driven" or "plant": the truth, which a virtual bench alone knows
    std::string unit;    ///< "V", "A", "°C", "%"; empty: on or off
    double step = 1.0;   ///< what one count is worth: smaller changes are none
};

/// What a bench records, in order; `number` follows from the signals alone.
struct SignalLayout {
    std::int64_t number = 0;
    std::vector<SignalRecord> signals;

    static SignalLayout of(std::vector<SignalRecord> signals);
};

/// Changes of any number of signals over some time, packed. For each signal
/// that changed: its number, the length of what follows, and pairs of time and
/// value, the first from the block's first time and from zero, each other from
/// the one before; times in µs. All are little groups of seven bits, lowest
/// first, the eighth telling that more follow; signed ones are folded (0, -1, 1, -2).
struct SignalBlock {
    std::int64_t first_ns = 0, last_ns = 0;
    std::string changes;
};

/// Packs changes as they come, and hands out a block whenever one is full: holds
/// no more than that, however long it goes on.
class SignalPacker {
public:
    using Take = std::function<void(const SignalBlock&)>;

    SignalPacker(const std::vector<SignalRecord>& signals, Take take);

    /// What is no number, or the same count as before, is no change. Times of
    /// one signal do not go back: an earlier one counts as the last.
    void put(std::size_t signal, std::int64_t at_ns, double value);

    /// Hands out what is left, if anything.
    void flush();

private:
    struct Track {
        double step = 1.0;
        std::optional<std::int64_t> count;  ///< the last, of whatever block
        std::int64_t us = 0;                ///< the last, since the block's first time
        std::int64_t packed_count = 0;      ///< the last in this block
        std::string packed;
    };

    std::vector<Track> tracks_;
    Take take_;
    std::size_t size_ = 0;
    std::optional<std::int64_t> first_ns_;
    std::int64_t last_ns_ = 0;
};

struct SignalChange {
    std::int64_t at_ns = 0;
    double value = 0.0;
};

/// A signal as it went in one test; it keeps each value until the next.
struct RecordedSignal {
    SignalRecord signal;
    std::vector<SignalChange> changes;
};

/// By signal, in the layout's order; appends to what is there. Throws
/// std::runtime_error for bytes that are no block of this layout.
void unpack(const SignalBlock& block, const SignalLayout& layout,
            std::vector<std::vector<SignalChange>>& changes);

}  // namespace rig::reports
