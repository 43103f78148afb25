// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/broken_text.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace rig::defects {

namespace fs = std::filesystem;

std::string with_defect(const Defect& defect, const std::string& text) {
    const std::size_t at = text.find(defect.find);
    if (at == std::string::npos)
        throw DefectError(fmt::format("{} does not contain \"{}\"", defect.file, defect.find));
    if (text.find(defect.find, at + 1) != std::string::npos)
        throw DefectError(fmt::format("{} contains \"{}\" more than once", defect.file, defect.find));
    std::string broken = text;
    return broken.replace(at, defect.find.size(), defect.replace);
}

std::string read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in || !text) throw DefectError("cannot read " + file.string());
    return text.str();
}

void write_text(const fs::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) throw DefectError("cannot write " + file.string());
}

}  // namespace rig::defects
