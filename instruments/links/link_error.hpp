// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>

namespace rig {

/// A link that cannot be opened. The message names the link, what the operating system
/// says, and what to try; whoever knows the instrument adds its name.
class LinkError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Another program holds it.
class LinkBusy : public LinkError {
public:
    using LinkError::LinkError;
};

}  // namespace rig
