// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "reports/records.hpp"
#include "reports/signal_block.hpp"
#include "rig/lua/declaration.hpp"

namespace rig {

/// One end of a line between two of the rig's own processes; keeps messages
/// whole and in order. Closes itself.
class Line {
public:
    Line() = default;
    explicit Line(int descriptor) : descriptor_(descriptor) {}
    ~Line() { close(); }
    Line(Line&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Line& operator=(Line&& other) noexcept {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
        return *this;
    }

    int descriptor() const { return descriptor_; }
    bool open() const { return descriptor_ >= 0; }
    void close();

private:
    int descriptor_ = -1;
};

/// Two ends of a new line.
std::pair<Line, Line> new_line();

/// What travels: a kind, then values in an order that both ends know.
class Message {
public:
    explicit Message(char kind) : bytes_(1, kind) {}

    Message& add(std::int64_t number);
    Message& add(double number);
    Message& add(std::string_view text);         ///< cut where it would not fit a message
    Message& add_bytes(std::string_view bytes);  ///< whole, and no more than a block of signals
    Message& add(const std::vector<std::string>& texts);
    Message& add(const std::optional<double>& number);

    /// False when nobody is at the other end any more.
    bool send(const Line& line) const;

private:
    std::string bytes_;
};

/// A message that came: read in the order in which it was put together.
class Received {
public:
    explicit Received(std::string bytes) : bytes_(std::move(bytes)) {}

    char kind() const { return bytes_.at(0); }
    std::int64_t number();
    double real();
    std::string text();
    std::vector<std::string> texts();
    std::optional<double> maybe_real();
    bool at_end() const { return at_ == bytes_.size(); }
    std::string rest() { return std::string(take(bytes_.size() - at_)); }

private:
    std::string_view take(std::size_t size);

    std::string bytes_;
    std::size_t at_ = 1;
};

/// The next message; with `wait` blocks for it. Nullopt: none there, or nobody
/// at the other end any more.
std::optional<Received> receive(const Line& line, bool wait);

Message& operator<<(Message& message, const reports::CheckRecord& check);
reports::CheckRecord check_of(Received& message);
Message& operator<<(Message& message, const reports::EventRecord& event);
reports::EventRecord event_of(Received& message);
Message& operator<<(Message& message, const reports::SignalBlock& block);
reports::SignalBlock block_of(Received& message);
Message& operator<<(Message& message, const reports::SignalRecord& signal);
reports::SignalRecord signal_of(Received& message);
Message& operator<<(Message& message, const TestDeclaration& test);
TestDeclaration declaration_of(Received& message);

}  // namespace rig
