// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "reports/store.hpp"
#include "tests/rig/script_on_fake.hpp"

namespace rig::testing {

inline std::string text_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// One start of the program in a folder of its own.
struct Program {
    // A build outside the project finds it from the current folder.
    Program() {
        for (const char* part : {"scripts", "fixtures"}) {
            std::filesystem::create_directory_symlink(std::filesystem::path(RIG_SOURCE) / part,
                                                      folder.path / part);
        }
    }

    int start(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), RIG_PROGRAM);
        std::vector<char*> raw;
        for (std::string& argument : arguments)
            raw.push_back(argument.data());
        raw.push_back(nullptr);
        process = ::fork();
        if (process == 0) {
            if (::chdir(folder.path.c_str()) != 0) _exit(99);
            ::dup2(output > 0 ? output : ::open("out", O_CREAT | O_WRONLY | O_TRUNC, 0644), STDOUT_FILENO);
            ::dup2(::open("err", O_CREAT | O_WRONLY | O_TRUNC, 0644), STDERR_FILENO);
            if (output == closed) ::close(STDOUT_FILENO);
            ::execv(RIG_PROGRAM, raw.data());
            _exit(98);
        }
        return process;
    }

    int join() {
        int status = 0;
        ::waitpid(process, &status, 0);
        out = text_of(folder.path / "out");
        err = text_of(folder.path / "err");
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }

    int run(const std::vector<std::string>& arguments) {
        start(arguments);
        return join();
    }

    void script(const std::string& name, const std::string& tests) {
        folder.write(name, "local rig = require(\"rig\")\nrig.api(1)\n" + tests);
    }

    std::vector<reports::TestRecord> stored() const {
        const reports::Store store(folder.path / "results/rig.sqlite");
        return store.tests(store.latest_run());
    }

    /// In the store it is the sign that a test is running.
    void wait_for_first_check() {
        const auto store = folder.path / "results/rig.sqlite";
        for (;;) {
            int status = 0;
            REQUIRE(::waitpid(process, &status, WNOHANG) == 0);
            try {
                if (std::filesystem::exists(store) && !stored().empty() && !stored()[0].checks.empty())
                    return;
            } catch (const reports::StoreError&) {
                // Not created whole yet.
            }
        }
    }

    bool wrote_junit() const {
        return text_of(folder.path / "results/junit.xml").find("<testsuite") != std::string::npos;
    }

    static constexpr int closed = -1;

    Folder folder;
    pid_t process = -1;
    int output = 0;  ///< the program's standard output: a descriptor, `closed`, or 0: the file "out"
    std::string out, err;
};

}  // namespace rig::testing
