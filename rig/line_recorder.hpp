// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/clock.hpp"
#include "rig/lua/recorder.hpp"
#include "rig/messages.hpp"

namespace rig {

/// The test's end of its slot's line: a check is stored before the test goes on. Of a real bench the clock
/// goes on meanwhile, and with it the guard's heartbeat.
class LineRecorder : public Recorder {
public:
    LineRecorder(const Line& line, Clock& clock, bool real) : line_(line), clock_(clock), real_(real) {}

    void check(const reports::CheckRecord& check) override;
    void event(const std::string& kind, const std::string& text) override;

private:
    void live_until_stored();

    const Line& line_;
    Clock& clock_;
    bool real_;
};

}  // namespace rig
