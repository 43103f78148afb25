// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/digital_line.hpp"
#include "instruments/links/line_address.hpp"
#include "instruments/links/wall_clock.hpp"
#include "instruments/off_sequence.hpp"

namespace rig {

/// Lines of the kernel's GPIO chips, for the signal that they stand for. What goes wrong, at opening or
/// later, is an InstrumentError that names signal, line, chip and what to do.
///
/// An input's edges carry the kernel's stamps. They are taken whenever the clock runs or somebody asks for
/// them; where more came meanwhile than the kernel keeps, edges_whole_from() moves.
std::unique_ptr<DigitalInput> open_gpio_input(WallClock& clock, const std::string& signal,
                                              const LineAddress& line);

/// A line that somebody else can set inactive, whatever becomes of this process.
class GpioOutput : public DigitalOutput, public Guarded {};

/// Inactive from the beginning, and again when it goes.
std::unique_ptr<GpioOutput> open_gpio_output(const std::string& signal, const LineAddress& line);

}  // namespace rig
