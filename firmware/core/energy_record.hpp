// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// What a power cut must not take: how full the pack is, and every counter in whole watt-hours.
struct EnergyState {
    uint32_t stored_wh{};
    bool calibrated{}, emptied{};
    bool clock_set{};        ///< time_of_day is the app's, as of the moment of writing
    uint16_t time_of_day{};  ///< 2 s since midnight, or since the day of running began
    uint32_t collected_today{}, consumed_today{};
    uint32_t collected_total{}, consumed_total{}, charged{}, discharged{};
};

/// An EnergyState as it lies in EEPROM: sequence number, layout and flags, fields, CRC-16.
struct StoredEnergy {
    static constexpr uint8_t size = 2 + 1 + 3 + 2 + 2 * 3 + 4 * 4 + 2;
    uint8_t bytes[size];

    uint16_t sequence() const {
        return static_cast<uint16_t>(static_cast<uint16_t>(bytes[0] << 8) | bytes[1]);
    }
};

StoredEnergy store(const EnergyState& state, uint16_t sequence);

/// False, and `state` untouched, when the CRC is wrong or the layout another.
bool load(const StoredEnergy& stored, EnergyState& state);

/// The records take turns in a ring, so that each place is written once in 32 records and the
/// newest stays whole while the next is written.
struct EnergyRing {
    static constexpr uint16_t begins_at = 256;
    static constexpr uint8_t records = 32;

    static constexpr uint16_t address(uint8_t place) {
        return static_cast<uint16_t>(begins_at + place * uint16_t{StoredEnergy::size});
    }

    EnergyState newest{};
    bool any = false;
    uint16_t next_sequence{};
    uint8_t next_place{};

    /// `read(address, bytes, count)` fetches from EEPROM.
    template <class Read>
    static EnergyRing find(Read read) {
        EnergyRing ring;
        for (uint8_t place = 0; place < records; ++place) {
            StoredEnergy stored;
            read(address(place), stored.bytes, StoredEnergy::size);
            ring.consider(stored, place);
        }
        return ring;
    }

private:
    void consider(const StoredEnergy& stored, uint8_t place) {
        EnergyState state;
        if (!load(stored, state)) return;
        const uint16_t next = static_cast<uint16_t>(stored.sequence() + 1);
        if (any && static_cast<uint16_t>(next - next_sequence) >= 0x8000) return;
        newest = state;
        any = true;
        next_sequence = next;
        next_place = place + 1 < records ? static_cast<uint8_t>(place + 1) : uint8_t{0};
    }
};

}  // namespace bms
