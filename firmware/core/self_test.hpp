// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/ticks.hpp"

namespace bms {

/// One part of the board at a time doing what it otherwise would not, for a short while. A relay
/// is tested by opening it, which is always safe: where it belongs it goes by itself afterwards.
class SelfTest {
public:
    enum class Part : uint8_t { none, bypass, lights, charge_relay, load_relay };

    static constexpr uint8_t info_light = 0x01, charge_light = 0x02, load_light = 0x04;
    static constexpr uint8_t longest_tenths = 100;

    void bypass(Ticks now, uint8_t tenths) { begin(Part::bypass, now, tenths_of_second(tenths)); }

    /// Those in the mask lit, the others dark.
    void lights(Ticks now, uint8_t tenths, uint8_t mask) {
        lit_ = mask;
        begin(Part::lights, now, tenths_of_second(tenths));
    }

    void relay(Ticks now, Part relay) { begin(relay, now, relay_open); }

    void step(Ticks now) {
        begun_ = false;
        if (part_ != Part::none && reached(now, ends_at_)) part_ = Part::none;
    }
    /// When step() has something to do: at once when one has begun, for what went before it in the
    /// main loop.
    Ticks due(Ticks otherwise) const {
        if (begun_) return began_at_;
        return part_ == Part::none ? otherwise : earlier(ends_at_, otherwise);
    }

    bool conducts() const { return part_ == Part::bypass; }
    bool opens_charge() const { return part_ == Part::charge_relay; }
    bool opens_load() const { return part_ == Part::load_relay; }

    /// What a light shows that otherwise would show `otherwise`.
    bool light(uint8_t which, bool otherwise) const {
        return part_ == Part::lights ? (lit_ & which) != 0 : otherwise;
    }

private:
    static constexpr Ticks relay_open = seconds(1);

    static Ticks tenths_of_second(uint8_t tenths) { return tenths * (ticks_per_second / 10); }

    void begin(Part part, Ticks now, Ticks span) {
        part_ = span != 0 ? part : Part::none;
        begun_ = true;
        began_at_ = now;
        ends_at_ = now + span;
    }

    Part part_ = Part::none;
    uint8_t lit_ = 0;
    bool begun_ = false;
    Ticks began_at_ = 0, ends_at_ = 0;
};

}  // namespace bms
