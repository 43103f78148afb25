// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/chain_frame.hpp"

namespace bms {

/// The last good voltage and temperature of every cell. Cells take turns in the chain, so a
/// cell's own values may be a whole round old; the extremes are renewed with every message.
class CellCache {
public:
    struct Cell {
        uint16_t voltage;     ///< 5 mV; 0: not heard of yet
        uint8_t temperature;  ///< as in the chain
    };

    void put(uint8_t cell, uint16_t voltage, uint8_t temperature) {
        put_voltage(cell, voltage);
        put_temperature(cell, temperature);
    }

    void message(const ChainFrame& frame) {
        if (frame.turn_voltage != 0) put(frame.turn, frame.turn_voltage, frame.turn_temperature);
        if (frame.balancing == 0)
            none_balances();
        else
            put_balancing(frame.turn, frame.turn_balancing);
        put_voltage(frame.lowest_voltage_cell, frame.lowest_voltage);
        put_voltage(frame.highest_voltage_cell, frame.highest_voltage);
        put_temperature(frame.lowest_temperature_cell, frame.lowest_temperature);
        put_temperature(frame.highest_temperature_cell, frame.highest_temperature);
    }

    void forget(uint8_t cell) { put(cell, 0, 0); }

    Cell get(uint8_t cell) const { return {voltages_[cell], temperatures_[cell]}; }

    /// As the cell said in its last turn; the count of those that balance is renewed with every
    /// message, so that none balances any more when that is 0.
    bool balances(uint8_t cell) const { return (balancing_[cell / 8] & mask(cell)) != 0; }

private:
    static constexpr uint8_t mask(uint8_t cell) { return static_cast<uint8_t>(1 << cell % 8); }

    void put_balancing(uint8_t cell, bool balances) {
        const uint8_t others = static_cast<uint8_t>(balancing_[cell / 8] & ~mask(cell));
        balancing_[cell / 8] = balances ? static_cast<uint8_t>(others | mask(cell)) : others;
    }
    void none_balances() {
        for (uint8_t& cells : balancing_)
            cells = 0;
    }

    void put_voltage(uint8_t cell, uint16_t voltage) { voltages_[cell] = voltage; }
    void put_temperature(uint8_t cell, uint8_t temperature) { temperatures_[cell] = temperature; }

    // Indexed by the cell's number: every byte is a valid index.
    uint16_t voltages_[256] = {};
    uint8_t temperatures_[256] = {};
    uint8_t balancing_[256 / 8] = {};
};

}  // namespace bms
