// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/bench_loop.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "rig/child_process.hpp"
#include "rig/interlocks.hpp"
#include "rig/line_recorder.hpp"
#include "rig/lua/needs.hpp"
#include "rig/process_memory.hpp"
#include "rig/run_test.hpp"
#include "rig/watchdog.hpp"

namespace rig {

void BenchLoop::run() {
    while (auto order = receive(line_, true)) {
        if (order->kind() == BenchProcess::boot) {
            if (!boot()) return;
            serve();
            if (bench_.bench) bench_.bench->make_safe();
            return;
        }
    }
}

bool BenchLoop::boot() {
    try {
        for (const ScriptFile& file : work_.scripts) {
            scripts_.push_back(std::make_unique<Script>(file, work_.limits));
        }
        if (work_.look) return look();
        bench_ = work_.open(work_.pack);
    } catch (const std::exception& failure) {
        Message(BenchProcess::not_opened).add(std::string_view(failure.what())).send(line_);
        return false;
    }
    introduce(*bench_.bench);
    return true;
}

void BenchLoop::introduce(Bench& bench) {
    if (work_.records) {
        recording_.emplace(bench);
        tell_signals(recording_->layout());
    }
    Message message(BenchProcess::booted);
    message.add(bench.clock->now().count());
    for (const InstrumentIdentity& it : bench.instruments)
        message.add(std::vector<std::string>{it.name, it.link, it.answer});
    message.send(line_);
}

/// A real bench is taken up anew for each test: not for one that it cannot run.
void BenchLoop::tell_what_is_lacking(const Bench& bench) {
    for (std::size_t script = 0; script < scripts_.size(); ++script) {
        const auto& tests = scripts_[script]->tests();
        for (std::size_t test = 0; test < tests.size(); ++test) {
            const std::string lacking = lua::lacking(bench, tests[test].needs);
            if (lacking.empty()) continue;
            Message(BenchProcess::lacks)
                .add(static_cast<std::int64_t>(script))
                .add(static_cast<std::int64_t>(test))
                .add(std::string_view(lacking))
                .send(line_);
        }
    }
}

/// In a process of its own: what it opens must be closed before the first test opens it.
bool BenchLoop::look() {
    const pid_t looking = ::fork();
    if (looking < 0) throw std::system_error(errno, std::generic_category(), "cannot start a process");
    if (looking == 0) {
        die_with_parent();
        try {
            const auto bench = work_.look(work_.pack);
            bench->make_safe();
            tell_what_is_lacking(*bench);
            introduce(*bench);
            recording_.reset();
        } catch (const std::exception& failure) {
            Message(BenchProcess::not_opened).add(std::string_view(failure.what())).send(line_);
            _exit(1);
        }
        _exit(0);
    }
    const int status = wait_for_child(looking);
    wait_for_guards();
    return status == 0;
}

/// In as many messages as it takes.
void BenchLoop::tell_signals(const reports::SignalLayout& layout) {
    constexpr std::size_t in_a_message = 200;
    for (std::size_t from = 0; from < layout.signals.size(); from += in_a_message) {
        const std::size_t count = std::min(in_a_message, layout.signals.size() - from);
        Message message(BenchProcess::signals);
        message.add(layout.number).add(static_cast<std::int64_t>(count));
        for (std::size_t i = from; i < from + count; ++i)
            message << layout.signals[i];
        message.send(line_);
    }
}

void BenchLoop::serve() {
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &children, nullptr);
    const Line ended(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
    for (;;) {
        pollfd waiting[] = {{line_.descriptor(), POLLIN, 0}, {ended.descriptor(), POLLIN, 0}};
        if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return;
        signalfd_siginfo consumed;
        while (::read(ended.descriptor(), &consumed, sizeof consumed) > 0) {
        }
        tell_of_the_ended();
        if ((waiting[0].revents & (POLLIN | POLLHUP)) == 0) continue;
        auto order = receive(line_, false);
        if (!order) return;
        if (order->kind() == BenchProcess::run) start(*order);
        if (order->kind() == BenchProcess::stop) {
            for (const auto& [process, slot] : running_)
                ::kill(process, SIGUSR1);
        }
        if (order->kind() == BenchProcess::at_once) {
            for (const auto& [process, slot] : running_)
                ::kill(process, SIGKILL);
        }
    }
}

void BenchLoop::tell_of_the_ended() {
    int status = 0;
    for (pid_t process; (process = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        if (running_.count(process) == 0) continue;
        if (work_.look) wait_for_guards();
        Message(BenchProcess::ended)
            .add(std::int64_t{running_.at(process)})
            .add(std::int64_t{status})
            .send(line_);
        running_.erase(process);
    }
}

void BenchLoop::start(Received& order) {
    const int slot = static_cast<int>(order.number());
    const auto script = static_cast<std::size_t>(order.number());
    const auto test = static_cast<std::size_t>(order.number());
    const pid_t process = ::fork();
    if (process == 0) run_one(slots_.at(static_cast<std::size_t>(slot)), script, test);
    if (process < 0) {
        Message(BenchProcess::ended).add(std::int64_t{slot}).add(std::int64_t{-1}).send(line_);
        return;
    }
    running_[process] = slot;
}

/// For a test that ended where run_test() could not see to it; what could not be confirmed, as further
/// lines.
std::string BenchLoop::switched_off() {
    if (!bench_.bench) return "";
    try {
        bench_.bench->make_safe();
        return "";
    } catch (const std::exception& left_on) {
        return std::string("\n  ") + left_on.what();
    }
}

Ending BenchLoop::ending_of(const Line& line, std::size_t script_number, std::size_t test) {
    if (!bench_.bench) {
        bench_ = work_.open(work_.pack);
        if (work_.records) recording_.emplace(*bench_.bench);
    }
    if (!work_.limits.rights.all) bound_memory();
    const Watchdog watchdog(line);
    LineRecorder recorder(line, *bench_.bench->clock, work_.look != nullptr);
    if (recording_)
        recording_->start([&line](const reports::SignalBlock& block) {
            Message message(BenchProcess::block);
            (message << block).send(line);
        });
    return run_test(*scripts_.at(script_number), test, *bench_.bench, recorder, work_.seed,
                    work_.scripts.at(script_number).name, bench_.boot_fault);
}

void BenchLoop::run_one(const Line& line, std::size_t script_number, std::size_t test) {
    die_with_parent();
    const auto now_ns = [this] {
        return bench_.bench ? bench_.bench->clock->now().count() : std::int64_t{0};
    };
    Ending ending;
    std::string interlock;
    try {
        Message(BenchProcess::began).add(now_ns()).send(line);
        ending = ending_of(line, script_number, test);
    } catch (const InterlockError& open) {
        ending = {reports::Verdict::error, open.what() + switched_off()};
        interlock = open.what();
    } catch (const std::exception& failure) {
        ending = {reports::Verdict::error, failure.what() + switched_off()};
    }
    try {
        if (recording_) recording_->finish();
    } catch (const std::exception& failure) {
        ending = {reports::Verdict::error, std::string("its recording: ") + failure.what()};
    }
    if (bench_.bench) interlock = bench_.bench->open_interlock();
    Message(BenchProcess::over)
        .add(static_cast<std::int64_t>(ending.verdict))
        .add(std::string_view(ending.message))
        .add(now_ns())
        .add(std::string_view(interlock))
        .send(line);
    // No destructor of the bench's runs in a copy of it.
    _exit(0);
}

}  // namespace rig
