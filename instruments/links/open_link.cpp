// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/open_link.hpp"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "instruments/links/descriptor_link.hpp"
#include "instruments/links/link_error.hpp"
#include "instruments/links/usbtmc_link.hpp"

namespace rig {
namespace {

/// A program that has just ended, or its guard, may hold its devices for a moment longer.
FileDescriptor once_free(WallClock& clock, const DescriptorLink::Open& open) {
    constexpr Nanoseconds let_go_within{500'000'000}, again_after{20'000'000};
    for (const auto last_try = clock.now() + let_go_within;;) {
        try {
            return open();
        } catch (const LinkBusy&) {
            if (clock.now() >= last_try) throw;
        }
        clock.run_for(again_after);
    }
}

/// "process 1234 (rig)", as far as the system tells who locked what `descriptor` is.
std::string who_locked(int descriptor) {
    struct stat what {};
    if (::fstat(descriptor, &what) != 0) return "nobody knows which";
    const auto device = fmt::format("{:02x}:{:02x}:{}", major(what.st_dev), minor(what.st_dev), what.st_ino);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words(line);
        std::string number, kind, manner, access, process, place;
        words >> number >> kind >> manner >> access >> process >> place;
        if (kind != "FLOCK" || place != device) continue;
        std::string name = "which has ended, but not its guard";
        std::getline(std::ifstream("/proc/" + process + "/comm"), name);
        return fmt::format("process {} ({})", process, name);
    }
    return "which has just let it go";
}

}  // namespace

std::unique_ptr<ByteLink> open_link(WallClock& clock, const LinkAddress& address, Nanoseconds within,
                                    const Opened& opened) {
    const auto link = [&](const char* gone, DescriptorLink::Open open) {
        const auto open_and_tell = [&clock, open = std::move(open), opened] {
            auto descriptor = once_free(clock, open);
            if (opened) opened(descriptor.number());
            return descriptor;
        };
        return std::make_unique<DescriptorLink>(clock, address.name(), gone, open_and_tell);
    };
    switch (address.kind) {
        case LinkAddress::Kind::serial:
            return link("unplugged", [address] { return open_serial(address); });
        case LinkAddress::Kind::pty:
            return link("closed by the peer", [address] { return open_pty(address); });
        case LinkAddress::Kind::tcp:
            return link("closed by the peer",
                        [&clock, address, within] { return open_tcp(clock, address, within); });
        case LinkAddress::Kind::usbtmc:
            return usbtmc_link(clock, address.name(), [address, opened] {
                auto device = open_usbtmc(address);
                if (opened) opened(device->descriptor());
                return device;
            });
        default:
            throw LinkError(address.name() + ": carries no bytes that the operating system brings");
    }
}

void lock_device(int descriptor, const LinkAddress& address) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return;
    if (errno == EWOULDBLOCK)
        throw LinkBusy(
            fmt::format("{}: another program has it, {}\n  try     end the other rig, or name another device",
                        address.name(), who_locked(descriptor)));
    refuse_link(address, "cannot be locked", errno, "does its file system know locks?");
}

void refuse_link(const LinkAddress& address, const std::string& what, int error, const std::string& to_try) {
    throw LinkError(
        fmt::format("{}: {}: {}\n  try     {}", address.name(), what, std::strerror(error), to_try));
}

}  // namespace rig
