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

/// What a Rigol DP832 would answer: 30 V twice and 5 V, 3 A each, none of which takes any current. A
/// command takes it up to 50 ms; one that names no channel is the selected channel's; an unloaded output
/// needs 200 to 400 ms to fall.
class RigolDp800Twin : public ScpiTwin {
public:
    static constexpr int channels = 3;

    /// `terminals[0]` is channel 1's; null or beyond the end: nothing is connected.
    RigolDp800Twin(Clock& clock, std::unique_ptr<ByteLink> link, const std::vector<Terminals*>& terminals,
                   std::uint64_t seed);

private:
    void add_system_commands();
    void add_source_commands(bool numbered);
    void add_apply_commands();
    void add_output_commands();
    void add_protection(const std::string& header, SupplyOutput::Guard SupplyOutput::*guard);
    SupplyOutput& output(int number);
    SupplyOutput& named(const std::string& channel);
    SupplyOutput& asked(const Call& call);
    SupplyOutput& told(const Call& call);
    static const std::string& value(const Call& call);
    void reset() override;

    std::deque<SupplyOutput> outputs_;
    int selected_ = 1;
    bool beeps_ = true, too_hot_ends_ = true;
};

}  // namespace rig
