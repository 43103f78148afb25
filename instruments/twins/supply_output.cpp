// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/supply_output.hpp"

#include <algorithm>
#include <cmath>

namespace rig {
namespace {

constexpr Nanoseconds protection_looks_after{10'000'000};
constexpr Nanoseconds fall_step{25'000'000};
constexpr double bleeds_a = 0.05;  ///< what an output that is off still drives while it falls

double stepped(double value, double step) {
    return std::round(value / step) * step;
}

}  // namespace

SupplyOutput::SupplyOutput(Clock& clock, Terminals* terminals, const Type& type, Spread& spread)
    : clock_(clock), terminals_(terminals), type_(type) {
    drive_gain_ = 1.0 + type.gain_error / 3 * spread.next();
    drive_offset_ = type.offset.value / 3 * spread.next();
    read_gain_ = 1.0 + type.gain_error / 3 * spread.next();
    read_offset_ = type.offset.value / 3 * spread.next();
    read_offset_a_ = type.offset_a.value / 3 * spread.next();
    drive();
}

void SupplyOutput::set_volts(double volts) {
    volts_ = stepped(volts, type_.volts_step.value);
    drive();
}

void SupplyOutput::set_amperes(double amperes) {
    amperes_ = stepped(amperes, type_.amperes_step.value);
    drive();
}

void SupplyOutput::switch_to(bool on) {
    const int switching = ++switchings_;
    clock_.at(clock_.now() + type_.switching, [alive = std::weak_ptr(alive_), this, switching, on] {
        if (alive.expired() || switchings_ != switching) return;
        if (on && (over_voltage.tripped || over_current.tripped)) return;
        on_ = on;
        drive();
    });
}

void SupplyOutput::drop() {
    ++switchings_;
    on_ = false;
    drive();
}

double SupplyOutput::read_volts() const {
    const double volts = terminals_ ? terminals_->voltage().value : stands_;
    return stepped(std::max(0.0, volts * read_gain_ + (on_ ? read_offset_ : 0.0)), type_.volts_step.value);
}

double SupplyOutput::read_amperes() const {
    const double amperes = terminals_ ? terminals_->current().value : 0.0;
    return stepped(amperes * read_gain_ + (on_ ? read_offset_a_ : 0.0), type_.amperes_step.value) + 0.0;
}

bool SupplyOutput::limits() const {
    return on_ && terminals_ &&
           std::abs(terminals_->current().value) >= amperes_ - type_.amperes_step.value / 2;
}

void SupplyOutput::look() {
    if (!on_) return;
    const double stands = terminals_ ? terminals_->voltage().value : stands_;
    if (over_voltage.armed && std::max(stands, volts_) > over_voltage.level + type_.volts_step.value / 2)
        over_voltage.tripped = true;
    const double flows = terminals_ ? std::abs(terminals_->current().value) : 0.0;
    if (over_current.armed && flows >= over_current.level - type_.amperes_step.value / 2)
        over_current.tripped = true;
    if (over_voltage.tripped || over_current.tripped) drop();
}

void SupplyOutput::drive() {
    const double target = on_ ? volts_ * drive_gain_ + drive_offset_ : 0.0;
    const int move = ++moves_;
    if (target >= stands_)
        impose(target);
    else
        fall(move);
    if (on_ && (over_voltage.armed || over_current.armed))
        clock_.at(clock_.now() + protection_looks_after, [alive = std::weak_ptr(alive_), this] {
            if (!alive.expired()) look();
        });
}

void SupplyOutput::fall(int move) {
    const double target = on_ ? volts_ * drive_gain_ + drive_offset_ : 0.0;
    const double step = type_.falls_v_per_s * 1e-9 * static_cast<double>(fall_step.count());
    impose(std::max(target, stands_ - step));
    if (stands_ <= target) return;
    clock_.at(clock_.now() + fall_step, [alive = std::weak_ptr(alive_), this, move] {
        if (!alive.expired() && moves_ == move) fall(move);
    });
}

void SupplyOutput::impose(double volts) {
    stands_ = volts;
    if (!terminals_) return;
    Terminals::Drive drive;
    if (on_ || volts > 0.0)
        drive = {Terminals::Drive::Mode::voltage, Volts{volts}, Amperes{on_ ? amperes_ : bleeds_a}};
    terminals_->drive(drive);
}

}  // namespace rig
