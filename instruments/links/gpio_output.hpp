// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "instruments/links/file_descriptor.hpp"
#include "instruments/links/line_address.hpp"

/// A GPIO output as the kernel gives it out: whoever has its descriptor drives it, as libgpiod 1.6 keeps its
/// own to itself. The line stays taken until the last copy is closed. All of it throws std::system_error.
namespace rig::gpio {

/// Inactive from the beginning.
FileDescriptor take_output(const std::string& device, unsigned offset, const std::string& consumer,
                           const LineAddress& line);

void drive_output(int descriptor, bool active);

/// How the line stands.
bool output_is_active(int descriptor);

}  // namespace rig::gpio
