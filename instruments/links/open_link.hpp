// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "instruments/byte_link.hpp"
#include "instruments/links/file_descriptor.hpp"
#include "instruments/links/link_address.hpp"
#include "instruments/links/wall_clock.hpp"

namespace rig {

/// Hears of the descriptor each time that a link is opened, the first time and every other; perhaps on a
/// thread of the link's own.
using Opened = std::function<void(int descriptor)>;

/// Opens a link of the operating system that carries bytes: serial, pty, tcp or usbtmc. Takes
/// it for this program alone. Throws LinkError, after `within` at the latest.
std::unique_ptr<ByteLink> open_link(WallClock& clock, const LinkAddress& address,
                                    Nanoseconds within = std::chrono::seconds(5), const Opened& opened = {});

/// What open_link opens, one by one: descriptors that do not block.
FileDescriptor open_serial(const LinkAddress& address);
FileDescriptor open_pty(const LinkAddress& address);
FileDescriptor open_tcp(WallClock& clock, const LinkAddress& address, Nanoseconds within);

/// Keeps every other rig off the device that `descriptor` is; throws LinkError when one has it.
void lock_device(int descriptor, const LinkAddress& address);

/// "<link>: <what>: <what errno says>" and what to try, to be thrown.
[[noreturn]] void refuse_link(const LinkAddress& address, const std::string& what, int error,
                              const std::string& to_try);

}  // namespace rig
