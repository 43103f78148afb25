// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace rig {

/// Which instrument did the measuring: what it answered when it was opened.
struct InstrumentIdentity {
    std::string name;    ///< as messages and the fixture have it: "cell supply 1"
    std::string link;    ///< "memory:cell supply 1"
    std::string answer;  ///< maker, model, serial number, version, in its own words
};

}  // namespace rig
