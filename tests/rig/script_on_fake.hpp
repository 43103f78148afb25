// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "rig/lua/script.hpp"
#include "tests/rig/fake_bench.hpp"

namespace rig::testing {

/// A folder for a test's files, gone when the test is.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "rig-test-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::filesystem::path write(const std::string& name, const std::string& text) const {
        const auto file = path / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file;
    }

    std::filesystem::path path;
};

inline Script::Limits some_limits() {
    return {{{"v_max_trip", {3.58, 3.62, "V", ""}}, {"at_most", {std::nullopt, 5.0, "", ""}}},
            "fixtures/limits/fake.toml",
            "gen3-hw2"};
}

/// Loads `text` as acceptance/one.lua and runs its first test on a fake bench.
struct OnFake {
    explicit OnFake(const std::string& text, const std::string& library = {}) {
        const auto file = folder.write("acceptance/one.lua", text);
        if (!library.empty()) folder.write("lib/helper.lua", library);
        script = std::make_unique<Script>(ScriptFile{file, "acceptance/one.lua", folder.path / "lib"},
                                          some_limits());
    }

    Ending run(std::size_t test = 0, const std::string& boot_fault = {}) {
        for (const auto& cell : bench.own_cells) {
            cell->set_voltage(Volts{3.3});
            cell->output_on();
        }
        bench.test_clock.run_for(Nanoseconds{200'000'000});
        return script->run(test, bench, notes, 7, boot_fault);
    }

    Folder folder;
    FakeBench bench;
    Notes notes;
    std::unique_ptr<Script> script;
};

/// A script of one test with this body, on the lines from 3 on.
inline std::string test_with(const std::string& body, const std::string& options = "") {
    return "local rig = require(\"rig\") rig.api(1)\nrig.test(\"it works\", {" + options +
           "}, function(bench)\n" + body + "\nend)\n";
}

}  // namespace rig::testing
