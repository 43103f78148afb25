// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/framed_link.hpp"

#include <algorithm>

namespace rig {

FramedLink::FramedLink(Clock& clock, std::unique_ptr<ByteLink> link, const ScpiDialect::Framing& framing,
                       int id)
    : clock_(clock), link_(std::move(link)), framing_(framing), id_(id) {
}

std::string FramedLink::framed(const ScpiDialect::Framing& framing, int id, std::string_view line) {
    auto text = framing.prefix;
    if (const auto at = text.find("{id}"); at != std::string::npos) text.replace(at, 4, std::to_string(id));
    text += line.substr(0, line.size() - 1);
    return text + framing.line_end;
}

void FramedLink::send(std::string_view line) {
    const auto text = framed(framing_, id_, line);
    const auto at = std::max(clock_.now(), free_at_);
    free_at_ = at + (line.find('?') == std::string_view::npos ? framing_.pause : Nanoseconds{});
    if (at == clock_.now()) return link_->send(text);
    clock_.at(at, [weak = std::weak_ptr(link_), text] {
        if (const auto link = weak.lock()) link->send(text);
    });
}

}  // namespace rig
