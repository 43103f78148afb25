// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/bench_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "rig/bench_loop.hpp"
#include "rig/child_process.hpp"

namespace rig {

namespace {

[[noreturn]] void hold_bench(const BenchWork& work, const Line& line, const std::vector<Line>& slots) {
    die_with_parent();
    leave_signals_to_the_runner();
    if (work.look) adopt_guards();
    try {
        BenchLoop(work, line, slots).run();
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "rig: the bench's process: %s\n", failure.what());
        _exit(2);
    }
    _exit(0);
}

}  // namespace

BenchProcess::BenchProcess(const BenchWork& work, const std::vector<Line>& slots,
                           const std::vector<const Line*>& not_ours) {
    auto [ours, theirs] = new_line();
    process_ = ::fork();
    if (process_ < 0) throw std::system_error(errno, std::generic_category(), "cannot start a process");
    if (process_ == 0) {
        ours.close();
        for (const Line* line : not_ours)
            ::close(line->descriptor());
        hold_bench(work, theirs, slots);
    }
    line_ = std::move(ours);
}

BenchProcess::~BenchProcess() {
    join();
}

void BenchProcess::ask_to_stop() {
    if (process_ < 0) return;
    ::kill(process_, SIGUSR1);
    Message(stop).send(line_);
}

void BenchProcess::end_at_once() {
    if (process_ < 0) return;
    ::kill(process_, SIGUSR2);
    Message(at_once).send(line_);
}

void BenchProcess::kill() {
    if (process_ >= 0) ::kill(process_, SIGKILL);
}

int BenchProcess::join() {
    line_.close();
    int status = 0;
    if (process_ < 0) return status;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status;
}

}  // namespace rig
