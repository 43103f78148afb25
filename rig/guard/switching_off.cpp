// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/guard/switching_off.hpp"

#include <linux/usb/tmc.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "instruments/links/gpio_output.hpp"

namespace rig::guard {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_pause{1};
constexpr milliseconds until_said_again{50};  ///< an answer that says something else may be an old one
constexpr milliseconds quiet{10};             ///< bytes without an end are whole when no more come
constexpr milliseconds for_the_deaf{50};      ///< who did not answer once is not waited for as long again

/// For people: what is no text as its bytes' values.
std::string quoted(std::string_view bytes) {
    std::string shown = "\"";
    for (const char byte : bytes.substr(0, 40)) {
        char value[8] = {byte};
        if (byte < ' ' || byte > '~')
            std::snprintf(value, sizeof value, "\\x%02x", static_cast<unsigned>(byte) & 0xffU);
        if (byte != '\n' && byte != '\r') shown += value;
    }
    return shown + "\"";
}

/// Nothing but silence tells such bytes from the first ones of something longer.
bool may_go_on(const OffSequence::Answer& answer) {
    return answer.kind == OffSequence::Answer::Kind::bytes &&
           answer.mask.find_first_not_of('\xff') != std::string::npos;
}

/// A device that takes whole messages, and is asked for its answers: the kernel's USB-TMC.
bool takes_messages(int descriptor) {
    struct stat what {};
    return ::fstat(descriptor, &what) == 0 && S_ISCHR(what.st_mode) && ::isatty(descriptor) == 0;
}

}  // namespace

void SwitchingOff::begin(Time now, Time give_up_at) {
    give_up_at_ = give_up_at;
    device_ = takes_messages(descriptor_);
    clear_line();
    attempt(now);
}

// What waits to go out is the dead program's, what waits to be read was its answer; and a line
// that somebody has stopped would take our words and keep them.
void SwitchingOff::clear_line() {
    if (device_) {
        ::ioctl(descriptor_, USBTMC_IOCTL_ABORT_BULK_IN);
        ::ioctl(descriptor_, USBTMC_IOCTL_CLEAR);
    } else if (::isatty(descriptor_) != 0) {
        ::tcflush(descriptor_, TCIOFLUSH);
        ::tcflow(descriptor_, TCOON);
    }
}

void SwitchingOff::take_turn(Time now) {
    its_turn_ = true;
    if (phase_ == Phase::ready) step(now);
}

void SwitchingOff::attempt(Time now) {
    missing_.clear();
    deaf_ = false;
    at_ = 0;
    phase_ = Phase::flushing;
    due_ = now + std::max<Nanoseconds>(sequence_.flush_silence, shortest_pause);
    outgoing_.clear();
    if (!device_) write(sequence_.flush);
    if (!lost_.empty()) end(now);
}

void SwitchingOff::go_on(Time now) {
    write_on();
    if (!lost_.empty()) return end(now);
    if (over() || now < due_) return;
    switch (phase_) {
        case Phase::flushing:
            phase_ = Phase::ready;
            due_ = Time::max();
            if (its_turn_) step(now);
            break;
        case Phase::answering:
            missed(heard_.empty() ? "no answer" : "it answers " + quoted(heard_));
            deaf_ = deaf_ || heard_.empty();
            [[fallthrough]];
        case Phase::settling:
            answered(now);
            break;
        case Phase::resting:
            step(now);
            break;
        case Phase::idle:
        case Phase::ready:
        case Phase::over:
            break;
    }
}

/// Its answer is there, or was given up.
void SwitchingOff::answered(Time now) {
    phase_ = Phase::resting;
    due_ = now + sequence_.steps[at_].silence_after;
    const bool was_all = ++at_ == sequence_.steps.size() && missing_.empty();
    if (was_all || due_ <= now) step(now);
}

void SwitchingOff::missed(std::string what) {
    if (missing_.empty()) missing_ = std::move(what) + " to " + quoted(sequence_.steps[at_].send);
}

void SwitchingOff::release_line() {
    try {
        gpio::drive_output(descriptor_, false);
        if (sequence_.line == OffSequence::Line::read_back && gpio::output_is_active(descriptor_))
            missing_ = "set inactive, it reads active";
    } catch (const std::system_error& error) {
        lose(error.code().value());
    }
}

void SwitchingOff::step(Time now) {
    if (sequence_.line != OffSequence::Line::none) release_line();
    if (!lost_.empty()) return end(now);
    if (at_ == sequence_.steps.size()) {
        ++attempts_;
        if (missing_.empty() || now >= give_up_at_) return end(now);
        return attempt(now);
    }
    const auto& it = sequence_.steps[at_];
    heard_.clear();
    write(it.send);
    if (!lost_.empty()) return end(now);
    if (it.answer.kind == OffSequence::Answer::Kind::none) return answered(now);
    phase_ = Phase::answering;
    due_ = now + (deaf_ ? std::min<Nanoseconds>(it.answer.within, for_the_deaf) : it.answer.within);
    if (device_) ask_device(now);
}

/// Such a device keeps its answer until it is asked, and whoever asks waits.
void SwitchingOff::ask_device(Time now) {
    unsigned patience_ms = static_cast<unsigned>(
        std::max<std::int64_t>(1, std::chrono::duration_cast<milliseconds>(due_ - now).count()));
    ::ioctl(descriptor_, USBTMC_IOCTL_SET_TIMEOUT, &patience_ms);
    hear(now);
    if (phase_ == Phase::answering) due_ = std::min(due_, Steady::now());
}

void SwitchingOff::hear(Time now) {
    char bytes[4096];
    const auto count = ::read(descriptor_, bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT)) return;
    if (count <= 0) {
        lose(count == 0 ? 0 : errno);
        return end(now);
    }
    heard_.append(bytes, static_cast<std::size_t>(count));
    if (phase_ != Phase::answering && phase_ != Phase::settling) return;
    const auto& answer = sequence_.steps[at_].answer;
    switch (confirmation(answer, heard_)) {
        case Confirmation::incomplete:
            return;
        case Confirmation::confirmed:
            if (!may_go_on(answer)) return answered(now);
            if (heard_.size() == answer.bytes.size()) {
                phase_ = Phase::settling;
                due_ = now + quiet;
                return;
            }
            break;
        case Confirmation::another:
            break;
    }
    phase_ = Phase::answering;
    due_ = std::min(due_, now + Nanoseconds{until_said_again});
}

void SwitchingOff::write(std::string_view bytes) {
    outgoing_ += bytes;
    write_on();
}

void SwitchingOff::write_on() {
    while (!outgoing_.empty() && lost_.empty()) {
        auto count = ::send(descriptor_, outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == ENOTSOCK) count = ::write(descriptor_, outgoing_.data(), outgoing_.size());
        if (count >= 0)
            outgoing_.erase(0, static_cast<std::size_t>(count));
        else if (errno == EAGAIN || errno == ETIMEDOUT)
            return;
        else if (errno != EINTR)
            lose(errno);
    }
}

void SwitchingOff::lose(int error) {
    const bool plain = error == 0 || error == EIO || error == EPIPE || error == ECONNRESET;
    lost_ = plain ? "its link is gone" : std::string("its link is gone: ") + std::strerror(error);
}

void SwitchingOff::end(Time now) {
    if (over()) return;
    if (!lost_.empty()) missing_ = lost_;
    phase_ = Phase::over;
    since_ = now;
    outgoing_.clear();
}

}  // namespace rig::guard
