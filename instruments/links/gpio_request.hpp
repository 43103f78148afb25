// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gpiod.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "instruments/links/line_address.hpp"

/// libgpiod 1.6 and 2.x, which have little in common, behind what the rig needs of either: lines found, and
/// inputs. All of it throws std::system_error. Whoever includes this sees the library whole: gpio_line.cpp,
/// and nobody else.
namespace rig::gpio {

/// A line of a chip as it stands, before anybody asks for it.
struct FoundLine {
    std::string label;  ///< the chip's
    unsigned offset = 0;
    bool used = false;
    std::string user;
};

struct Stamped {
    std::chrono::nanoseconds monotonic;
    bool active;  ///< as it was soon after: two changes in quick succession may both say how it ended
};

inline constexpr const char* consumer = "rig";

/// Of one line, the kernel keeps so many changes until somebody takes them.
inline constexpr std::size_t kernel_buffer = 16;

#if __has_include(<gpiodcxx/chip.hpp>)

inline std::optional<FoundLine> find(const std::string& device, const std::string& name) {
    ::gpiod::chip chip(device);
    const int offset = chip.get_line_offset_from_name(name);
    if (offset < 0) return std::nullopt;
    const auto info = chip.get_line_info(static_cast<unsigned>(offset));
    return FoundLine{chip.get_info().label(), static_cast<unsigned>(offset), info.used(), info.consumer()};
}

class Input {
public:
    Input(const std::string& device, unsigned offset, const LineAddress& line)
        : offset_(offset),
          request_(::gpiod::chip(device)
                       .prepare_request()
                       .set_consumer(consumer)
                       .add_line_settings(offset, settings(line))
                       .do_request()) {}

    bool active() { return request_.get_value(offset_) == ::gpiod::line::value::ACTIVE; }
    int descriptor() const { return request_.fd(); }

    /// Takes what is there, and does not wait.
    std::vector<Stamped> changes() {
        std::vector<Stamped> taken;
        ::gpiod::edge_event_buffer buffer(kernel_buffer);
        while (request_.wait_edge_events(std::chrono::nanoseconds(0))) {
            request_.read_edge_events(buffer);
            for (const auto& event : buffer)
                taken.push_back({std::chrono::nanoseconds(static_cast<std::uint64_t>(event.timestamp_ns())),
                                 event.type() == ::gpiod::edge_event::event_type::RISING_EDGE});
        }
        return taken;
    }

private:
    static ::gpiod::line_settings settings(const LineAddress& line) {
        ::gpiod::line_settings settings;
        settings.set_active_low(line.active_low);
        settings.set_direction(::gpiod::line::direction::INPUT).set_edge_detection(::gpiod::line::edge::BOTH);
        if (line.bias == LineAddress::Bias::none) settings.set_bias(::gpiod::line::bias::DISABLED);
        if (line.bias == LineAddress::Bias::pull_up) settings.set_bias(::gpiod::line::bias::PULL_UP);
        if (line.bias == LineAddress::Bias::pull_down) settings.set_bias(::gpiod::line::bias::PULL_DOWN);
        return settings;
    }

    unsigned offset_;
    ::gpiod::line_request request_;
};

#else

inline std::optional<FoundLine> find(const std::string& device, const std::string& name) {
    ::gpiod::chip chip(device, ::gpiod::chip::OPEN_BY_PATH);
    const auto line = chip.find_line(name);
    if (!line) return std::nullopt;
    return FoundLine{chip.label(), line.offset(), line.is_used(), line.consumer()};
}

class Input {
public:
    Input(const std::string& device, unsigned offset, const LineAddress& line)
        : chip_(device, ::gpiod::chip::OPEN_BY_PATH), line_(chip_.get_line(offset)) {
        using Wanted = ::gpiod::line_request;
        Wanted wanted{consumer, Wanted::EVENT_BOTH_EDGES, {}};
        if (line.active_low) wanted.flags |= Wanted::FLAG_ACTIVE_LOW;
        if (line.bias == LineAddress::Bias::none) wanted.flags |= Wanted::FLAG_BIAS_DISABLE;
        if (line.bias == LineAddress::Bias::pull_up) wanted.flags |= Wanted::FLAG_BIAS_PULL_UP;
        if (line.bias == LineAddress::Bias::pull_down) wanted.flags |= Wanted::FLAG_BIAS_PULL_DOWN;
        line_.request(wanted, 0);
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    bool active() { return line_.get_value() != 0; }
    int descriptor() const { return line_.event_get_fd(); }

    /// Takes what is there, and does not wait.
    std::vector<Stamped> changes() {
        std::vector<Stamped> taken;
        while (line_.event_wait(std::chrono::nanoseconds(0)))
            for (const auto& event : line_.event_read_multiple())
                taken.push_back({event.timestamp, event.event_type == ::gpiod::line_event::RISING_EDGE});
        return taken;
    }

private:
    ::gpiod::chip chip_;
    ::gpiod::line line_;
};

#endif

}  // namespace rig::gpio
