// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "instruments/links/link_address.hpp"

namespace rig {

/// A digital line as fixture files write it, taken apart:
///
///     gpio:CHARGE_12?active=low&bias=pull-up    a GPIO line by its name
///     gpio:START?chip=ftdi&drive=open-drain     of one chip by its label, where several have such a line
///     io:desk?relay=3                           a relay of the board that the fixture calls [io.desk]
///     io:desk?line=5&active=low                 a digital line of it
///     io:desk?analogue=2&above_v=1.2            an analogue input of it, active above so much
struct LineAddress {
    enum class Kind { gpio, io };
    enum class Bias { as_is, none, pull_up, pull_down };
    enum class Drive { push_pull, open_drain, open_source };
    enum class Channel { relay, line, analogue };

    std::string text;  ///< as it was written, for messages
    Kind kind = Kind::gpio;
    std::string target;       ///< the GPIO line's name, or the board's in the fixture
    bool active_low = false;  ///< what the signal's name says holds while the wire is low

    std::string chip;  ///< gpio: its label or name; empty: whichever has the line
    Bias bias = Bias::as_is;
    Drive drive = Drive::push_pull;

    Channel channel = Channel::relay;  ///< io
    int number = 0;                    ///< from 0
    double above_v = 0.0;              ///< of an analogue input

    /// `text` without what says how to use it: what messages call the line.
    std::string name() const;
};

/// Throws LinkTextError, whose message goes on from the text.
LineAddress parse_line(const std::string& text);

}  // namespace rig
