// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/scratch_firmware.hpp"

#include <fmt/format.h>

#include "fixtures/virtual/elf_image.hpp"
#include "rig/trace/fingerprint.hpp"
#include "tests/defects/broken_text.hpp"
#include "tests/defects/child_process.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

namespace {

constexpr const char* boards[] = {"first", "middle", "last"};

std::string_view bytes(const std::vector<std::uint8_t>& data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace

ScratchFirmware::ScratchFirmware(const fs::path& project, const fs::path& folder, int jobs)
    : source_(folder / "source"), build_(folder / "build"), jobs_(jobs) {
    fs::create_directories(source_);
    for (const char* part : {"firmware", "cmake"})
        fs::copy(project / part, source_ / part, fs::copy_options::recursive);
    fs::copy(project / "tests/defects/scratch/CMakeLists.txt", source_);
    const fs::path log = folder / "configure.log";
    const int code =
        run_program({CMAKE_PROGRAM, "-S", source_, "-B", build_, "-G", CMAKE_GENERATOR_NAME}, source_, log);
    if (code != 0) throw DefectError("the copy of the firmware cannot be configured" + last_lines(log, 10));
}

void ScratchFirmware::change(const std::string& file, const std::string& text) {
    mend();
    sound_text_ = read_text(source_ / file);
    write_text(source_ / file, text);
    changed_file_ = source_ / file;
}

void ScratchFirmware::mend() {
    if (changed_file_.empty()) return;
    write_text(changed_file_, sound_text_);
    changed_file_.clear();
}

void ScratchFirmware::build(const std::string& profile) {
    const fs::path log = build_ / "build.log";
    std::vector<std::string> command{CMAKE_PROGRAM, "--build", build_, "--parallel", fmt::format("{}", jobs_),
                                     "--target"};
    for (const char* board : boards)
        command.push_back(fmt::format("firmware_{}_{}", profile, board));
    if (run_program(command, source_, log) != 0)
        throw DefectError("the firmware does not build" + last_lines(log, 10));
}

fs::path ScratchFirmware::images(const std::string& profile) const {
    return build_ / "firmware" / profile;
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
