// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/messages.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace rig {

namespace {

// A socket takes 208 KiB at a time: no text fills a message, and a message ends where that would.
constexpr std::size_t longest_text = 16 * 1024;
constexpr std::size_t longest_message = 128 * 1024;

}  // namespace

void Line::close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::pair<Line, Line> new_line() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        throw std::system_error(errno, std::generic_category(), "cannot make a socket pair");
    }
    return {Line(ends[0]), Line(ends[1])};
}

Message& Message::add(std::int64_t number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    bytes_.append(raw, sizeof raw);
    return *this;
}

Message& Message::add(double number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    bytes_.append(raw, sizeof raw);
    return *this;
}

Message& Message::add(std::string_view text) {
    if (bytes_.size() > longest_message) text = {};
    const bool cut = text.size() > longest_text;
    if (cut) {
        std::size_t size = longest_text;
        while (size > 0 && (text[size] & 0xC0) == 0x80)
            --size;  // not inside a UTF-8 character
        text = text.substr(0, size);
    }
    const std::string_view ellipsis = cut ? "…" : "";
    add(static_cast<std::int64_t>(text.size() + ellipsis.size()));
    bytes_.append(text).append(ellipsis);
    return *this;
}

Message& Message::add_bytes(std::string_view bytes) {
    add(static_cast<std::int64_t>(bytes.size()));
    bytes_.append(bytes);
    return *this;
}

Message& Message::add(const std::vector<std::string>& texts) {
    add(static_cast<std::int64_t>(texts.size()));
    for (const std::string& text : texts)
        add(std::string_view(text));
    return *this;
}

Message& Message::add(const std::optional<double>& number) {
    add(std::int64_t{number.has_value()});
    return add(number.value_or(0.0));
}

bool Message::send(const Line& line) const {
    for (;;) {
        if (::send(line.descriptor(), bytes_.data(), bytes_.size(), MSG_NOSIGNAL) >= 0) return true;
        if (errno != EINTR) return false;
    }
}

std::string_view Received::take(std::size_t size) {
    if (bytes_.size() - at_ < size)
        throw std::runtime_error("a message between the rig's processes is too short");
    const std::string_view taken = std::string_view(bytes_).substr(at_, size);
    at_ += size;
    return taken;
}

std::int64_t Received::number() {
    std::int64_t number = 0;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
}

double Received::real() {
    double number = 0;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
}

std::string Received::text() {
    const std::int64_t size = number();
    return std::string(take(static_cast<std::size_t>(size)));
}

std::vector<std::string> Received::texts() {
    std::vector<std::string> texts(static_cast<std::size_t>(number()));
    for (std::string& text : texts)
        text = this->text();
    return texts;
}

std::optional<double> Received::maybe_real() {
    const bool there = number() != 0;
    const double value = real();
    return there ? std::optional(value) : std::nullopt;
}

std::optional<Received> receive(const Line& line, bool wait) {
    static std::string buffer(2 * longest_message, '\0');
    for (;;) {
        const auto size = ::recv(line.descriptor(), buffer.data(), buffer.size(), wait ? 0 : MSG_DONTWAIT);
        if (size > 0) return Received(buffer.substr(0, static_cast<std::size_t>(size)));
        if (size < 0 && errno == EINTR) continue;
        return std::nullopt;
    }
}

Message& operator<<(Message& message, const reports::CheckRecord& check) {
    message.add(std::int64_t{check.number}).add(std::string_view(check.name));
    message.add(static_cast<std::int64_t>(check.verdict)).add(check.value).add(check.low).add(check.high);
    message.add(std::string_view(check.unit)).add(check.proves).add(std::string_view(check.script_line));
    return message.add(check.bench_ns).add(std::string_view(check.detail));
}

reports::CheckRecord check_of(Received& message) {
    reports::CheckRecord check;
    check.number = static_cast<int>(message.number());
    check.name = message.text();
    check.verdict = static_cast<reports::Verdict>(message.number());
    check.value = message.maybe_real();
    check.low = message.maybe_real();
    check.high = message.maybe_real();
    check.unit = message.text();
    check.proves = message.texts();
    check.script_line = message.text();
    check.bench_ns = message.number();
    check.detail = message.text();
    return check;
}

Message& operator<<(Message& message, const reports::EventRecord& event) {
    return message.add(event.bench_ns).add(std::string_view(event.kind)).add(std::string_view(event.text));
}

reports::EventRecord event_of(Received& message) {
    reports::EventRecord event;
    event.bench_ns = message.number();
    event.kind = message.text();
    event.text = message.text();
    return event;
}

Message& operator<<(Message& message, const reports::SignalBlock& block) {
    return message.add(block.first_ns).add(block.last_ns).add_bytes(block.changes);
}

reports::SignalBlock block_of(Received& message) {
    reports::SignalBlock block;
    block.first_ns = message.number();
    block.last_ns = message.number();
    block.changes = message.text();
    return block;
}

Message& operator<<(Message& message, const reports::SignalRecord& signal) {
    message.add(std::string_view(signal.name)).add(std::string_view(signal.source));
    return message.add(std::string_view(signal.unit)).add(signal.step);
}

reports::SignalRecord signal_of(Received& message) {
    reports::SignalRecord signal;
    signal.name = message.text();
    signal.source = message.text();
    signal.unit = message.text();
    signal.step = message.real();
    return signal;
}

Message& operator<<(Message& message, const TestDeclaration& test) {
    message.add(std::string_view(test.name)).add(std::int64_t{test.line});
    message.add(test.needs).add(test.proves).add(test.tags).add(test.limit_s);
    return message.add(std::int64_t{test.cells.value_or(0)}).add(std::int64_t{test.uncalibrated});
}

TestDeclaration declaration_of(Received& message) {
    TestDeclaration test;
    test.name = message.text();
    test.line = static_cast<int>(message.number());
    test.needs = message.texts();
    test.proves = message.texts();
    test.tags = message.texts();
    test.limit_s = message.real();
    if (const auto cells = message.number(); cells != 0) test.cells = static_cast<int>(cells);
    test.uncalibrated = message.number() != 0;
    return test;
}

}  // namespace rig
