// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/guard_line.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>

#include "instruments/instrument_error.hpp"
#include "rig/guard/handover.hpp"
#include "rig/guard_record.hpp"

namespace rig {

using guard::Handover;

namespace {

constexpr int starts_within_ms = 5000;
constexpr std::chrono::milliseconds beats_every{100};  ///< a tenth of what the guard bears
constexpr int pulse_of_guard = 3;                      ///< its descriptor for it

std::function<void()> life;  ///< of the bench that this process has open

[[noreturn]] void not_started(const std::string& what, int error) {
    throw InstrumentError("guard",
                          fmt::format("{}: {}\n  try     it is the program rig-guard beside rig: build "
                                      "it again, or end what fills the machine",
                                      what, std::strerror(error)));
}

std::string beside_this_program() {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "rig-guard").string();
}

pid_t spawn(int line, int pulse, const std::string& bench, const std::string& record) {
    const std::string program = beside_this_program();
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, line, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    if (pulse >= 0)
        ::posix_spawn_file_actions_adddup2(&files, pulse, pulse_of_guard);
    else
        ::posix_spawn_file_actions_addopen(&files, pulse_of_guard, "/dev/null", O_RDONLY, 0);
    posix_spawnattr_t how;
    ::posix_spawnattr_init(&how);
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&how, &none);
    // A session of its own: no terminal's signals reach it.
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    std::string words[] = {program, bench, record};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    pid_t process = -1;
    const int error = ::posix_spawn(&process, program.c_str(), &files, &how, arguments, environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&how);
    if (error != 0) not_started(program + " cannot be started", error);
    return process;
}

}  // namespace

struct GuardLine::State : std::enable_shared_from_this<State> {
    FileDescriptor line;
    pid_t process = -1;
    Clock* clock = nullptr;
    Nanoseconds period{};
    std::chrono::steady_clock::time_point said{};
    int chain = 0;          ///< of beats; an earlier one ends with the next
    bool minded = false;    ///< something may be on
    bool lost = false;      ///< nobody listens any more
    bool forgiven = false;  ///< it is being switched off already

    void say_alive() {
        said = std::chrono::steady_clock::now();
        minded = true;
        lost = lost || !guard::send_alive(line.number());
    }

    void beat_from(Nanoseconds when) {
        clock->at(when, [weak = weak_from_this(), beats = ++chain] {
            const auto state = weak.lock();
            if (state && state->chain == beats) state->beat();
        });
    }

    void beat() {
        beat_from(clock->now() + period);
        say_alive();
        if (!lost || forgiven) return;
        throw InstrumentError(
            "guard",
            "is gone, so nothing may stay on\n  try     find out who ended rig-guard, and run again");
    }
};

GuardLine::GuardLine(const GuardSetup& setup, const std::filesystem::path& fixture)
    : state_(std::make_shared<State>()) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        not_started("no line to it", errno);
    state_->line = FileDescriptor(ends[0]);
    const FileDescriptor theirs(ends[1]);
    const GuardRecord record(setup.folder, fixture);
    state_->process =
        spawn(theirs.number(), setup.pulse, fixture.filename().string(), record.file().string());
    pollfd ready{state_->line.number(), POLLIN, 0};
    while (::poll(&ready, 1, starts_within_ms) < 0 && errno == EINTR) {
    }
    bool over = false;
    if (!guard::receive(state_->line.number(), over)) not_started("rig-guard does not come up", ETIMEDOUT);
}

GuardLine::~GuardLine() {
    state_->line.close();
    while (::waitpid(state_->process, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void GuardLine::hold(int lock) {
    Handover message;
    message.kind = Handover::Kind::lock;
    guard::send(state_->line.number(), message, lock);
}

void GuardLine::opened(const std::string& instrument, const std::string& link, int descriptor) {
    Handover message;
    message.kind = Handover::Kind::link;
    message.name = instrument;
    message.where = link;
    guard::send(state_->line.number(), message, descriptor);
}

void GuardLine::guard(const std::string& instrument, int turn, const OffSequence& sequence) {
    Handover message;
    message.kind = Handover::Kind::instrument;
    message.name = instrument;
    message.turn = turn;
    message.sequence = sequence;
    if (!guard::send(state_->line.number(), message))
        throw InstrumentError("guard", "is gone before anything was switched on\n  try     run again");
}

void GuardLine::watch(Clock& clock, Nanoseconds second) {
    state_->clock = &clock;
    state_->period = Nanoseconds{second.count() / 1000 * beats_every.count()};
    life = [weak = std::weak_ptr(state_)] {
        const auto state = weak.lock();
        if (state && state->minded && std::chrono::steady_clock::now() - state->said >= beats_every)
            state->say_alive();
    };
    state_->beat();
}

void GuardLine::switching_off() {
    state_->forgiven = true;
}

void GuardLine::all_off() {
    Handover message;
    message.kind = Handover::Kind::all_off;
    guard::send(state_->line.number(), message);
    state_->minded = state_->forgiven = false;
    state_->beat_from(state_->clock->now());
}

void GuardLine::closing() {
    if (!state_->minded) ++state_->chain;
}

void show_life() {
    if (life) life();
}

}  // namespace rig
