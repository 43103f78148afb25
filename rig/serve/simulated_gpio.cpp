// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/simulated_gpio.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace rig {

namespace {

namespace fs = std::filesystem;

const fs::path chips = "/sys/kernel/config/gpio-sim";

/// What boards do is noticed so often.
constexpr Nanoseconds every{10'000'000};

void write(const fs::path& file, const std::string& text) {
    std::ofstream out(file);
    out << text << std::flush;
    if (!out) throw std::system_error(errno, std::generic_category(), "gpio-sim: " + file.string());
}

std::string read(const fs::path& file) {
    std::string text;
    std::ifstream(file) >> text;
    return text;
}

}  // namespace

bool SimulatedGpio::available() {
    return ::access(chips.c_str(), W_OK) == 0;
}

SimulatedGpio::SimulatedGpio(Clock& clock, const PlantLines& lines)
    : clock_(clock), label_(fmt::format("rig-serve-{}", ::getpid())), config_(chips / label_) {
    for (const auto& [signal, input] : lines.inputs)
        signals_.push_back(signal);
    for (const auto& [signal, output] : lines.outputs)
        signals_.push_back(signal);
    try {
        make_chip();
        std::size_t line = 0;
        for (const auto& [signal, input] : lines.inputs) {
            sensed_.push_back({input, open_wire(line++, "pull", O_WRONLY)});
            // Known to the kernel, whatever it was.
            sensed_.back().high = !input->active();
        }
        for (const auto& [signal, output] : lines.outputs)
            driven_.push_back({output, open_wire(line++, "value", O_RDONLY)});
    } catch (...) {
        remove_chip();
        throw;
    }
    pass_on();
}

SimulatedGpio::~SimulatedGpio() {
    remove_chip();
}

std::string SimulatedGpio::address(const std::string& signal) const {
    return fmt::format("gpio:{}?chip={}", signal, label_);
}

void SimulatedGpio::make_chip() {
    const fs::path bank = config_ / "bank";
    fs::create_directory(config_);
    fs::create_directory(bank);
    write(bank / "num_lines", std::to_string(signals_.size()));
    write(bank / "label", label_);
    for (std::size_t line = 0; line < signals_.size(); ++line) {
        const fs::path of_line = bank / fmt::format("line{}", line);
        fs::create_directory(of_line);
        write(of_line / "name", signals_[line]);
    }
    write(config_ / "live", "1");
    wires_ = fs::path("/sys/devices/platform") / read(config_ / "dev_name") / read(bank / "chip_name");
}

void SimulatedGpio::remove_chip() noexcept {
    std::error_code ignored;
    std::ofstream(config_ / "live") << "0" << std::flush;
    for (std::size_t line = 0; line < signals_.size(); ++line)
        fs::remove(config_ / "bank" / fmt::format("line{}", line), ignored);
    fs::remove(config_ / "bank", ignored);
    fs::remove(config_, ignored);
}

FileDescriptor SimulatedGpio::open_wire(std::size_t line, const char* what, int flags) const {
    const fs::path file = wires_ / fmt::format("sim_gpio{}", line) / what;
    FileDescriptor wire(::open(file.c_str(), flags | O_CLOEXEC));
    if (!wire.open()) throw std::system_error(errno, std::generic_category(), "gpio-sim: " + file.string());
    return wire;
}

void SimulatedGpio::pass_on() {
    for (Sensed& line : sensed_) {
        if (line.plant->active() == line.high) continue;
        line.high = !line.high;
        const std::string pull = line.high ? "pull-up" : "pull-down";
        if (::pwrite(line.pull.number(), pull.data(), pull.size(), 0) < 0)
            throw std::system_error(errno, std::generic_category(), "gpio-sim: a wire cannot be pulled");
    }
    for (Driven& line : driven_) {
        char level = '0';
        if (::pread(line.value.number(), &level, 1, 0) != 1)
            throw std::system_error(errno, std::generic_category(), "gpio-sim: a wire cannot be read");
        if ((level == '1') == line.high) continue;
        line.high = level == '1';
        line.plant->drive(line.high);
    }
    clock_.at(clock_.now() + every, [this] { pass_on(); });
}

}  // namespace rig
