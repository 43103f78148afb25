// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/ticks.hpp"

namespace bms {

enum class Coil : uint8_t { none, charge_set, charge_reset, load_set, load_reset };

/// Moves the two bistable relays: one coil at a time, a short pulse, then a rest. Opening goes
/// before closing, and closing waits until the board's own cell can deliver the pulse.
class RelayPulses {
public:
    /// Pulses both relays to where they should be, whatever they were.
    explicit RelayPulses(Ticks now) : next_at_(now), refresh_at_(now + refresh) {}

    /// The coil to energise from now on.
    Coil step(Ticks now, bool allow_charge, bool allow_load, uint16_t own_voltage) {
        aim(charge_, allow_charge);
        aim(load_, allow_load);
        if (reached(now, refresh_at_)) {
            refresh_at_ = now + refresh;
            charge_.due = load_.due = true;
        }
        if (!reached(now, next_at_)) return energised_;
        if (energised_ != Coil::none) {
            energised_ = Coil::none;
            next_at_ = now + rest;
            return energised_;
        }
        energised_ = next(own_voltage);
        // Also when nothing moves: while closing waits for a low cell it would get too old to compare.
        next_at_ = energised_ != Coil::none ? now + pulse : now;
        return energised_;
    }

    /// When step() must be called again, unless what it is told changes before.
    Ticks due(Ticks now) const {
        if (energised_ != Coil::none || ((charge_.due || load_.due) && !reached(now, next_at_)))
            return next_at_;
        return refresh_at_;
    }

    /// Where the contacts stand.
    bool charge_active() const { return charge_.set; }
    bool load_active() const { return load_.set; }

private:
    static constexpr Ticks pulse = about_ms(30);
    static constexpr Ticks rest = at_least_ms(105);
    static constexpr Ticks refresh = seconds(3600);
    static constexpr uint16_t closes_from = 2200 / 5;

    struct Relay {
        bool wanted{}, set{}, due = true;
    };

    static void aim(Relay& relay, bool wanted) {
        if (relay.wanted == wanted) return;
        relay.wanted = wanted;
        relay.due = true;
    }

    Coil next(uint16_t own_voltage) {
        if (charge_.due && !charge_.wanted) return move(charge_, Coil::charge_reset);
        if (load_.due && !load_.wanted) return move(load_, Coil::load_reset);
        if (own_voltage < closes_from) return Coil::none;
        if (charge_.due) return move(charge_, Coil::charge_set);
        if (load_.due) return move(load_, Coil::load_set);
        return Coil::none;
    }

    static Coil move(Relay& relay, Coil coil) {
        relay.due = false;
        relay.set = relay.wanted;
        return coil;
    }

    Relay charge_, load_;
    Coil energised_ = Coil::none;
    Ticks next_at_, refresh_at_;
};

}  // namespace bms
