// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <thread>

namespace rig::reports {

/// Stands between a program and a server's socket, and cuts the connection once so many bytes have
/// gone either way.
class CuttingLine {
public:
    /// Listens at `here`, one connection at a time.
    CuttingLine(const std::filesystem::path& here, std::filesystem::path server)
        : server_(std::move(server)), listening_(new_socket()) {
        const sockaddr_un address = address_of(here);
        if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listening_, 8) != 0)
            throw std::runtime_error("cannot listen at " + here.string());
        thread_ = std::thread([this] { serve(); });
    }
    ~CuttingLine() {
        ::shutdown(listening_, SHUT_RDWR);
        thread_.join();
        ::close(listening_);
    }
    CuttingLine(const CuttingLine&) = delete;
    CuttingLine& operator=(const CuttingLine&) = delete;

    static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

    /// For connections from now on.
    void cut_after(std::size_t bytes) { allowed_ = bytes; }
    std::size_t passed() const { return passed_; }  ///< bytes, in all
    int cuts() const { return cuts_; }

private:
    static int new_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

    static sockaddr_un address_of(const std::filesystem::path& place) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, place.c_str(), sizeof address.sun_path - 1);
        return address;
    }

    void serve() {
        for (int client; (client = ::accept(listening_, nullptr, nullptr)) >= 0; ::close(client)) {
            const int server = new_socket();
            const sockaddr_un address = address_of(server_);
            if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
                relay(client, server);
            ::close(server);
        }
    }

    void relay(int client, int server) {
        std::size_t left = allowed_;
        pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        while (::poll(ends, 2, -1) > 0) {
            for (int from = 0; from < 2; ++from) {
                if (ends[from].revents == 0) continue;
                char bytes[4096];
                const auto got = ::read(ends[from].fd, bytes, sizeof bytes);
                if (got <= 0) return;
                const std::size_t passing = std::min(left, static_cast<std::size_t>(got));
                if (::send(ends[1 - from].fd, bytes, passing, MSG_NOSIGNAL) < 0) return;
                passed_ += passing;
                if (left != never) left -= passing;
                if (left > 0) continue;
                ++cuts_;
                return;
            }
        }
    }

    std::filesystem::path server_;
    int listening_;
    std::atomic<std::size_t> allowed_{never}, passed_{0};
    std::atomic<int> cuts_{0};
    std::thread thread_;
};

}  // namespace rig::reports
