// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/pack.hpp"

#include "firmware/core/ext_status.hpp"

namespace bms {
namespace {

/// What is shown before the chain was heard: the smallest pack, whose last cell is our own.
constexpr uint8_t assumed_count = 2;

bool all_cells_plausible(const ChainFrame& frame) {
    return frame.faulty_cell == 0 && plausible_voltage(frame.lowest_voltage) &&
           plausible_voltage(frame.highest_voltage);
}

constexpr uint8_t bit(bool on, uint8_t mask) {
    return on ? mask : uint8_t{0};
}

}  // namespace

Pack::Pack(Ticks now, const Settings& settings, bool settings_lost, const Resumed& resumed)
    : settings_(settings),
      alarm_(now),
      soc_(settings),
      charge_(resumed.any && resumed.charge),
      load_(resumed.any && resumed.load),
      started_at_(now),
      stepped_at_(now),
      resumed_until_(now + periods_resumed * Profile::fast_message_period),
      settings_lost_(settings_lost),
      resumed_(resumed.any) {
    last_.hops = assumed_count;
    last_.i1 = last_.i2 = ChainFrame::current_absent;
}

void Pack::own_cell(const Contribution& own) {
    if (heard_) return;
    last_.sum = last_.lowest_voltage = last_.highest_voltage = own.voltage;
    last_.lowest_temperature = last_.highest_temperature = own.temperature;
    last_.lowest_voltage_cell = last_.highest_voltage_cell = assumed_count;
    last_.lowest_temperature_cell = last_.highest_temperature_cell = assumed_count;
    cells_.put(assumed_count, own.voltage, own.temperature);
}

bool Pack::message(Ticks now, const ChainFrame& frame) {
    if (!messages_.fresh(frame.sequence)) return false;

    const Ticks period = message_period(frame.fast);
    alarm_.tell_period(period);
    if (resumed_) resumed_until_ = started_at_ + periods_resumed * period;

    // A first board that has lost its hidden settings has lost the number of cells, too.
    verdict_ = frame.settings_lost ? CellCount::Verdict::wrong : count_.update(frame.hops, count_code(frame));
    if (verdict_ == CellCount::Verdict::wrong)
        alarm_.wrong_count();
    else if (all_cells_plausible(frame)) {
        if (verdict_ == CellCount::Verdict::fits) alarm_.complete_message(now);
        take_in(frame);

        const CellLimits limits{frame, settings_};
        warnings_.update(limits);
        soc_.message(frame, settings_, load_.allowed());
        const RelayConditions relays{frame, settings_, limits, warnings_, soc_, communication()};
        charge_.message(now, relays.charge_off, relays.charge_on);
        load_.message(now, relays.load_off, relays.load_on);
    }
    return true;
}

void Pack::take_in(const ChainFrame& frame) {
    if (!heard_) cells_.forget(assumed_count);
    heard_ = true;
    if (sensor_type(frame, settings_) != sensor_type(last_, settings_)) sensor_changed();
    last_ = frame;
    cells_.message(frame);
    count_energy(frame);
}

void Pack::count_energy(const ChainFrame& frame) {
    const uint32_t per_wh = sensor_type(frame, settings_).quanta_per_wh();
    const int16_t into_pack[] = {frame.i1, frame.i2 == ChainFrame::current_absent
                                               ? ChainFrame::current_absent
                                               : static_cast<int16_t>(-frame.i2)};
    for (const int16_t current : into_pack) {
        if (current == ChainFrame::current_absent) continue;
        const EnergyFlow flow{frame.sum, current, message_weight(frame.fast)};
        energy_.count(flow, per_wh);
        soc_.count(flow, per_wh);
    }
}

Communication Pack::communication() const {
    if (communication_error()) return Communication::lost;
    return verdict_ == CellCount::Verdict::fits ? Communication::good : Communication::unsettled;
}

void Pack::step(Ticks now) {
    energy_.elapse(trim_.passed(now - stepped_at_, clock_trim_));
    stepped_at_ = now;
    alarm_.step(now);
    charge_.step(now);
    load_.step(now);
    if (alarm_.raised() || settings_lost_) forbid_both(now);
    if (resumed_ && reached(now, resumed_until_)) {
        resumed_ = false;
        if (communication() != Communication::good) forbid_both(now);
    }
}

Ticks Pack::due() const {
    return resumed_ ? earlier(resumed_until_, alarm_.due()) : alarm_.due();
}

void Pack::forbid_both(Ticks now) {
    charge_.forbid(now);
    load_.forbid(now);
}

Refusal Pack::write(uint16_t address, uint16_t value) {
    if (address == app_address::clear_counters) {
        if (value != 1) return Refusal::range;
        energy_.clear_totals();
        return Refusal::none;
    }
    if (address == app_address::clock) {
        const uint8_t hour = static_cast<uint8_t>(value >> 8), minute = static_cast<uint8_t>(value & 0xFF);
        if (hour > 23 || minute > 59) return Refusal::range;
        energy_.set_clock(static_cast<uint16_t>(hour * 60 + minute));
        return Refusal::none;
    }
    const Settings before = settings_;
    const Refusal refusal = bms::write(settings_, address, value, last_.balance_voltage);
    if (refusal != Refusal::none) return refusal;
    settings_lost_ = false;
    changed_ = true;
    if (settings_.capacity != before.capacity) soc_.capacity_changed(before.capacity, settings_.capacity);
    if (settings_.sensor_type != before.sensor_type) sensor_changed();
    return Refusal::none;
}

void Pack::sensor_changed() {
    soc_.sensor_changed();
    energy_.drop_remainders();
}

uint8_t Pack::status1() const {
    const uint8_t soc = bit(!soc_.calibrated(), status1::soc_uncalibrated);
    if (communication_error()) return status1::communication_error | soc;
    return static_cast<uint8_t>(soc | bit(charge_.allowed(), status1::charge_allowed) |
                                bit(load_.allowed(), status1::discharge_allowed) |
                                bit(warnings_.v_low(), status1::v_min) |
                                bit(warnings_.v_high(), status1::v_max) |
                                bit(warnings_.t_low_charge() || warnings_.t_low_discharge(), status1::t_min) |
                                bit(warnings_.t_high(), status1::t_max));
}

uint8_t Pack::warnings2() const {
    const bool broken_order = heard_ && !in_order(settings_, full_voltage(settings_, last_.balance_voltage));
    const bool cells_known = !communication_error();
    return static_cast<uint8_t>(
        bit(settings_lost_ || broken_order || last_.calibration_lost, status2::early_warning) |
        bit(cells_known && warnings_.t_low_charge(), status2::below_t_min_charge) |
        bit(cells_known && warnings_.t_low_discharge(), status2::below_t_min_discharge));
}

}  // namespace bms
