// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/supply_unit.hpp"

namespace rig {

/// A Korad KA3005P (also sold by Tenma): one channel of 30 V, 5 A that only delivers, in steps of
/// 10 mV, on a serial line at 9600 baud. Its words have no end but silence, which the driver keeps. It
/// knows no errors; its protections have no levels of their own and trip at the setpoints.
class KoradKa3005p : public SupplyUnit {
public:
    /// Identifies the instrument and leaves its output verified off.
    KoradKa3005p(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name);
    ~KoradKa3005p() override;

    InstrumentIdentity identity() const override;
    int channels() const override { return 1; }
    CellSupply& channel(int number) override;
    OffSequence off_sequence() const override;
    int descriptor() const override;

private:
    class Output;
    std::shared_ptr<Output> output_;
    InstrumentIdentity identity_;
};

}  // namespace rig
