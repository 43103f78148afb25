// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/scpi_twin.hpp"

namespace rig {

/// What an NGI N83624 (24 channels, 0 to 6 V, ±3 A) would answer. Where the
/// maker's papers are silent it does the least convenient plausible thing:
/// it clamps a setpoint without a word, its output relay takes its time, it refuses mode
/// and range while the output is on, and *RST takes it off the network.
class NgiN83624Twin : public ScpiTwin {
public:
    static constexpr int channels = 24;

    /// `terminals[0]` is channel 1's; null or beyond the end: nothing is connected.
    /// `seed` draws this unit's errors, within its class's accuracy.
    NgiN83624Twin(Clock& clock, std::unique_ptr<ByteLink> link, std::vector<Terminals*> terminals,
                  std::uint64_t seed);

private:
    struct Channel {
        Terminals* terminals = nullptr;
        Volts setpoint{0.0};
        Amperes limit{0.0};
        int mode = 0, range = 3;
        bool on = false;     ///< the output relay itself
        int switchings = 0;  ///< a later switch command overtakes an earlier relay's move
        double drive_gain = 1.0, read_gain = 1.0;
        Volts drive_offset{0.0}, read_offset{0.0};
        Amperes read_offset_a{0.0};
    };

    void add_source_commands();
    void add_output_commands();
    void add_measurements();
    Channel& channel(const Call& call);
    /// "(@1,2)" and "(@1:4)", or the header's own suffix where no list was sent.
    std::vector<Channel*> called(const Call& call);
    void drive(const Channel& channel);
    void switch_output(Channel& channel, bool on);
    static int status(const Channel& channel);
    void reset() override;

    std::array<Channel, channels> channels_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace rig
