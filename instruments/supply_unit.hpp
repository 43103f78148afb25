// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/cell_supply.hpp"
#include "instruments/instrument_identity.hpp"
#include "instruments/off_sequence.hpp"

namespace rig {

/// One instrument with one or more channels that stand for cells. Once made it is
/// identified and its channels are verified off.
class SupplyUnit : public Guarded {
public:
    /// No answer: it is of a kind that cannot be asked.
    virtual InstrumentIdentity identity() const { return {}; }

    virtual int channels() const = 0;

    /// 1-based; lives as long as the unit.
    virtual CellSupply& channel(int number) = 0;
};

}  // namespace rig
