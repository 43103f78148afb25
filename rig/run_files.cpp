// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/run_files.hpp"

#include <fmt/format.h>
#include <sha2.h>

#include <algorithm>
#include <set>

#include "fixtures/extends.hpp"

namespace rig {

namespace fs = std::filesystem;

namespace {

std::string sha256_of(const fs::path& file) {
    char digits[SHA256_DIGEST_STRING_LENGTH];
    if (SHA256File(file.c_str(), digits) == nullptr)
        throw UsageError(fmt::format("{}: cannot be read", file.string()));
    return digits;
}

}  // namespace

std::vector<reports::FileRecord> files_of(const Planned& planned) {
    std::vector<reports::FileRecord> files;
    const auto add = [&](const char* kind, const std::string& name, const fs::path& file) {
        files.push_back({kind, name, sha256_of(file)});
    };
    const auto add_with_bases = [&](const char* kind, const fs::path& file) {
        for (const fs::path& each : with_extended(file))
            add(kind, each.filename().string(), each);
    };
    add_with_bases("fixture", planned.fixture.file);
    add_with_bases("limits", planned.project.limits_of(planned.fixture.profile));

    const fs::path dialects = planned.project.root / "fixtures" / "dialects";
    const Fixture::Cells& cells = planned.fixture.cells;
    std::set<std::string> spoken{cells.dialect};
    for (const Fixture::Supply& unit : cells.units)
        spoken.insert(unit.dialect);
    for (const std::string& dialect : spoken)
        if (const fs::path file = dialects / (dialect + ".toml"); fs::is_regular_file(file))
            add("dialect", dialect + ".toml", file);

    for (const CollectedScript& script : planned.scripts)
        add("script", script.file.name, script.file.path);
    const fs::path library = planned.project.root / "scripts" / "lib";
    for (const auto& entry : fs::directory_iterator(library))
        if (entry.path().extension() == ".lua")
            add("library", "lib/" + entry.path().filename().string(), entry.path());

    const std::string firmware = planned.fixture.virtual_bench.firmware.string();
    for (const char* image : {"first.elf", "middle.elf", "last.elf"})
        if (const fs::path file = planned.project.images / firmware / image; fs::is_regular_file(file))
            add("firmware", firmware + "/" + image, file);
    return files;
}

}  // namespace rig
