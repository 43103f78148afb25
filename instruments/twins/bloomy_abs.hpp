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

/// What a Bloomy ABS would answer: eight cells of 0 to 5 V, 5 A either way. Lines end in CR LF both
/// ways; on RS-485 each begins with "@id " and goes to that unit alone. *RST reboots it: its
/// outputs go off and it is deaf for 10 s.
class BloomyAbsTwin : public ScpiTwin {
public:
    static constexpr int channels = 8;

    /// `terminals[0]` is channel 1's; null or beyond the end: nothing is connected. `id`: of a unit on
    /// RS-485; 0: it is reached over TCP and has none.
    BloomyAbsTwin(Clock& clock, std::unique_ptr<ByteLink> link, const std::vector<Terminals*>& terminals,
                  std::uint64_t seed, int id = 0);

private:
    SupplyOutput& output(const Call& call);
    int faults(SupplyOutput& output);
    void reset() override;

    std::vector<double> sinks_ = std::vector<double>(channels, 0.0);
    std::deque<SupplyOutput> outputs_;
};

}  // namespace rig
