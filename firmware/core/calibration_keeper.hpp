// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firmware/core/calibration.hpp"

namespace bms {

/// One board's calibration: from EEPROM, changed by service or button, back into EEPROM.
class CalibrationKeeper {
public:
    /// A new board's: neutral.
    CalibrationKeeper() : state_(SavedCalibration::State::blank) {}
    explicit CalibrationKeeper(const SavedCalibration& saved) : value_(saved.value), state_(saved.state) {
        if (saved.copies_differ) saver_.changed();
    }

    const Calibration& value() const { return value_; }
    SavedCalibration::State state() const { return state_; }

    /// There was one, and it is gone: readings are no better than the parts.
    bool lost() const { return state_ == SavedCalibration::State::lost; }

    /// In force at once. False, and nothing changed, for one that no board can need.
    bool change(const Calibration& calibration) {
        if (!valid(calibration)) return false;
        value_ = calibration;
        state_ = SavedCalibration::State::good;
        saver_.changed();
        return true;
    }

    /// The next byte to write, if there is one.
    bool next(uint16_t& address, uint8_t& byte) { return saver_.next(value_, address, byte); }
    bool saving() const { return saver_.busy(); }

private:
    Calibration value_;
    SavedCalibration::State state_;
    CalibrationSaver saver_;
};

}  // namespace bms
