// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace rig {

/// A GPIO chip of the kernel's gpio-sim, and the world at its wires. Wants root and the test machine.
class GpioSim {
public:
    explicit GpioSim(const std::string& label, const std::vector<std::string>& names)
        : config_("/sys/kernel/config/gpio-sim/" + label), names_(names) {
        const auto bank = config_ / "bank";
        std::filesystem::create_directory(config_);
        std::filesystem::create_directory(bank);
        write(bank / "num_lines", std::to_string(names.size()));
        write(bank / "label", label);
        for (std::size_t i = 0; i < names.size(); ++i) {
            std::filesystem::create_directory(bank / ("line" + std::to_string(i)));
            write(bank / ("line" + std::to_string(i)) / "name", names[i]);
        }
        write(config_ / "live", "1");
        name_ = read(bank / "chip_name");
        wires_ = std::filesystem::path("/sys/devices/platform") / read(config_ / "dev_name") / name_;
    }

    ~GpioSim() {
        unplug();
        const auto bank = config_ / "bank";
        std::error_code none;
        for (std::size_t i = 0; i < names_.size(); ++i)
            std::filesystem::remove(bank / ("line" + std::to_string(i)), none);
        std::filesystem::remove(bank, none);
        std::filesystem::remove(config_, none);
    }
    GpioSim(const GpioSim&) = delete;
    GpioSim& operator=(const GpioSim&) = delete;

    /// The world pulls a wire up or down.
    void pull(const std::string& line, bool up) { write(wire(line) / "pull", up ? "pull-up" : "pull-down"); }

    /// How a wire stands: driven by whoever has the line, or pulled.
    bool high(const std::string& line) const { return read(wire(line) / "value") == "1"; }

    /// The chip goes, whoever has its lines.
    void unplug() {
        if (plugged_) write(config_ / "live", "0");
        plugged_ = false;
    }

    const std::string& name() const { return name_; }  ///< "gpiochip0"

private:
    std::filesystem::path wire(const std::string& line) const {
        for (std::size_t i = 0; i < names_.size(); ++i)
            if (names_[i] == line) return wires_ / ("sim_gpio" + std::to_string(i));
        throw std::out_of_range(line);
    }

    static void write(const std::filesystem::path& file, const std::string& text) {
        std::ofstream out(file);
        out << text << std::flush;
        if (!out) throw std::runtime_error("cannot write " + text + " to " + file.string());
    }

    static std::string read(const std::filesystem::path& file) {
        std::string text;
        std::ifstream(file) >> text;
        return text;
    }

    std::filesystem::path config_, wires_;
    std::vector<std::string> names_;
    std::string name_;
    bool plugged_ = true;
};

}  // namespace rig
