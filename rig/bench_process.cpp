// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/bench_process.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <map>
#include <optional>
#include <system_error>

#include "rig/interlocks.hpp"
#include "rig/process_memory.hpp"
#include "rig/recording/recording.hpp"
#include "rig/run_test.hpp"
#include "rig/stop.hpp"
#include "rig/watchdog.hpp"

namespace rig {

namespace {

/// The process that looks at a real bench, while it does.
volatile pid_t looking_now = 0;

void pass_on(int signal) {
    if (looking_now > 0) ::kill(looking_now, signal);
}

/// Guards outlive the processes that started them: then they are this one's children.
void adopt_guards() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/// Where nothing else runs: until they have switched off, and let go of the bench's links.
void wait_for_guards() {
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
}

void die_with_parent() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/// Ctrl-C reaches every process of the terminal; only the runner acts on it and passes it on.
void leave_signals_to_the_runner() {
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    struct sigaction action {};
    action.sa_handler = [](int) {
        ask_to_stop();
        pass_on(SIGUSR1);
    };
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGUSR1, &action, nullptr);
    action.sa_handler = [](int) { pass_on(SIGKILL); };
    ::sigaction(SIGUSR2, &action, nullptr);
}

/// The test's end of its slot's line.
class LineRecorder : public Recorder {
public:
    LineRecorder(const Line& line, Clock& clock, bool real) : line_(line), clock_(clock), real_(real) {}

    void check(const reports::CheckRecord& check) override {
        Message message(BenchProcess::check);
        // Without a runner there is nobody to test for.
        if (!(message << check).send(line_)) _exit(1);
        try {
            if (real_) live_until_stored();
        } catch (...) {
            // The answer is this check's, and the next test's line is the same.
            if (!receive(line_, true)) _exit(1);
            throw;
        }
        if (!receive(line_, true)) _exit(1);
    }

    void event(const std::string& kind, const std::string& text) override {
        Message message(BenchProcess::event);
        (message << reports::EventRecord{clock_.now().count(), kind, text}).send(line_);
    }

private:
    /// A store may be busy for longer than a guard bears silence.
    void live_until_stored() {
        constexpr int often_ms = 50;
        pollfd stored{line_.descriptor(), POLLIN, 0};
        while (::poll(&stored, 1, often_ms) <= 0)
            clock_.run_for(Nanoseconds{0});
    }

    const Line& line_;
    Clock& clock_;
    bool real_;
};

class BenchLoop {
public:
    BenchLoop(const BenchWork& work, const Line& line, const std::vector<Line>& slots)
        : work_(work), line_(line), slots_(slots) {}

    void run() {
        while (auto order = receive(line_, true)) {
            if (order->kind() == BenchProcess::boot) {
                if (!boot()) return;
                serve();
                if (bench_.bench) bench_.bench->make_safe();
                return;
            }
        }
    }

private:
    bool boot() {
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

    void introduce(Bench& bench) {
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

    /// In a process of its own: what it opens must be closed before the first test opens it.
    bool look() {
        const pid_t looking = ::fork();
        if (looking < 0) throw std::system_error(errno, std::generic_category(), "cannot start a process");
        if (looking == 0) {
            die_with_parent();
            try {
                const auto bench = work_.look(work_.pack);
                bench->make_safe();
                introduce(*bench);
                recording_.reset();
            } catch (const std::exception& failure) {
                Message(BenchProcess::not_opened).add(std::string_view(failure.what())).send(line_);
                _exit(1);
            }
            _exit(0);
        }
        looking_now = looking;
        if (asked_to_stop()) ::kill(looking, SIGUSR1);
        int status = 0;
        while (::waitpid(looking, &status, 0) < 0 && errno == EINTR) {
        }
        looking_now = 0;
        wait_for_guards();
        return status == 0;
    }

    /// In as many messages as it takes.
    void tell_signals(const reports::SignalLayout& layout) {
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

    void serve() {
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

    void tell_of_the_ended() {
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

    void start(Received& order) {
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
    std::string switched_off() {
        if (!bench_.bench) return "";
        try {
            bench_.bench->make_safe();
            return "";
        } catch (const std::exception& left_on) {
            return std::string("\n  ") + left_on.what();
        }
    }

    [[noreturn]] void run_one(const Line& line, std::size_t script_number, std::size_t test) {
        die_with_parent();
        Script& script = *scripts_.at(script_number);
        const ScriptFile& file = work_.scripts.at(script_number);
        Ending ending;
        std::string interlock;
        try {
            Message(BenchProcess::began)
                .add(bench_.bench ? bench_.bench->clock->now().count() : std::int64_t{0})
                .send(line);
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
            ending =
                run_test(script, test, *bench_.bench, recorder, work_.seed, file.name, bench_.boot_fault);
        } catch (const InterlockError& open) {
            ending = {reports::Verdict::error, open.what() + switched_off()};
            interlock = open.what();
        } catch (const std::exception& failure) {
            ending = {reports::Verdict::error, failure.what() + switched_off()};
        }
        if (bench_.bench) interlock = bench_.bench->open_interlock();
        if (recording_) recording_->finish();
        Message(BenchProcess::over)
            .add(static_cast<std::int64_t>(ending.verdict))
            .add(std::string_view(ending.message))
            .add(bench_.bench ? bench_.bench->clock->now().count() : std::int64_t{0})
            .add(std::string_view(interlock))
            .send(line);
        // No destructor of the bench's runs in a copy of it.
        _exit(0);
    }

    const BenchWork& work_;
    const Line& line_;
    const std::vector<Line>& slots_;
    std::vector<std::unique_ptr<Script>> scripts_;
    BootedBench bench_;
    std::optional<Recording> recording_;
    std::map<pid_t, int> running_;
};

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
