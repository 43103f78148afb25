// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"

namespace rig {

/// A page of an instrument's manual, for driver tests: expects exactly these
/// lines in this order and answers each with its answer ("": says nothing).
/// Throws std::logic_error from `send` where the driver departs from the page.
class ScriptedLink : public ByteLink {
public:
    struct Line {
        std::string command;
        std::string answer;
        Nanoseconds after{1'000'000};  ///< how long the instrument takes to answer
    };

    ScriptedLink(Clock& clock, std::vector<Line> page);

    void send(std::string_view bytes) override;
    void on_receive(Receiver receiver) override;
    std::string name() const override { return "scripted"; }

    /// Turns the page: what is expected after all that was.
    void append(const std::vector<Line>& lines);

    /// True once every line of the page was said.
    bool finished() const { return next_ == page_.size(); }

private:
    void take(const std::string& command);

    Clock& clock_;
    std::vector<Line> page_;
    std::size_t next_ = 0;
    std::string unfinished_;
    Receiver receiver_;
};

}  // namespace rig
