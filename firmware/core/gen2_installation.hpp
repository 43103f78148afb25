// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/announcement.hpp"
#include "firmware/core/configuration.hpp"
#include "firmware/core/hidden_settings.hpp"
#include "firmware/core/switches.hpp"

namespace bms {

/// What the installer tells generation 2's first board with its eight switches.
class Gen2Installation {
public:
    /// `store_switch_on`: where switch 8 stands at power-up.
    Gen2Installation(const SavedHiddenSettings& saved, bool store_switch_on)
        : hidden_(saved.value),
          hidden_lost_(saved.state == SavedHiddenSettings::State::lost),
          store_switch_(store_switch_on) {
        if (saved.copies_differ) saver_.changed();
    }

    /// Minds switch 8. True when it has gone off: the others are to be read for store().
    bool step(Ticks now, bool store_switch_on) { return store_switch_.step(now, store_switch_on); }
    Ticks due(Ticks otherwise) const { return store_switch_.due(otherwise); }

    /// What the switches say becomes the hidden settings.
    void store(uint8_t positions) {
        const Gen2Switches switches{positions};
        hidden_.sensor_type = switches.hidden_sensor_type();
        hidden_.count_code = switches.hidden_count_code();
        hidden_lost_ = false;
        saver_.changed();
    }

    /// To be asked before each message: true once a second.
    bool wants_switches() {
        since_read_ = static_cast<uint8_t>(since_read_ + message_weight(switches_.fast()));
        if (since_read_ < message_weight(false)) return false;
        since_read_ = 0;
        return true;
    }

    /// Their ordinary meaning, frozen while switch 8 is on.
    void read(uint8_t positions) {
        if (read_once_ && store_switch_.on()) {
            debounce_.begin_anew();
            return;
        }
        read_once_ = true;
        switches_ = debounce_.update(positions);
    }

    Announcement announcement() const {
        Announcement told;
        told.config =
            static_cast<uint8_t>(hidden_.count_code | hidden_.sensor_type << gen2_config::sensor_type_shift |
                                 (switches_.critical() ? gen2_config::critical_bit : 0));
        told.balance_voltage = switches_.balance_voltage();
        told.most_cells = gen2_count_range(hidden_.count_code).most;
        told.fast = switches_.fast();
        told.settings_lost = hidden_lost_;
        return told;
    }

    bool blind_spot() const { return switches_.blind_spot(); }
    bool auto_zero() const { return switches_.auto_zero(); }

    /// The next byte of the hidden settings to write, if there is one.
    bool next(uint16_t& address, uint8_t& byte) { return saver_.next(hidden_, address, byte); }

private:
    HiddenSettings hidden_;
    bool hidden_lost_, read_once_ = false;
    HiddenSettingsSaver saver_;
    StoreSwitch store_switch_;
    Gen2Switches switches_{0};
    Debounced<Gen2Switches> debounce_;
    uint8_t since_read_ = 0;
};

}  // namespace bms
