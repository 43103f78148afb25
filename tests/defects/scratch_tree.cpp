// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/scratch_tree.hpp"

#include <fmt/format.h>

#include "tests/defects/broken_text.hpp"
#include "tests/defects/child_process.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

ScratchTree::ScratchTree(const fs::path& project, const std::vector<std::string>& parts,
                         const std::string& top, const fs::path& folder, int jobs)
    : source_(folder / "source"), build_(folder / "build"), jobs_(jobs) {
    for (const std::string& part : parts) {
        fs::create_directories((source_ / part).parent_path());
        fs::copy(project / part, source_ / part, fs::copy_options::recursive);
    }
    fs::copy(project / top, source_ / "CMakeLists.txt");
}

void ScratchTree::configure() {
    const fs::path log = source_ / "configure.log";
    const Ended ended =
        run_program({CMAKE_PROGRAM, "-S", source_, "-B", build_, "-G", CMAKE_GENERATOR_NAME}, source_, log);
    if (ended.code != 0) throw DefectError("the copy cannot be configured" + last_lines(log, 10));
}

void ScratchTree::change(const std::string& file, const std::string& text) {
    mend();
    sound_text_ = read_text(source_ / file);
    write_text(source_ / file, text);
    changed_file_ = source_ / file;
}

void ScratchTree::mend() {
    if (changed_file_.empty()) return;
    write_text(changed_file_, sound_text_);
    changed_file_.clear();
}

void ScratchTree::build(const std::vector<std::string>& targets) {
    const fs::path log = build_ / "build.log";
    std::vector<std::string> command{CMAKE_PROGRAM, "--build", build_, "--parallel", fmt::format("{}", jobs_),
                                     "--target"};
    command.insert(command.end(), targets.begin(), targets.end());
    if (run_program(command, source_, log).code != 0)
        throw DefectError("it does not build" + last_lines(log, 10));
}

}  // namespace rig::defects
