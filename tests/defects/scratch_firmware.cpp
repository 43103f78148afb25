// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/scratch_firmware.hpp"

#include <fmt/format.h>

#include "tests/defects/child_process.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

ScratchFirmware::ScratchFirmware(const fs::path& project, const fs::path& folder, const std::string& profile,
                                 int jobs)
    : source_(folder / "source"), build_(folder / "build"), profile_(profile), jobs_(jobs) {
    fs::create_directories(source_);
    for (const char* part : {"firmware", "cmake"})
        fs::copy(project / part, source_ / part, fs::copy_options::recursive);
    fs::copy(project / "tests/defects/scratch/CMakeLists.txt", source_);
    const fs::path log = folder / "configure.log";
    const int code =
        run_program({CMAKE_PROGRAM, "-S", source_, "-B", build_, "-G", CMAKE_GENERATOR_NAME}, source_, log);
    if (code != 0) throw DefectError("the copy of the firmware cannot be configured" + last_lines(log, 10));
}

void ScratchFirmware::build_sound() {
    mend();
    make();
}

void ScratchFirmware::build(const Defect& defect) {
    mend();
    const fs::path file = source_ / defect.file;
    const std::string text = read_text(file);
    write_text(file, with_defect(defect, text));
    broken_file_ = file;
    sound_text_ = text;
    make();
}

fs::path ScratchFirmware::images() const {
    return build_ / "firmware" / profile_;
}

void ScratchFirmware::mend() {
    if (broken_file_.empty()) return;
    write_text(broken_file_, sound_text_);
    broken_file_.clear();
}

void ScratchFirmware::make() {
    const fs::path log = build_ / "build.log";
    const int code = run_program({CMAKE_PROGRAM, "--build", build_, "--target", "firmware_" + profile_,
                                  "--parallel", fmt::format("{}", jobs_)},
                                 source_, log);
    if (code != 0) throw DefectError("the firmware does not build" + last_lines(log, 10));
}

}  // namespace rig::defects
