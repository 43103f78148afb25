// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/scpi_twin.hpp"
#include "instruments/twins/supply_output.hpp"

namespace rig {

/// What an ITECH IT-M3412 would answer: one channel, 60 V, ±3 A. It hears lines that end in LF, and
/// takes a CR for an error; it answers in CR LF. Firmware of one age holds the limit of what it
/// takes as a negative number and clamps a positive one to zero, of another age the other way round.
class ItechM3400Twin : public ScpiTwin {
public:
    enum class SinkSign { negative, positive };

    /// `terminals` null: nothing is connected.
    ItechM3400Twin(Clock& clock, std::unique_ptr<ByteLink> link, Terminals* terminals, std::uint64_t seed,
                   SinkSign sign);

    /// The most that it takes, whatever sign its firmware gives it.
    Amperes takes() const { return Amperes{sink_}; }

private:
    void reset() override;

    SinkSign sign_;
    double sink_ = 0.0;
    std::deque<SupplyOutput> outputs_;
};

}  // namespace rig
