// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <vector>

#include "instruments/terminals.hpp"

namespace rig {

/// A resistor between two terminals, and everything that was ever imposed on it.
class FakeTerminals : public Terminals {
public:
    explicit FakeTerminals(Ohms its_load = Ohms{10.0}) : load(its_load) {}

    void drive(const Drive& drive) override { drives.push_back(drive); }

    Volts voltage() const override { return current() * load; }

    Amperes current() const override {
        if (drives.empty()) return Amperes{0.0};
        const auto& last = drives.back();
        switch (last.mode) {
            case Drive::Mode::voltage:
                return std::clamp(last.volts / load, -last.amperes, last.amperes);
            case Drive::Mode::current:
                return std::clamp(last.amperes, -(last.volts / load), last.volts / load);
            case Drive::Mode::off:
                break;
        }
        return Amperes{0.0};
    }

    bool driven() const { return !drives.empty() && drives.back().mode != Drive::Mode::off; }

    Ohms load;
    std::vector<Drive> drives;
};

}  // namespace rig
