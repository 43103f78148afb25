// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace rig {

/// A chain as the simulator alone runs it: avr_run for one board after the
/// other in lockstep, sleep without sleeping, a board's UART wired to the
/// next one's. No bench round it: what the virtual bench is measured against.
class StockChain {
public:
    StockChain(const std::filesystem::path& firmware, int cells);
    ~StockChain();

    void run_s(int seconds);

    /// Of all boards, so far.
    std::uint64_t awake_cycles() const;
    /// Bytes the last board has sent on EXT.
    std::uint64_t ext_bytes() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace rig
