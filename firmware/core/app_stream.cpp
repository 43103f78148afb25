// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/app_stream.hpp"

namespace bms {
namespace {

constexpr char separator = '_', end_of_record = '\r';

void field(AppText& text, uint16_t value, uint8_t digits) {
    text.put(separator);
    text.put_hex(value, digits);
}

void long_field(AppText& text, uint32_t value) {
    field(text, static_cast<uint16_t>((value >> 16) & 0xFF), 2);
    text.put_hex(static_cast<uint16_t>(value & 0xFFFF), 4);
}

/// EXT's totals saturate at 24 bits; the records have as many.
void energy_field(AppText& text, uint32_t value) {
    constexpr uint32_t most = 0xFFFFFF;
    long_field(text, value > most ? most : value);
}

void current_field(AppText& text, int32_t counts, bool known, SensorType type) {
    const uint32_t size = known ? type.on_stream_grid(size_of(counts)) : 0;
    text.put(separator);
    text.put(known ? sign_of(counts, size) : 'X');
    text.put_hex(in_a_word(size), 4);
}

void decimal(AppText& text, uint8_t value) {
    text.put(static_cast<char>('0' + value / 10));
    text.put(static_cast<char>('0' + value % 10));
}

void tell_currents(const Pack& pack, AppText& text) {
    const ChainFrame& last = pack.last_message();
    const bool known = pack.heard() && !pack.communication_error();
    const bool first = known && last.i1 != ChainFrame::current_absent;
    const bool second = known && last.i2 != ChainFrame::current_absent;
    const SensorType type = sensor_type(last, pack.settings());
    text.put('U');
    if (last.sum > 0xFFFF)
        long_field(text, last.sum);
    else
        field(text, static_cast<uint16_t>(last.sum), 4);
    current_field(text, last.i1, first, type);
    current_field(text, StateOfCharge::battery_current(last), first || second, type);
    current_field(text, last.i2, second, type);
}

void tell_voltages(const ChainFrame& last, AppText& text) {
    text.put('V');
    field(text, last.lowest_voltage, 4);
    field(text, last.lowest_voltage_cell, 2);
    field(text, last.highest_voltage, 4);
    field(text, last.highest_voltage_cell, 2);
    field(text, last.balance_voltage, 4);
}

void tell_temperatures(const ChainFrame& last, AppText& text) {
    text.put('T');
    field(text, raw_temperature(last.lowest_temperature), 4);
    field(text, last.lowest_temperature_cell, 2);
    field(text, raw_temperature(last.highest_temperature), 4);
    field(text, last.highest_temperature_cell, 2);
}

void tell_energy(const Pack& pack, AppText& text) {
    text.put('E');
    energy_field(text, pack.energy().collected_today_wh());
    energy_field(text, pack.soc().stored_wh());
    energy_field(text, pack.energy().consumed_today_wh());
    field(text, pack.soc().percent(pack.settings()), 2);
}

void tell_totals(const EnergyCounters& energy, AppText& text) {
    const uint16_t clock = energy.clock_minutes();
    text.put('M');
    energy_field(text, energy.collected_total_kwh());
    energy_field(text, energy.consumed_total_kwh());
    text.put(separator);
    decimal(text, static_cast<uint8_t>(clock / 60));
    text.put(':');
    decimal(text, static_cast<uint8_t>(clock % 60));
}

}  // namespace

bool AppStream::next(const Pack& pack, AppText& record) {
    while (let_out_ != 0) {
        const uint8_t left = static_cast<uint8_t>(let_out_ & (let_out_ - 1));
        const uint8_t first = static_cast<uint8_t>(let_out_ ^ left);
        let_out_ = left;
        record.clear();
        if (!tell(first, pack, record)) continue;
        record.put(end_of_record);
        return true;
    }
    return false;
}

bool AppStream::tell(uint8_t record, const Pack& pack, AppText& text) {
    // ALM-04: under E no cell is told of, nor before there was one to tell of.
    const bool cells_known = pack.heard() && !pack.communication_error();
    switch (record) {
        case currents:
            tell_currents(pack, text);
            return true;
        case voltages:
            tell_voltages(pack.last_message(), text);
            return cells_known;
        case temperatures:
            tell_temperatures(pack.last_message(), text);
            return cells_known;
        case one_cell:
            return cells_known && tell_next_cell(pack, text);
        case energy:
            tell_energy(pack, text);
            return true;
        default:
            tell_totals(pack.energy(), text);
            return true;
    }
}

/// A round of its own over all cells, so that a client that fetches only every second burst is
/// told of each. One that has not been heard of yet is passed over.
bool AppStream::tell_next_cell(const Pack& pack, AppText& text) {
    const uint8_t count = pack.last_message().hops;
    for (uint8_t tried = 0; tried < count; ++tried) {
        cell_ = cell_ < count ? static_cast<uint8_t>(cell_ + 1) : uint8_t{1};
        const CellCache::Cell cell = pack.cells().get(cell_);
        if (cell.voltage == 0) continue;
        text.put('C');
        field(text, cell_, 2);
        field(text, count, 2);
        field(text, cell.voltage, 4);
        field(text, raw_temperature(cell.temperature), 4);
        field(text, pack.status1(), 2);
        return true;
    }
    return false;
}

}  // namespace bms
