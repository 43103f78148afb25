// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/served_file.hpp"

#include <fmt/format.h>

#include <fstream>

#include "rig/project_folder.hpp"

namespace rig {

namespace {

const std::string mark = "# Written by rig serve; it goes when the bench goes that it leads to.";

std::filesystem::path beside(const std::filesystem::path& path) {
    return path.string() + ".new";
}

}  // namespace

ServedFile::ServedFile(std::filesystem::path path) : path_(std::move(path)) {
    if (std::filesystem::exists(path_)) {
        std::string first;
        std::getline(std::ifstream(path_), first);
        if (first != mark)
            throw UsageError(
                fmt::format("--output {}: there is such a file, and rig serve did not write it\n  try     "
                            "another --output",
                            path_.string()));
        std::filesystem::remove(path_);
    }
    std::error_code error;
    if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), error);
    if (std::ofstream file(beside(path_)); !file)
        throw UsageError(fmt::format(
            "--output {}: cannot be written\n  try     a folder that can be written to", path_.string()));
}

ServedFile::~ServedFile() {
    std::error_code gone_already;
    std::filesystem::remove(path_, gone_already);
    std::filesystem::remove(beside(path_), gone_already);
}

void ServedFile::write(const std::string& text) {
    std::ofstream file(beside(path_), std::ios::trunc);
    file << mark << '\n' << text << std::flush;
    if (!file) throw UsageError(fmt::format("--output {}: cannot be written", path_.string()));
    file.close();
    std::filesystem::rename(beside(path_), path_);
}

}  // namespace rig
