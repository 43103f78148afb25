// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "fixtures/bench.hpp"
#include "reports/signal_block.hpp"

namespace rig {

/// Listens in on everything that passes between tests and a bench: what was
/// measured, driven and received, and on a virtual bench the plant's truth. Asks
/// the bench nothing of its own, so on a real one it adds no traffic; and keeps
/// no more than one block, however long a test goes on.
class Recording {
public:
    /// Puts itself in front of the bench's channels. The bench outlives it.
    explicit Recording(Bench& bench);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    const reports::SignalLayout& layout() const;

    /// From now on changes go to `take`, block by block; how things stand comes first.
    void start(reports::SignalPacker::Take take);

    /// Hands out the last block, and nothing more.
    void finish();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace rig
