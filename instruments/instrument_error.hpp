// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace rig {

/// An instrument or its link did not do what it was told: the rig's fault or
/// the bench's, never the board's. The message names instrument, link, command
/// and what to try.
class InstrumentError : public std::runtime_error {
public:
    InstrumentError(std::string instrument, const std::string& message)
        : std::runtime_error(instrument + ": " + message), instrument_(std::move(instrument)) {}

    const std::string& instrument() const { return instrument_; }

private:
    std::string instrument_;
};

}  // namespace rig
