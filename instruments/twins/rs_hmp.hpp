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

/// What a Rohde & Schwarz (Hameg) HMP4040 or HMP2020 would answer: 32 V channels that take no current,
/// of which one is selected at a time. An output is on while it and the main switch are. A fuse trips
/// at the current limit; fuses that are linked go together.
class RsHmpTwin : public ScpiTwin {
public:
    /// `terminals[0]` is channel 1's; null or beyond the end: nothing is connected. `channels`: 4 or 2.
    RsHmpTwin(Clock& clock, std::unique_ptr<ByteLink> link, const std::vector<Terminals*>& terminals,
              std::uint64_t seed, int channels = 4);

    /// What hands at its front panel do.
    void select(int channel) { selected_ = channel; }

private:
    void add_setpoints();
    void add_outputs();
    void add_protections();
    SupplyOutput& selected() { return outputs_[static_cast<std::size_t>(selected_ - 1)]; }
    void apply_switches();
    void look();
    void reset() override;

    int selected_ = 1;
    bool main_ = false;
    std::vector<bool> chosen_;              ///< OUTP:SEL
    std::vector<std::vector<int>> linked_;  ///< whose fuses go with this one's
    std::deque<SupplyOutput> outputs_;
};

}  // namespace rig
