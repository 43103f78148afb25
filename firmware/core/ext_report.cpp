// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/ext_report.hpp"

namespace bms {
namespace {

constexpr uint8_t health_percent = 100, efficiency_percent = 100;  ///< what the count assumes

ExtCurrent ext_current(int32_t counts, SensorType type) {
    const uint32_t eighths = type.in_eighths(size_of(counts));
    return ExtCurrent{sign_of(counts, eighths), in_a_word(eighths)};
}

constexpr ExtCurrent absent{'X', 0};

ExtCurrent sensor(int16_t counts, SensorType type) {
    return counts == ChainFrame::current_absent ? absent : ext_current(counts, type);
}

}  // namespace

uint8_t KeyCycle::value(const Pack& pack, uint8_t status_2) {
    const Settings& settings = pack.settings();
    switch (key_) {
        case ext_key::state_of_health:
            return health_percent;
        case ext_key::charge_efficiency:
            return efficiency_percent;
        case ext_key::firmware_major_minor:
            return static_cast<uint8_t>(version_major << 4 | version_minor);
        case ext_key::firmware_patch:
            return version_patch;
        case ext_key::status_2:
            return status_2;

        case ext_key::v_low_msb:
            latched_ = settings.v_low;
            break;
        case ext_key::v_nominal_msb:
            latched_ = settings.v_nominal;
            break;
        case ext_key::v_full_msb:
            latched_ = settings.v_full;
            break;
        case ext_key::cycles_msb:
            latched_ = pack.energy().cycles(settings.capacity);
            break;
        case ext_key::charged_msb:
            latched_ = pack.energy().charged_kwh();
            break;
        case ext_key::discharged_msb:
            latched_ = pack.energy().discharged_kwh();
            break;
        default:
            break;
    }
    switch (key_) {
        case ext_key::charged_msb:
        case ext_key::discharged_msb:
            return static_cast<uint8_t>(latched_ >> 16);
        case ext_key::v_low_lsb:
        case ext_key::v_nominal_lsb:
        case ext_key::v_full_lsb:
        case ext_key::cycles_lsb:
        case ext_key::charged_lsb:
        case ext_key::discharged_lsb:
            return static_cast<uint8_t>(latched_ & 0xFF);
        default:
            return static_cast<uint8_t>((latched_ >> 8) & 0xFF);
    }
}

/// The board's own round over 1..count. It starts in step with the chain's turns, so that no
/// cell is reported before it was heard.
uint8_t ExtReport::next_cell(const Pack& pack) {
    const ChainFrame& last = pack.last_message();
    if (!in_step_ && pack.heard() && last.turn >= 1 && last.turn <= last.hops) {
        in_step_ = true;
        return last.turn;
    }
    return cell_ < last.hops ? static_cast<uint8_t>(cell_ + 1) : uint8_t{1};
}

ExtFrame ExtReport::next(const Pack& pack, bool charge_relay, bool load_relay) {
    const ChainFrame& last = pack.last_message();
    const Settings& settings = pack.settings();
    const SensorType type = sensor_type(last, settings);
    const bool currents_known = pack.heard() && !pack.communication_error();
    const bool any_current = last.i1 != ChainFrame::current_absent || last.i2 != ChainFrame::current_absent;
    cell_ = next_cell(pack);
    const CellCache::Cell cell = pack.cells().get(cell_);

    ExtFrame frame;
    frame.pack_voltage = last.sum;
    frame.i1 = currents_known ? sensor(last.i1, type) : absent;
    frame.i2 = currents_known ? sensor(last.i2, type) : absent;
    frame.battery =
        currents_known && any_current ? ext_current(StateOfCharge::battery_current(last), type) : absent;
    frame.lowest_voltage = last.lowest_voltage;
    frame.lowest_voltage_cell = last.lowest_voltage_cell;
    frame.highest_voltage = last.highest_voltage;
    frame.highest_voltage_cell = last.highest_voltage_cell;
    frame.lowest_temperature = raw_temperature(last.lowest_temperature);
    frame.lowest_temperature_cell = last.lowest_temperature_cell;
    frame.highest_temperature = raw_temperature(last.highest_temperature);
    frame.highest_temperature_cell = last.highest_temperature_cell;
    frame.cell = cell_;
    frame.count = last.hops;
    frame.cell_voltage = cell.voltage;
    frame.cell_temperature = raw_temperature(cell.temperature);
    frame.status = pack.status1();
    frame.collected_today_wh = pack.energy().collected_today_wh();
    frame.stored_wh = pack.soc().stored_wh();
    frame.consumed_today_wh = pack.energy().consumed_today_wh();
    frame.soc_percent = pack.soc().percent(settings);
    frame.collected_total_kwh = pack.energy().collected_total_kwh();
    frame.consumed_total_kwh = pack.energy().consumed_total_kwh();
    if (Profile::ext_tells_clock) {
        const uint16_t minutes = pack.energy().clock_minutes();
        frame.key_byte = static_cast<uint8_t>(minutes / 60);
        frame.value = static_cast<uint8_t>(minutes % 60);
    } else {
        const uint8_t status_2 =
            static_cast<uint8_t>(pack.warnings2() | (charge_relay ? status2::charge_relay_active : 0) |
                                 (load_relay ? status2::load_relay_active : 0));
        frame.key_byte = static_cast<uint8_t>(keys_.key() + ext_key::key_offset);
        frame.value = keys_.value(pack, status_2);
        keys_.advance();
    }
    frame.capacity_100wh = settings.capacity;
    frame.v_min = settings.v_min;
    frame.v_max = settings.v_max;
    frame.balance_voltage = last.balance_voltage;
    return frame;
}

}  // namespace bms
