// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/standard_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>
#include <stdexcept>

namespace rig {

namespace {

bool reader_left() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

}  // namespace

void prepare_standard_output() {
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        // Opening takes the lowest number that is free: this one.
        if (::fcntl(standard, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", O_RDWR);
    }
    ::signal(SIGPIPE, SIG_IGN);
}

void finish_standard_output() {
    std::cout.flush();
    if (std::cout.good() || reader_left()) return;
    throw std::runtime_error(
        "standard output: not everything could be written; what was stored is whole\n"
        "  try     free some space where the output goes, or send it elsewhere");
}

}  // namespace rig
