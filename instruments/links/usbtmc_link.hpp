// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/links/link_address.hpp"
#include "instruments/links/wall_clock.hpp"

namespace rig {

/// A device that takes whole messages and is asked for whole answers, and blocks meanwhile. All
/// three throw std::system_error; ETIMEDOUT when no answer came in the device's own time.
class MessageDevice {
public:
    virtual ~MessageDevice() = default;
    virtual void write(std::string_view message) = 0;
    virtual std::string read() = 0;
    /// Ends a transfer that did not end by itself.
    virtual void clear() = 0;
    virtual int descriptor() const = 0;
};

/// /dev/usbtmc0: the kernel's USB test-and-measurement class. Throws LinkError.
std::unique_ptr<MessageDevice> open_usbtmc(const LinkAddress& address);

/// Bytes over such a device, on a thread of its own: each line that is sent is one message, and
/// after one that asks something (it has a question mark) the answer is fetched. `open` is called
/// at once and again by `reopen`.
std::unique_ptr<ByteLink> usbtmc_link(WallClock& clock, const std::string& name,
                                      std::function<std::unique_ptr<MessageDevice>()> open);

}  // namespace rig
