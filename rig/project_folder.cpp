// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/project_folder.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rig {

namespace fs = std::filesystem;

namespace {

bool is_project(const fs::path& folder) {
    return fs::is_directory(folder / "scripts" / "acceptance") && fs::is_directory(folder / "fixtures");
}

fs::path found_from(fs::path folder) {
    for (;; folder = folder.parent_path()) {
        if (is_project(folder)) return folder;
        if (folder == folder.parent_path()) return {};
    }
}

/// As reports name it: below scripts/, or as seen from the current folder.
std::string name_of(const fs::path& script, const fs::path& scripts) {
    const fs::path whole = fs::canonical(script);
    for (const fs::path& base : {fs::canonical(scripts), fs::current_path()}) {
        const fs::path relative = whole.lexically_relative(base);
        if (!relative.empty() && *relative.begin() != "..") return relative.generic_string();
    }
    return whole.generic_string();
}

std::vector<fs::path> scripts_in(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".lua") found.push_back(entry.path());
    }
    if (found.empty())
        throw UsageError(fmt::format("{}: no scripts (*.lua) in this folder", folder.string()));
    return found;
}

}  // namespace

ProjectFolder ProjectFolder::find() {
    const fs::path executable = fs::read_symlink("/proc/self/exe");
    ProjectFolder project;
    project.images = executable.parent_path().parent_path() / "firmware";
    project.root = found_from(executable.parent_path());
    if (project.root.empty()) project.root = found_from(fs::current_path());
    if (project.root.empty()) {
        throw UsageError(fmt::format(
            "no project folder (with scripts/acceptance and fixtures) above {} or above the current folder\n"
            "  try     run rig from inside the project",
            executable.string()));
    }
    return project;
}

void ProjectFolder::require_fixture_file(const fs::path& named, const std::string& instead) const {
    if (fs::is_regular_file(named)) return;
    throw UsageError(fmt::format("{}: there is no such fixture file\n  try     {}{}", named.string(), instead,
                                 fixture_of().string()));
}

std::vector<ScriptFile> ProjectFolder::scripts(const std::vector<std::string>& named) const {
    std::vector<fs::path> paths;
    if (named.empty()) paths = scripts_in(root / "scripts" / "acceptance");
    for (const std::string& name : named) {
        if (fs::is_directory(name)) {
            const auto inside = scripts_in(name);
            paths.insert(paths.end(), inside.begin(), inside.end());
        } else if (fs::is_regular_file(name)) {
            paths.emplace_back(name);
        } else {
            throw UsageError(fmt::format(
                "{}: there is no such script\n  try     rig list   (shows the scripts that run by default)",
                name));
        }
    }
    const auto requirements = std::make_shared<const RequirementList>(load_requirements(root / "scripts"));
    std::vector<ScriptFile> files;
    files.reserve(paths.size());
    for (const fs::path& path : paths) {
        files.push_back(
            {fs::absolute(path), name_of(path, root / "scripts"), root / "scripts" / "lib", requirements});
    }
    const auto by_name = [](const ScriptFile& a, const ScriptFile& b) { return a.name < b.name; };
    std::sort(files.begin(), files.end(), by_name);
    const auto same = [](const ScriptFile& a, const ScriptFile& b) { return a.name == b.name; };
    files.erase(std::unique(files.begin(), files.end(), same), files.end());
    return files;
}

}  // namespace rig
