// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/app_text.hpp"
#include "firmware/core/pack.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// What the app link tells without being asked: one burst of records per message, held until the
/// client's next byte. A burst that nobody fetched gives way to the newest, and what is let out
/// is composed only as the line takes it, so that holding costs no memory.
class AppStream {
public:
    static constexpr uint8_t longest_record = 27;  ///< U, beyond 327.675 V

    void start(Ticks now) {
        running_ = true;
        stops_at_ = now + patience;
    }
    void stop() { *this = AppStream{}; }
    bool running() const { return running_; }

    /// The stream ends when its client has not flushed for too long.
    void step(Ticks now) {
        if (running_ && reached(now, stops_at_)) stop();
    }

    /// Any byte lets out what is held; one that finds nothing is not remembered.
    void byte_arrived(Ticks now, bool flush) {
        if (!running_) return;
        if (flush) stops_at_ = now + patience;
        if (held_) let_out_ = every_record;
        held_ = false;
    }

    /// A message, or its absence for a message period: there is something new to tell.
    void news() { held_ = running_; }

    /// The next record that was let out, its CR included. False when there is none.
    bool next(const Pack& pack, AppText& record);

private:
    static constexpr Ticks patience = seconds(10);

    /// In the order of the wire.
    enum Record : uint8_t {
        currents = 0x01,
        voltages = 0x02,
        temperatures = 0x04,
        one_cell = 0x08,
        energy = 0x10,
        totals = 0x20,
        every_record = 0x3F
    };

    bool tell(uint8_t record, const Pack& pack, AppText& text);
    bool tell_next_cell(const Pack& pack, AppText& text);

    bool running_ = false, held_ = false;
    uint8_t let_out_ = 0;  ///< records still to go
    uint8_t cell_ = 0;     ///< that was told last
    Ticks stops_at_ = 0;
};

}  // namespace bms
