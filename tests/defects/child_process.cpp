// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <sstream>

#include "rig/trace/defect_list.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

std::atomic<bool> stopped{false};

namespace {

constexpr int look_every_ms = 500;

/// What a process has used, and what its children had when they ended. The fields of
/// /proc/<pid>/stat behind the name, from the third on.
double used_by(const fs::path& stat, pid_t group) {
    std::ifstream in(stat);
    std::string text;
    std::getline(in, text);
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return 0.0;
    std::istringstream fields(text.substr(name_end + 1));
    std::string state;
    long parent = 0, its_group = 0, skipped = 0, user = 0, system = 0, children_user = 0, children_system = 0;
    fields >> state >> parent >> its_group;
    if (its_group != group) return 0.0;
    for (int i = 0; i < 8; ++i)
        fields >> skipped;
    fields >> user >> system >> children_user >> children_system;
    return static_cast<double>(user + system + children_user + children_system) /
           static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double used_by_group(pid_t group) {
    double sum = 0.0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }))
            sum += used_by(entry.path() / "stat", group);
    }
    return sum;
}

/// A process group of its own: what the program starts is ended with it.
pid_t start(const std::vector<std::string>& command, const fs::path& folder, const fs::path& log) {
    std::vector<std::string> owned = command;
    std::vector<char*> arguments;
    for (std::string& argument : owned)
        arguments.push_back(argument.data());
    arguments.push_back(nullptr);

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t child = 0;
    const int failure = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failure != 0) throw DefectError(fmt::format("cannot run {}: {}", command[0], std::strerror(failure)));
    return child;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

Ended run_program(const std::vector<std::string>& command, const fs::path& folder, const fs::path& log,
                  double cpu_limit_s) {
    const pid_t child = start(command, folder, log);
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    Ended ended;
    for (pollfd over{handle, POLLIN, 0}; handle >= 0 && ::poll(&over, 1, look_every_ms) == 0;) {
        ended.over_limit = cpu_limit_s > 0.0 && used_by_group(child) > cpu_limit_s;
        if (!ended.over_limit && !stopped) continue;
        ::kill(-child, SIGKILL);
        break;
    }
    if (handle >= 0) ::close(handle);

    int status = 0;
    rusage used{};
    while (::wait4(child, &status, 0, &used) < 0) {
        if (errno != EINTR)
            throw DefectError(fmt::format("cannot wait for {}: {}", command[0], std::strerror(errno)));
    }
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ended.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
    return ended;
}

std::string last_lines(const fs::path& log, std::size_t count) {
    std::deque<std::string> lines;
    std::ifstream in(log);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
        if (lines.size() > count) lines.pop_front();
    }
    std::string text;
    for (const std::string& line : lines)
        text += "\n    " + line;
    return text;
}

}  // namespace rig::defects
