// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/guard/guard.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <utility>

namespace rig::guard {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds owner_dies_within{200};

/// Whoever was kept from running himself cannot say that others did not.
constexpr milliseconds late_myself{200};

int until(Time when, Time now) {
    if (when == Time::max()) return -1;
    const auto left = std::chrono::ceil<milliseconds>(when - now).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::string in_ms(Nanoseconds span) {
    return std::to_string(std::chrono::round<milliseconds>(span).count()) + " ms";
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

void write_whole(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno != EINTR) return;
        if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace

Guard::Guard(FileDescriptor line, FileDescriptor pulse, std::string bench, std::filesystem::path record)
    : line_(std::move(line)), pulse_(std::move(pulse)), bench_(std::move(bench)), record_(std::move(record)) {
    ucred maker{};
    socklen_t size = sizeof maker;
    // Only a parent that is still there can be taken hold of: its number might be somebody else's by now.
    if (::getsockopt(line_.number(), SOL_SOCKET, SO_PEERCRED, &maker, &size) == 0) {
        owner_number_ = maker.pid;
        owner_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, maker.pid, 0)));
        if (::getppid() != maker.pid) owner_.close();
    }
    alive_ = pulsed_ = Steady::now();
    send(line_.number(), {Handover::Kind::ready, {}, {}, 0, {}, {}});
}

bool Guard::watch() {
    for (;;) {
        const Time asked = Steady::now();
        Time due = all_off_ ? Time::max() : alive_ + heartbeat;
        if (!all_off_ && pulse_.open()) due = std::min(due, pulsed_ + pulse_within);
        pollfd waiting[] = {{line_.number(), POLLIN, 0}, {pulse_.open() ? pulse_.number() : -1, POLLIN, 0}};
        ::poll(waiting, 2, until(due, asked));
        const Time now = Steady::now();
        if (due != Time::max() && now > std::max(due, asked) + late_myself) alive_ = pulsed_ = now;
        if (waiting[1].revents != 0) hear_pulse(now);
        if (!hear_rig(now)) return all_off_ || switch_off("the rig is gone");
        if (const auto late = overdue(now); !late.empty()) {
            end_owner();
            hear_rig(now);  // a link that it opened again at its very end
            return switch_off(late);
        }
    }
}

/// False when the rig has closed its end, or died.
bool Guard::hear_rig(Time now) {
    bool over = false;
    while (auto message = receive(line_.number(), over))
        take(std::move(*message), now);
    return !over;
}

void Guard::take(Handover message, Time now) {
    alive_ = now;
    switch (message.kind) {
        case Handover::Kind::link: {
            Instrument& it = instruments_[message.name];
            it.where = message.where;
            it.descriptor = std::move(message.descriptor);
            break;
        }
        case Handover::Kind::instrument: {
            Instrument& it = instruments_[message.name];
            it.turn = message.turn;
            it.sequence = std::move(message.sequence);
            it.known = true;
            break;
        }
        case Handover::Kind::lock:
            locks_.push_back(std::move(message.descriptor));
            break;
        case Handover::Kind::alive:
            // Both begin with the first word that somebody may have to answer for.
            if (std::exchange(all_off_, false)) pulsed_ = now;
            break;
        case Handover::Kind::all_off:
            all_off_ = true;
            break;
        case Handover::Kind::ready:
            break;
    }
}

void Guard::hear_pulse(Time now) {
    char bytes[4096];
    ssize_t count = 0;
    while ((count = ::read(pulse_.number(), bytes, sizeof bytes)) > 0)
        pulsed_ = now;
    // The rig's own process is gone; the bench's goes with it, and tells by that.
    if (count == 0) pulse_.close();
}

std::string Guard::overdue(Time now) const {
    if (all_off_) return {};
    if (now - alive_ >= heartbeat)
        return "the bench's process has not shown any life for " + in_ms(now - alive_);
    if (pulse_.open() && now - pulsed_ >= pulse_within)
        return "the rig has not shown any life for " + in_ms(now - pulsed_);
    return {};
}

/// A process that is only stopped would go on where it was, and switch on again.
void Guard::end_owner() const {
    if (!owner_.open()) return;
    ::syscall(SYS_pidfd_send_signal, owner_.number(), SIGKILL, nullptr, 0);
    pollfd ended{owner_.number(), POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(owner_dies_within.count()));
}

bool Guard::switch_off(const std::string& why) {
    std::vector<const std::pair<const std::string, Instrument>*> in_turn;
    for (const auto& named : instruments_) {
        // Before it is known how, nothing was switched on.
        if (named.second.known) in_turn.push_back(&named);
    }
    if (in_turn.empty()) return true;
    std::stable_sort(in_turn.begin(), in_turn.end(),
                     [](const auto* a, const auto* b) { return a->second.turn < b->second.turn; });
    struct Underway {
        const std::string& name;
        const Instrument& its;
        SwitchingOff off;
    };
    std::vector<Underway> all;
    for (const auto* named : in_turn) {
        const Instrument& its = named->second;
        all.push_back({named->first, its, {its.descriptor.number(), its.sequence}});
    }

    const Time began = Steady::now();
    for (Underway& it : all)
        it.off.begin(began, began + gives_up_after);
    for (;;) {
        const Time now = Steady::now();
        const auto next =
            std::find_if(all.begin(), all.end(), [](const Underway& it) { return !it.off.tried(); });
        for (Underway& it : all) {
            if (next == all.end() || it.its.turn <= next->its.turn) it.off.take_turn(now);
        }
        if (std::all_of(all.begin(), all.end(), [](const Underway& it) { return it.off.over(); })) break;
        std::vector<pollfd> waiting;
        Time due = Time::max();
        for (const Underway& it : all) {
            due = std::min(due, it.off.due());
            const short room = it.off.wants_room() ? POLLOUT : 0;
            waiting.push_back(
                {it.off.over() ? -1 : it.its.descriptor.number(), static_cast<short>(POLLIN | room), 0});
        }
        ::poll(waiting.data(), waiting.size(), until(due, now));
        const Time woken = Steady::now();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if ((waiting[i].revents & ~POLLOUT) != 0) all[i].off.hear(woken);
            all[i].off.go_on(woken);
        }
    }

    std::string text =
        utc_now() + " " + bench_ + ", rig " + std::to_string(owner_number_) + ": " + why + "\n";
    bool off = true;
    for (const Underway& it : all) {
        const auto took = in_ms(it.off.since() - began);
        text += "  " + padded(it.name, 20) + " " +
                (it.off.confirmed() ? "off, confirmed after " + took
                                    : "NOT confirmed off: " + it.off.missing() + ": switch it off by hand") +
                " (" + it.its.where + ")\n";
        off = off && it.off.confirmed();
    }
    write_down(text);
    return off;
}

/// Where the next rig reads it, and where somebody may be looking.
void Guard::write_down(const std::string& text) const {
    std::error_code none;
    std::filesystem::create_directories(record_.parent_path(), none);
    const FileDescriptor file(::open(record_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (file.open()) {
        write_whole(file.number(), text);
        ::fsync(file.number());
    }
    // A terminal that takes nothing must not keep the guard, and with it the bench.
    pollfd terminal{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&terminal, 1, 0) > 0) write_whole(STDERR_FILENO, "rig-guard: " + text);
}

}  // namespace rig::guard
