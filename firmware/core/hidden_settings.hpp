// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/crc16.hpp"
#include "firmware/core/rated_sensor.hpp"
#include "firmware/core/ticks.hpp"
#include "firmware/core/two_copies.hpp"

namespace bms {

/// DIP-06: generation 2's factory settings, which the first board keeps.
struct HiddenSettings {
    uint8_t sensor_type = RatedSensorType::rated_100_a;
    uint8_t count_code = 0;  ///< up to 4 cells

    static constexpr uint8_t highest_count_code = 15;
};

/// As they lie in EEPROM: a layout version, the fields, a CRC-16.
struct StoredHiddenSettings {
    using Value = HiddenSettings;
    static constexpr uint16_t first_at = 16, second_at = 32;
    static constexpr uint8_t layout_version = 1, covered = 3, size = covered + 2;
    uint8_t bytes[size];
};

inline StoredHiddenSettings store(const HiddenSettings& settings) {
    StoredHiddenSettings stored{
        {StoredHiddenSettings::layout_version, settings.sensor_type, settings.count_code}};
    const uint16_t crc = crc16(stored.bytes, StoredHiddenSettings::covered);
    stored.bytes[3] = static_cast<uint8_t>(crc >> 8);
    stored.bytes[4] = static_cast<uint8_t>(crc & 0xFF);
    return stored;
}

/// False, and `settings` untouched, when the CRC is wrong, or right over what no switch can say.
inline bool load(const StoredHiddenSettings& stored, HiddenSettings& settings) {
    const uint16_t crc = static_cast<uint16_t>(static_cast<uint16_t>(stored.bytes[3] << 8) | stored.bytes[4]);
    if (crc != crc16(stored.bytes, StoredHiddenSettings::covered) ||
        stored.bytes[0] != StoredHiddenSettings::layout_version ||
        stored.bytes[1] > RatedSensorType::highest || stored.bytes[2] > HiddenSettings::highest_count_code)
        return false;
    settings.sensor_type = stored.bytes[1];
    settings.count_code = stored.bytes[2];
    return true;
}

using SavedHiddenSettings = SavedCopies<StoredHiddenSettings>;
using HiddenSettingsSaver = CopySaver<StoredHiddenSettings>;

/// Switch 8: a position counts once it has stood for 50 ms.
class StoreSwitch {
public:
    explicit StoreSwitch(bool on) : seen_(on), on_(on) {}

    /// True once, when it has gone off: what the other switches say now is to be stored.
    bool step(Ticks now, bool on) {
        if (on != seen_) {
            seen_ = on;
            settles_at_ = now + settle;
        }
        if (seen_ == on_ || !reached(now, settles_at_)) return false;
        on_ = seen_;
        return !on_;
    }

    /// While it is on the other switches do not have their ordinary meaning.
    bool on() const { return on_ || seen_; }

    /// When step() has something to do; `otherwise` while it stands still.
    Ticks due(Ticks otherwise) const { return seen_ != on_ ? earlier(settles_at_, otherwise) : otherwise; }

private:
    static constexpr Ticks settle = at_least_ms(50);
    bool seen_, on_;
    Ticks settles_at_ = 0;
};

}  // namespace bms
