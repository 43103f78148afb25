// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/ext_frame.hpp"
#include "firmware/core/ext_status.hpp"
#include "firmware/core/pack.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// When the extended data output sends: with every message, and at the same pace without any.
class ExtSchedule {
public:
    explicit ExtSchedule(Ticks now) : due_(now + Profile::message_period), silent_until_(now) {}

    void message(Ticks now, bool fast = false) {
        period_ = message_period(fast);
        due_ = reached(now, silent_until_) ? now : silent_until_;
        paced_by_chain_ = true;
    }

    /// True when a frame is to be sent now.
    bool step(Ticks now) {
        if (!reached(now, due_)) return false;
        silent_until_ = now + frame_and_silence;
        due_ = now + period_ + (paced_by_chain_ ? patience : 0);
        paced_by_chain_ = false;
        return true;
    }

    Ticks due() const { return due_; }

private:
    static constexpr Ticks frame_and_silence = at_least_ms(61 + 350);
    static constexpr Ticks patience = about_ms(100);
    Ticks period_ = Profile::message_period;
    Ticks due_, silent_until_;
    bool paced_by_chain_ = false;
};

/// The key/value pairs: keys in rising order, one per frame; a value of several bytes is taken
/// at its first byte so that it never tears.
class KeyCycle {
public:
    uint8_t key() const { return key_; }
    uint8_t value(const Pack& pack, uint8_t status_2);
    void advance() { key_ = key_ + 1 < ext_key::count ? static_cast<uint8_t>(key_ + 1) : uint8_t{0}; }

private:
    uint8_t key_ = 0;
    uint32_t latched_ = 0;
};

/// Composes the frames of the extended data output.
class ExtReport {
public:
    ExtFrame next(const Pack& pack, bool charge_relay, bool load_relay);

private:
    uint8_t next_cell(const Pack& pack);

    uint8_t cell_ = 0;
    bool in_step_ = false;
    KeyCycle keys_;
};

}  // namespace bms
