// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "instruments/clock.hpp"
#include "instruments/links/file_descriptor.hpp"
#include "rig/simulated_instruments.hpp"

namespace rig {

/// The boards' digital lines at the wires of a chip of the kernel's gpio-sim: what boards do pulls, and what
/// another program drives moves switches; until it does, they stand as they stood. The chip goes with this
/// object.
class SimulatedGpio {
public:
    /// Whether the kernel has gpio-sim, and lets this program make chips.
    static bool available();

    /// Every line, by its signal's name. Throws std::system_error.
    SimulatedGpio(Clock& clock, const PlantLines& lines);
    ~SimulatedGpio();
    SimulatedGpio(const SimulatedGpio&) = delete;
    SimulatedGpio& operator=(const SimulatedGpio&) = delete;

    /// "gpio:relay.charge.pins_1_2?chip=rig-serve-4711"
    std::string address(const std::string& signal) const;

private:
    struct Sensed {
        DigitalInput* plant;
        FileDescriptor pull;
        bool high = false;
    };
    struct Driven {
        DigitalOutput* plant;
        FileDescriptor value;
        bool high = false;
    };

    void make_chip();
    void remove_chip() noexcept;
    FileDescriptor open_wire(std::size_t line, const char* what, int flags) const;
    /// Now, and every few milliseconds of bench time from then on.
    void pass_on();

    Clock& clock_;
    std::string label_;
    std::vector<std::string> signals_;
    std::filesystem::path config_, wires_;
    std::vector<Sensed> sensed_;
    std::vector<Driven> driven_;
};

}  // namespace rig
