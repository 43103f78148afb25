// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fixtures/bench.hpp"
#include "reports/signal_block.hpp"

namespace rig {

/// Where changes of a bench's signals go while a recording is on; nowhere before.
class Tape {
public:
    using Signal = std::size_t;

    explicit Tape(Clock& clock) : clock_(clock) {}

    /// Signals are added before the first start.
    Signal add(reports::SignalRecord signal) {
        layout_.signals.push_back(std::move(signal));
        return layout_.signals.size() - 1;
    }
    void close_layout() { layout_ = reports::SignalLayout::of(std::move(layout_.signals)); }
    const reports::SignalLayout& layout() const { return layout_; }

    void start(reports::SignalPacker::Take take) { packer_.emplace(layout_.signals, std::move(take)); }
    void finish() {
        if (packer_) packer_->flush();
        packer_.reset();
    }

    void put(Signal signal, double value) { put(signal, clock_.now(), value); }
    void put(Signal signal, Nanoseconds at, double value) {
        if (packer_) packer_->put(signal, at.count(), value);
    }

private:
    Clock& clock_;
    reports::SignalLayout layout_;
    std::optional<reports::SignalPacker> packer_;
};

}  // namespace rig
