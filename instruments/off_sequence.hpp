// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/clock.hpp"

namespace rig {

/// How an instrument's outputs are switched off by somebody who has nothing but its wire: bytes as
/// they go out, and the answers that confirm them; or a GPIO line, which is set inactive. Repeated from the
/// flush until every answer confirms.
struct OffSequence {
    /// Supplies have relays: who is asked sooner after its command says that the output is on.
    static constexpr Nanoseconds output_follows{20'000'000};

    /// An answer that confirms: none is awaited, a line, or bytes.
    struct Answer {
        enum class Kind { none, line, bytes };
        Kind kind = Kind::none;
        std::vector<std::string> lines;   ///< line: any of these, its end left out
        std::uint32_t bits = 0, off = 0;  ///< line, if `bits` is not 0: a number that has `off` in these bits
        std::string bytes, mask;          ///< bytes: these, where `mask` has ones; as long as each other
        Nanoseconds within{};

        /// These bytes, all bits of them.
        static Answer exactly(const std::string& bytes, Nanoseconds within);
    };

    struct Step {
        std::string send;
        Answer answer;
        Nanoseconds silence_after{};  ///< what the instrument needs before the next word
    };

    /// Ends what somebody may have left half said: these bytes, then silence.
    std::string flush;
    Nanoseconds flush_silence{};

    std::vector<Step> steps;

    /// The descriptor is a GPIO output's (links/gpio_output.hpp). Where others pull at the line too, only
    /// that it was set can be confirmed.
    enum class Line { none, set, read_back };
    Line line = Line::none;
};

enum class Confirmation { incomplete, confirmed, another };

/// What `heard` since the step was sent says about it. Whatever stands before the last whole line, or
/// before the last bytes, is old: it was on its way before.
Confirmation confirmation(const OffSequence::Answer& answer, std::string_view heard);

/// An instrument whose outputs somebody else must be able to switch off.
class Guarded {
public:
    virtual ~Guarded() = default;
    virtual OffSequence off_sequence() const = 0;

    /// The operating system's, of its link; -1 in memory.
    virtual int descriptor() const = 0;
};

}  // namespace rig
