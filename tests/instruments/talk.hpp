// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/links/memory_link.hpp"
#include "tests/instruments/test_clock.hpp"

namespace rig {

/// Somebody at a terminal program: types lines at an instrument and reads what comes.
class Talk {
public:
    Talk(Clock& clock, std::unique_ptr<ByteLink> link) : clock_(clock), link_(std::move(link)) {
        link_->on_receive([this](std::string_view bytes) { heard_ += bytes; });
    }

    void type(const std::string& line) { link_->send(line + "\n"); }

    /// What came within a second, without its line end; "" for nothing.
    std::string read() {
        clock_.run_until([this] { return heard_.ends_with('\n'); }, clock_.now() + 1000_ms);
        auto line = std::exchange(heard_, {});
        if (line.ends_with('\n')) line.pop_back();
        return line;
    }

    std::string ask(const std::string& line) {
        type(line);
        return read();
    }

private:
    Clock& clock_;
    std::unique_ptr<ByteLink> link_;
    std::string heard_;
};

}  // namespace rig
