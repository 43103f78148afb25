// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/bench_lock.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <functional>

#include "instruments/instrument_error.hpp"

namespace rig {

namespace {

/// The same for all names of one device.
std::string what_it_is(const LinkAddress& address) {
    if (address.kind == LinkAddress::Kind::tcp) return fmt::format("{}:{}", address.target, address.port);
    std::string target = address.target;
    if (address.kind == LinkAddress::Kind::sigrok) {
        target = address.sigrok.connection;
        const std::string socket = "tcp-raw/";  // and host/port
        if (target.starts_with(socket)) {
            std::replace(target.begin() + static_cast<std::ptrdiff_t>(socket.size()), target.end(), '/', ':');
            return target.substr(socket.size());
        }
        if (target.empty()) return address.name();
    }
    std::error_code none;
    const auto device = std::filesystem::canonical(target, none);
    return none ? target : device.string();
}

/// A name that no file stands for: it goes when its last descriptor does, however that comes about.
bool bind_name(int socket, std::string name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name = "rig-bench " + name;
    // One that is longer than the system takes is told by its number.
    if (name.size() > sizeof address.sun_path - 1)
        name = fmt::format("rig-bench {:016x}", std::hash<std::string>{}(name));
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0;
}

}  // namespace

void BenchLock::take(const LinkAddress& address, const std::string& name) {
    // Whoever opens a pseudo-terminal locks it, and its name may be another one's tomorrow.
    if (address.kind == LinkAddress::Kind::pty) return;
    const std::string what = what_it_is(address);
    if (std::find(taken_.begin(), taken_.end(), what) != taken_.end()) return;
    FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket.open()) throw InstrumentError(name, std::string("no socket: ") + std::strerror(errno));
    if (!bind_name(socket.number(), what)) {
        throw InstrumentError(
            name,
            fmt::format(
                "{}: another rig has it, and this one has touched nothing\n  try     end the other rig; "
                "if it was killed, wait until its guard has switched off",
                address.name()));
    }
    taken_.push_back(what);
    descriptors_.push_back(std::move(socket));
}

}  // namespace rig
