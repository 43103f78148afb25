// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/line_recorder.hpp"

#include <poll.h>
#include <unistd.h>

#include "rig/bench_process.hpp"

namespace rig {

void LineRecorder::check(const reports::CheckRecord& check) {
    Message message(BenchProcess::check);
    // Without a runner there is nobody to test for.
    if (!(message << check).send(line_)) _exit(1);
    try {
        if (real_) live_until_stored();
    } catch (...) {
        // The answer is this check's, and the next test's line is the same.
        if (!receive(line_, true)) _exit(1);
        throw;
    }
    if (!receive(line_, true)) _exit(1);
}

void LineRecorder::event(const std::string& kind, const std::string& text) {
    Message message(BenchProcess::event);
    (message << reports::EventRecord{clock_.now().count(), kind, text}).send(line_);
}

/// A store may be busy for longer than a guard bears silence.
void LineRecorder::live_until_stored() {
    constexpr int often_ms = 50;
    pollfd stored{line_.descriptor(), POLLIN, 0};
    while (::poll(&stored, 1, often_ms) <= 0)
        clock_.run_for(Nanoseconds{0});
}

}  // namespace rig
