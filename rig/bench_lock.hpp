// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "instruments/links/file_descriptor.hpp"
#include "instruments/links/link_address.hpp"

namespace rig {

/// Keeps every other rig on this machine off a bench's links, before a byte goes out on any of them: an
/// instrument on the network cannot be locked itself, and opening half a bench would switch off what another
/// rig has on. Ends with the last process that has its descriptors.
class BenchLock {
public:
    /// Takes the link for `name`. Throws InstrumentError when another rig has it.
    void take(const LinkAddress& address, const std::string& name);

    const std::vector<FileDescriptor>& descriptors() const { return descriptors_; }

private:
    std::vector<FileDescriptor> descriptors_;
    std::vector<std::string> taken_;
};

}  // namespace rig
