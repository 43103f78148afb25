// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/cell_supply.hpp"
#include "instruments/off_sequence.hpp"

namespace rig {

/// One instrument with one or more channels that stand for cells. Once made it is
/// identified and its channels are verified off.
class SupplyUnit : public Guarded {
public:
    virtual int channels() const = 0;

    /// 1-based; lives as long as the unit.
    virtual CellSupply& channel(int number) = 0;
};

}  // namespace rig
