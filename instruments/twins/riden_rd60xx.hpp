// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "instruments/clock.hpp"
#include "instruments/register_link.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/supply_output.hpp"

namespace rig {

/// What a Riden's registers hold: an RD6006 counts its amperes in thousandths, an RD6012 and an
/// RD6018 in hundredths. It refuses what is out of range. A protection that tripped is forgotten when
/// the output is switched off by word.
class RidenRd60xxTwin : public RegisterSpace {
public:
    enum class Model { rd6006, rd6012, rd6018 };

    /// `terminals` null: nothing is connected.
    RidenRd60xxTwin(Clock& clock, Terminals* terminals, std::uint64_t seed, Model model = Model::rd6006);

    Registers read(std::uint16_t first, int count) override;
    void write(std::uint16_t first, const Registers& values) override;

private:
    std::uint16_t held(int address);
    bool takes(int address, int value) const;

    Model model_;
    double amperes_step_;
    Spread spread_;
    SupplyOutput output_;
};

}  // namespace rig
