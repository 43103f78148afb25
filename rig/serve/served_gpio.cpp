// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/served_gpio.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fixtures/fixture_error.hpp"
#include "instruments/links/file_descriptor.hpp"

namespace rig {

namespace {

namespace fs = std::filesystem;

const fs::path simulator = "/sys/kernel/config/gpio-sim";

std::string first_word(const fs::path& file) {
    std::string text;
    std::ifstream(file) >> text;
    return text;
}

/// What sysfs says of a level: '0' or '1'.
bool is_up(int descriptor) {
    char level = '0';
    return ::pread(descriptor, &level, 1, 0) == 1 && level == '1';
}

}  // namespace

bool ServedGpio::possible() {
    return ::access(simulator.c_str(), W_OK) == 0;
}

ServedGpio::ServedGpio(const PlantLines& lines) : label_(fmt::format("rig-serve-{}", ::getpid())) {
    chip_ = simulator / label_;
    try {
        make_chip(lines);
    } catch (...) {
        remove_chip();
        throw;
    }
}

ServedGpio::~ServedGpio() {
    for (const Driven& line : driven_)
        ::close(line.value);
    remove_chip();
}

void ServedGpio::write(const fs::path& file, const std::string& text) const {
    const FileDescriptor opened(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (opened.open() && ::write(opened.number(), text.data(), text.size()) >= 0) return;
    throw FixtureError(
        fmt::format("gpio-sim: {}: \"{}\" is not taken: {}\n  try     gpio-sim of Linux 5.17 or later",
                    file.string(), text, std::strerror(errno)));
}

void ServedGpio::make_chip(const PlantLines& lines) {
    for (const auto& [signal, input] : lines.inputs)
        signals_.push_back(signal);
    for (const auto& [signal, output] : lines.outputs)
        signals_.push_back(signal);
    const fs::path bank = chip_ / "bank";
    std::error_code none;
    fs::create_directory(chip_, none);
    fs::create_directory(bank, none);
    write(bank / "num_lines", std::to_string(signals_.size()));
    write(bank / "label", label_);
    for (std::size_t i = 0; i < signals_.size(); ++i) {
        fs::create_directory(bank / fmt::format("line{}", i), none);
        write(bank / fmt::format("line{}", i) / "name", signals_[i]);
    }
    write(chip_ / "live", "1");

    const fs::path wires =
        fs::path("/sys/devices/platform") / first_word(chip_ / "dev_name") / first_word(bank / "chip_name");
    std::size_t offset = 0;
    for (const auto& [signal, input] : lines.inputs) {
        const fs::path pull = wires / fmt::format("sim_gpio{}", offset++) / "pull";
        sensed_.push_back({input, pull, input->edges().size(), false});
        if (input->active()) {
            sensed_.back().up = true;
            write(pull, "pull-up");
        }
    }
    for (const auto& [signal, output] : lines.outputs) {
        const fs::path wire = wires / fmt::format("sim_gpio{}", offset++);
        // While nobody drives it, it stays as it is.
        if (output->driven()) write(wire / "pull", "pull-up");
        driven_.push_back({output, ::open((wire / "value").c_str(), O_RDONLY | O_CLOEXEC), output->driven()});
    }
}

void ServedGpio::remove_chip() {
    std::error_code none;
    try {
        write(chip_ / "live", "0");
    } catch (const FixtureError&) {  // it never was
    }
    for (std::size_t i = 0; i < signals_.size(); ++i)
        fs::remove(chip_ / "bank" / fmt::format("line{}", i), none);
    fs::remove(chip_ / "bank", none);
    fs::remove(chip_, none);
}

std::map<std::string, LineAddress> ServedGpio::reached() const {
    std::map<std::string, LineAddress> lines;
    for (const std::string& signal : signals_)
        lines[signal] = parse_line(fmt::format("gpio:{}?chip={}", signal, label_));
    return lines;
}

void ServedGpio::carry() {
    for (Driven& line : driven_) {
        const bool up = is_up(line.value);
        if (up == line.up) continue;
        line.up = up;
        line.plant->drive(up);
    }
    for (Sensed& line : sensed_) {
        const auto& edges = line.plant->edges();
        // Where it forgets the older half of very many, the level is what counts.
        if (line.carried > edges.size()) line.carried = edges.size();
        for (; line.carried < edges.size(); ++line.carried) {
            line.up = edges[line.carried].active;
            write(line.pull, line.up ? "pull-up" : "pull-down");
        }
        if (line.plant->active() == line.up) continue;
        line.up = line.plant->active();
        write(line.pull, line.up ? "pull-up" : "pull-down");
    }
}

}  // namespace rig
