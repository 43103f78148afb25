// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/clock.hpp"
#include "instruments/register_link.hpp"
#include "instruments/supply_unit.hpp"

namespace rig {

/// A Riden RD6006, RD6012 or RD6018: one channel of 60 V that only delivers, behind Modbus registers.
/// What a register's step is worth depends on the model, which the unit says itself.
class RidenRd60xx : public SupplyUnit {
public:
    /// Identifies the instrument and leaves its output verified off.
    RidenRd60xx(Clock& clock, std::unique_ptr<RegisterLink> link, const std::string& name);
    ~RidenRd60xx() override;

    InstrumentIdentity identity() const override;
    int channels() const override { return 1; }
    CellSupply& channel(int number) override;
    OffSequence off_sequence() const override;
    int descriptor() const override;

private:
    class Output;
    std::shared_ptr<Output> output_;
};

}  // namespace rig
