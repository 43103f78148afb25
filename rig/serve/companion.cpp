// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/companion.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <iostream>

#include "rig/project_folder.hpp"

namespace rig {

namespace {

constexpr int at_fault = 2;

}  // namespace

Companion::Companion(asio::io_context& context) : signals_(context, SIGINT, SIGTERM, SIGHUP) {
    signals_.add(SIGCHLD);
    wait();
}

void Companion::start(const std::vector<std::string>& command) {
    std::vector<char*> words;
    for (const std::string& word : command)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_t program = -1;
    if (const int error = ::posix_spawnp(&program, words[0], nullptr, nullptr, words.data(), environ))
        throw UsageError(fmt::format("{}: cannot be started: {}\n  try     a program's name or path after --",
                                     command.front(), std::strerror(error)));
    program_ = program;
    name_ = command.front();
}

void Companion::wait() {
    signals_.async_wait([this](const asio::error_code& error, int signal) {
        if (error) return;
        heard(signal);
        wait();
    });
}

void Companion::heard(int signal) {
    if (signal == SIGCHLD) return look_after_program();
    if (!program_ || told_) ended_ = true;
    // A terminal has told it already, and twice means at once.
    if (program_ && !told_ && signal != SIGINT) ::kill(*program_, signal);
    if (program_ && !told_)
        std::cout << fmt::format("waiting for {} to end; once more does not wait\n", name_) << std::flush;
    told_ = true;
}

void Companion::look_after_program() {
    int status = 0;
    if (!program_ || ::waitpid(*program_, &status, WNOHANG) != *program_) return;
    program_.reset();
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : at_fault;
    ended_ = true;
}

}  // namespace rig
