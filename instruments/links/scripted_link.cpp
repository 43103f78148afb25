// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/scripted_link.hpp"

#include <stdexcept>
#include <utility>

namespace rig {

ScriptedLink::ScriptedLink(Clock& clock, std::vector<Line> page) : clock_(clock), page_(std::move(page)) {
}

void ScriptedLink::send(std::string_view bytes) {
    for (const char byte : bytes) {
        if (byte == '\n')
            take(std::exchange(unfinished_, {}));
        else
            unfinished_ += byte;
    }
}

void ScriptedLink::on_receive(Receiver receiver) {
    receiver_ = std::move(receiver);
}

void ScriptedLink::append(const std::vector<Line>& lines) {
    page_.insert(page_.end(), lines.begin(), lines.end());
}

void ScriptedLink::take(const std::string& command) {
    if (finished()) throw std::logic_error("the page ends before \"" + command + "\"");
    const auto& line = page_[next_];
    if (line.command != command)
        throw std::logic_error("line " + std::to_string(next_ + 1) + " of the page says \"" + line.command +
                               "\", the driver said \"" + command + "\"");
    ++next_;
    if (!line.answer.empty())
        clock_.at(clock_.now() + line.after, [this, answer = line.answer + "\n"] { receiver_(answer); });
}

}  // namespace rig
