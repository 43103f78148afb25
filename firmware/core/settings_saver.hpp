// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/settings.hpp"

namespace bms {

/// Where the two copies of the settings lie in EEPROM. The first bytes stay unused: a
/// brown-out during a write likes to hit them.
constexpr uint16_t first_copy_at = 16, second_copy_at = 80;

/// What the two copies hold after a reset.
class SavedSettings {
public:
    enum class State : uint8_t {
        good,   ///< from the first copy, else from the second
        blank,  ///< none was ever saved, or not to its end: the defaults, and nothing was lost
        lost,   ///< both damaged: the defaults
    };

    SavedSettings(const StoredSettings& first, const StoredSettings& second) {
        const bool first_good = load(first, settings);
        Settings other;
        const bool second_good = load(second, other);
        if (!first_good && second_good) settings = other;
        // The second copy is begun once the first is whole.
        state = first_good || second_good ? State::good : blank(second) ? State::blank : State::lost;
        copies_differ = state == State::good && !(first_good && second_good && equal(first, second));
    }

    Settings settings;
    State state;
    bool copies_differ;  ///< a power cut fell between the two: write both again

private:
    static bool blank(const StoredSettings& copy) {
        for (const uint8_t byte : copy.bytes)
            if (byte != 0xFF) return false;
        return true;
    }
    static bool equal(const StoredSettings& a, const StoredSettings& b) {
        for (uint8_t i = 0; i < StoredSettings::size; ++i)
            if (a.bytes[i] != b.bytes[i]) return false;
        return true;
    }
};

/// Writes both copies a byte at a time, the first whole before the second is touched: at any
/// moment one of them is good. Settings changed meanwhile are written in a second pass.
class SettingsSaver {
public:
    void changed() { again_ = true; }

    bool busy() const { return at_ < both || again_; }

    /// The next byte to write, if there is one.
    bool next(const Settings& settings, uint16_t& address, uint8_t& byte) {
        if (at_ == both) {
            if (!again_) return false;
            again_ = false;
            stored_ = store(settings);
            at_ = 0;
        }
        const bool second = at_ >= StoredSettings::size;
        const uint8_t offset = second ? static_cast<uint8_t>(at_ - StoredSettings::size) : at_;
        address = static_cast<uint16_t>((second ? second_copy_at : first_copy_at) + offset);
        byte = stored_.bytes[offset];
        ++at_;
        return true;
    }

private:
    static constexpr uint8_t both = 2 * StoredSettings::size;
    StoredSettings stored_{};
    uint8_t at_ = both;
    bool again_ = false;
};

}  // namespace bms
