// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/ext_frame.hpp"

namespace bms {
namespace {

constexpr uint8_t checksum_at = ExtFrame::size - 1;

uint8_t sum_of(const uint8_t* bytes) {
    uint8_t sum = 0;
    for (uint8_t i = 0; i < checksum_at; ++i)
        sum = static_cast<uint8_t>(sum + bytes[i]);
    return sum;
}

class Writer {
public:
    explicit Writer(uint8_t* at) : at_(at) {}
    void put8(uint8_t value) { *at_++ = value; }
    void put16(uint16_t value) {
        put8(static_cast<uint8_t>(value >> 8));
        put8(static_cast<uint8_t>(value & 0xFF));
    }
    /// Totals saturate at 24 bits: they never wrap.
    void put24(uint32_t value) {
        if (value > 0xFFFFFF) value = 0xFFFFFF;
        put8(static_cast<uint8_t>(value >> 16));
        put16(static_cast<uint16_t>(value & 0xFFFF));
    }
    void put(const ExtCurrent& current) {
        put8(static_cast<uint8_t>(current.sign));
        put16(current.magnitude);
    }

private:
    uint8_t* at_;
};

class Reader {
public:
    explicit Reader(const uint8_t* at) : at_(at) {}
    uint8_t get8() { return *at_++; }
    uint16_t get16() {
        const uint8_t high = get8();
        return static_cast<uint16_t>(static_cast<uint16_t>(high << 8) | get8());
    }
    uint32_t get24() {
        const uint8_t high = get8();
        return (static_cast<uint32_t>(high) << 16) | get16();
    }
    ExtCurrent get_current() {
        const char sign = static_cast<char>(get8());
        return ExtCurrent{sign, get16()};
    }

private:
    const uint8_t* at_;
};

}  // namespace

void encode(const ExtFrame& frame, uint8_t (&bytes)[ExtFrame::size]) {
    Writer to{bytes};
    to.put24(frame.pack_voltage);
    to.put(frame.i1);
    to.put(frame.i2);
    to.put(frame.battery);
    to.put16(frame.lowest_voltage);
    to.put8(frame.lowest_voltage_cell);
    to.put16(frame.highest_voltage);
    to.put8(frame.highest_voltage_cell);
    to.put16(frame.lowest_temperature);
    to.put8(frame.lowest_temperature_cell);
    to.put16(frame.highest_temperature);
    to.put8(frame.highest_temperature_cell);
    to.put8(frame.cell);
    to.put8(frame.count);
    to.put16(frame.cell_voltage);
    to.put16(frame.cell_temperature);
    to.put8(frame.status);
    to.put24(frame.collected_today_wh);
    to.put24(frame.stored_wh);
    to.put24(frame.consumed_today_wh);
    to.put8(frame.soc_percent);
    to.put24(frame.collected_total_kwh);
    to.put24(frame.consumed_total_kwh);
    to.put8(frame.key_byte);
    to.put8(frame.value);
    to.put16(frame.capacity_100wh);
    to.put16(frame.v_min);
    to.put16(frame.v_max);
    to.put16(frame.balance_voltage);
    to.put8(sum_of(bytes));
}

bool decode(const uint8_t (&bytes)[ExtFrame::size], ExtFrame& frame) {
    if (bytes[checksum_at] != sum_of(bytes)) return false;
    Reader from{bytes};
    frame.pack_voltage = from.get24();
    frame.i1 = from.get_current();
    frame.i2 = from.get_current();
    frame.battery = from.get_current();
    frame.lowest_voltage = from.get16();
    frame.lowest_voltage_cell = from.get8();
    frame.highest_voltage = from.get16();
    frame.highest_voltage_cell = from.get8();
    frame.lowest_temperature = from.get16();
    frame.lowest_temperature_cell = from.get8();
    frame.highest_temperature = from.get16();
    frame.highest_temperature_cell = from.get8();
    frame.cell = from.get8();
    frame.count = from.get8();
    frame.cell_voltage = from.get16();
    frame.cell_temperature = from.get16();
    frame.status = from.get8();
    frame.collected_today_wh = from.get24();
    frame.stored_wh = from.get24();
    frame.consumed_today_wh = from.get24();
    frame.soc_percent = from.get8();
    frame.collected_total_kwh = from.get24();
    frame.consumed_total_kwh = from.get24();
    frame.key_byte = from.get8();
    frame.value = from.get8();
    frame.capacity_100wh = from.get16();
    frame.v_min = from.get16();
    frame.v_max = from.get16();
    frame.balance_voltage = from.get16();
    return true;
}

}  // namespace bms
