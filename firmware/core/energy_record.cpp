// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/energy_record.hpp"

#include "firmware/core/crc16.hpp"

namespace bms {
namespace {

constexpr uint8_t layout = 0x10, layout_mask = 0xF0;
constexpr uint8_t calibrated_bit = 0x01, emptied_bit = 0x02, clock_set_bit = 0x04;
constexpr uint8_t covered = StoredEnergy::size - 2;

/// Walks the fields in the order of the layout, each with its width in bytes; the one list of
/// them, for both directions.
template <class State, class Field>
void each_field(State& s, Field&& field) {
    field(s.stored_wh, 3);
    field(s.time_of_day, 2);
    field(s.collected_today, 3);
    field(s.consumed_today, 3);
    field(s.collected_total, 4);
    field(s.consumed_total, 4);
    field(s.charged, 4);
    field(s.discharged, 4);
}

struct Put {
    uint8_t* at;
    void operator()(uint32_t value, uint8_t width) {
        if (width < 4 && (value >> (8 * width)) != 0) value = 0xFFFFFFFF;  // saturates, never wraps
        while (width-- > 0)
            *at++ = static_cast<uint8_t>((value >> (8 * width)) & 0xFF);
    }
};

struct Get {
    const uint8_t* at;
    template <class Value>
    void operator()(Value& value, uint8_t width) {
        uint32_t read = 0;
        while (width-- > 0)
            read = read << 8 | *at++;
        value = static_cast<Value>(read);
    }
};

}  // namespace

StoredEnergy store(const EnergyState& state, uint16_t sequence) {
    StoredEnergy stored;
    Put put{stored.bytes};
    put(sequence, 2);
    put(static_cast<uint8_t>(layout | (state.calibrated ? calibrated_bit : 0) |
                             (state.emptied ? emptied_bit : 0) | (state.clock_set ? clock_set_bit : 0)),
        1);
    each_field(state, put);
    put(crc16(stored.bytes, covered), 2);
    return stored;
}

bool load(const StoredEnergy& stored, EnergyState& state) {
    Get get{stored.bytes + covered};
    uint16_t crc;
    get(crc, 2);
    const uint8_t flags = stored.bytes[2];
    if (crc != crc16(stored.bytes, covered) || (flags & layout_mask) != layout) return false;
    state.calibrated = (flags & calibrated_bit) != 0;
    state.emptied = (flags & emptied_bit) != 0;
    state.clock_set = (flags & clock_set_bit) != 0;
    get.at = stored.bytes + 3;
    each_field(state, get);
    return true;
}

}  // namespace bms
