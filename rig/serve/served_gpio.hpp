// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "instruments/links/line_address.hpp"
#include "rig/simulated_instruments.hpp"

namespace rig {

/// The world's side of GPIO lines that the kernel's gpio-sim plays: a chip with a line for each of a served
/// bench's signals, named as the signal. What the plant does pulls at the lines that clients sense; what
/// clients drive, the plant feels. Takes the chip away when it goes.
class ServedGpio {
public:
    /// Whether this kernel has gpio-sim, and this user may make chips.
    static bool possible();

    /// Throws FixtureError when the kernel refuses after all.
    explicit ServedGpio(const PlantLines& lines);
    ~ServedGpio();
    ServedGpio(const ServedGpio&) = delete;
    ServedGpio& operator=(const ServedGpio&) = delete;

    /// By signal: what a real bench's fixture says of it.
    std::map<std::string, LineAddress> reached() const;

    /// Carries over what has changed on either side since.
    void carry();

private:
    struct Sensed {
        DigitalInput* plant;
        std::filesystem::path pull;
        std::size_t carried = 0;  ///< edges
        bool up = false;
    };
    struct Driven {
        DigitalOutput* plant;
        int value;  ///< descriptor of the wire's level
        bool up = false;
    };

    void make_chip(const PlantLines& lines);
    void remove_chip();
    void write(const std::filesystem::path& file, const std::string& text) const;

    std::filesystem::path chip_;
    std::string label_;
    std::vector<std::string> signals_;
    std::vector<Sensed> sensed_;
    std::vector<Driven> driven_;
};

}  // namespace rig
