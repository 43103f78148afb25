// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/scpi_twin.hpp"

namespace rig {

/// What a Keysight 34461A would answer, or a Siglent SDM3055, of DC volts. Left to itself it chooses
/// its range, late and one too high, with that range's error. Below one power line cycle it does
/// not correct its zero, which is millivolts off.
class Keysight34461aTwin : public ScpiTwin {
public:
    enum class Model { keysight_34461a, siglent_sdm3055 };

    /// `terminals`: what its leads hang on. `seed` draws this unit's errors.
    Keysight34461aTwin(Clock& clock, std::unique_ptr<ByteLink> link, const Terminals& terminals,
                       std::uint64_t seed, Model model = Model::keysight_34461a);

private:
    double reading() const;
    void choose(const std::string& range);
    void reset() override;

    const Terminals& terminals_;
    bool automatic_ = true;
    double range_ = 1000.0;
    double line_cycles_ = 10.0;
    double offset_part_, zero_;
};

}  // namespace rig
