// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/guard/handover.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace rig::guard {
namespace {

constexpr std::size_t longest_message = 128 * 1024;  ///< an instrument of many channels takes a few thousand

void put(std::string& bytes, std::int64_t number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    bytes.append(raw, sizeof raw);
}

void put(std::string& bytes, const std::string& text) {
    put(bytes, static_cast<std::int64_t>(text.size()));
    bytes += text;
}

class Reader {
public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}

    std::string_view take(std::size_t size) {
        if (left_.size() < size) throw std::runtime_error("a message to the guard is too short");
        const auto taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }

    std::int64_t number() {
        std::int64_t number = 0;
        std::memcpy(&number, take(sizeof number).data(), sizeof number);
        return number;
    }

    std::string text() { return std::string(take(static_cast<std::size_t>(number()))); }

private:
    std::string_view left_;
};

void put(std::string& bytes, const OffSequence& sequence) {
    put(bytes, sequence.flush);
    put(bytes, sequence.flush_silence.count());
    put(bytes, static_cast<std::int64_t>(sequence.line));
    put(bytes, static_cast<std::int64_t>(sequence.steps.size()));
    for (const auto& step : sequence.steps) {
        put(bytes, step.send);
        put(bytes, static_cast<std::int64_t>(step.answer.kind));
        put(bytes, static_cast<std::int64_t>(step.answer.lines.size()));
        for (const auto& line : step.answer.lines)
            put(bytes, line);
        put(bytes, std::int64_t{step.answer.bits});
        put(bytes, std::int64_t{step.answer.off});
        put(bytes, step.answer.bytes);
        put(bytes, step.answer.mask);
        put(bytes, step.answer.within.count());
        put(bytes, step.silence_after.count());
    }
}

OffSequence sequence_of(Reader& message) {
    OffSequence sequence;
    sequence.flush = message.text();
    sequence.flush_silence = Nanoseconds{message.number()};
    sequence.line = static_cast<OffSequence::Line>(message.number());
    for (auto steps = message.number(); steps > 0; --steps) {
        OffSequence::Step step;
        step.send = message.text();
        step.answer.kind = static_cast<OffSequence::Answer::Kind>(message.number());
        for (auto lines = message.number(); lines > 0; --lines)
            step.answer.lines.push_back(message.text());
        step.answer.bits = static_cast<std::uint32_t>(message.number());
        step.answer.off = static_cast<std::uint32_t>(message.number());
        step.answer.bytes = message.text();
        step.answer.mask = message.text();
        step.answer.within = Nanoseconds{message.number()};
        step.silence_after = Nanoseconds{message.number()};
        sequence.steps.push_back(std::move(step));
    }
    return sequence;
}

/// One descriptor, in the form in which the system carries it.
union Ancillary {
    char bytes[CMSG_SPACE(sizeof(int))];
    cmsghdr aligned;
};

}  // namespace

bool send(int line, const Handover& message, int descriptor) {
    std::string bytes(1, static_cast<char>(message.kind));
    put(bytes, message.name);
    put(bytes, message.where);
    put(bytes, std::int64_t{message.turn});
    put(bytes, message.sequence);
    iovec data{bytes.data(), bytes.size()};
    msghdr whole{};
    whole.msg_iov = &data;
    whole.msg_iovlen = 1;
    Ancillary beside{};
    if (descriptor >= 0) {
        whole.msg_control = beside.bytes;
        whole.msg_controllen = sizeof beside.bytes;
        cmsghdr* const header = CMSG_FIRSTHDR(&whole);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    for (;;) {
        if (::sendmsg(line, &whole, MSG_NOSIGNAL) >= 0) return true;
        if (errno != EINTR) return false;
    }
}

bool send_alive(int line) {
    const char kind = static_cast<char>(Handover::Kind::alive);
    for (;;) {
        if (::send(line, &kind, 1, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return true;
        if (errno != EINTR) return false;
    }
}

std::optional<Handover> receive(int line, bool& over) {
    static std::string buffer(longest_message, '\0');
    iovec data{buffer.data(), buffer.size()};
    Ancillary beside{};
    msghdr whole{};
    whole.msg_iov = &data;
    whole.msg_iovlen = 1;
    whole.msg_control = beside.bytes;
    whole.msg_controllen = sizeof beside.bytes;
    ssize_t size = 0;
    do
        size = ::recvmsg(line, &whole, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (size < 0 && errno == EINTR);
    if (size <= 0) {
        over = size == 0 || errno != EAGAIN;
        return std::nullopt;
    }
    Handover message;
    const cmsghdr* const header = CMSG_FIRSTHDR(&whole);
    if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        int descriptor = -1;
        std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
        message.descriptor = FileDescriptor(descriptor);
    }
    message.kind = static_cast<Handover::Kind>(buffer[0]);
    if (size == 1) return message;
    Reader reader(std::string_view(buffer).substr(1, static_cast<std::size_t>(size) - 1));
    message.name = reader.text();
    message.where = reader.text();
    message.turn = static_cast<int>(reader.number());
    message.sequence = sequence_of(reader);
    return message;
}

}  // namespace rig::guard
