// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/scratch_firmware.hpp"

#include <fmt/format.h>

#include <regex>

#include "fixtures/virtual/elf_image.hpp"
#include "rig/trace/fingerprint.hpp"
#include "tests/defects/broken_text.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

namespace {

constexpr const char* boards[] = {"first", "middle", "last"};

std::string_view bytes(const std::vector<std::uint8_t>& data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace

ScratchFirmware::ScratchFirmware(const fs::path& project, const fs::path& folder, int jobs, Warnings warnings)
    : tree_(project, {"firmware", "cmake"}, "tests/defects/scratch/CMakeLists.txt", folder, jobs) {
    if (warnings == Warnings::are_none) {
        const fs::path rules = tree_.source() / "firmware/avr_image.cmake";
        write_text(rules, std::regex_replace(read_text(rules), std::regex("-Werror"), "-w"));
    }
    tree_.configure();
}

void ScratchFirmware::build(const std::string& profile) {
    std::vector<std::string> targets;
    for (const char* board : boards)
        targets.push_back(fmt::format("firmware_{}_{}", profile, board));
    tree_.build(targets);
}

fs::path ScratchFirmware::images(const std::string& profile) const {
    return tree_.built() / "firmware" / profile;
}

std::string ScratchFirmware::contents(const std::string& profile) const {
    Fingerprint print;
    for (const char* board : boards) {
        const ElfImage image = ElfImage::read(images(profile) / fmt::format("{}.elf", board));
        print.add(bytes(image.flash)).add(bytes(image.eeprom));
    }
    return print.text();
}

}  // namespace rig::defects
