// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "instruments/byte_link.hpp"
#include "instruments/links/sigrok_link.hpp"
#include "instruments/register_link.hpp"

namespace rig {

/// What a fixture's link leads to, opened: one of them.
struct Connection {
    std::unique_ptr<ByteLink> bytes;
    std::unique_ptr<RegisterLink> registers;
    std::unique_ptr<SigrokLink> sigrok = nullptr;
};

}  // namespace rig
