// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "instruments/links/file_descriptor.hpp"
#include "instruments/off_sequence.hpp"

namespace rig::guard {

using Steady = std::chrono::steady_clock;
using Time = Steady::time_point;

/// One instrument on its way off: its sequence, over its descriptor, from the flush again until every
/// answer confirms. Never waits itself: it says until when it wants to be left alone.
class SwitchingOff {
public:
    SwitchingOff(int descriptor, const OffSequence& sequence)
        : descriptor_(descriptor), sequence_(sequence) {}

    /// Ends what was half said. Nothing is switched before its turn.
    void begin(Time now, Time give_up_at);
    void take_turn(Time now);

    /// Call when `due`, and whenever the descriptor has something.
    void go_on(Time now);
    void hear(Time now);

    Time due() const { return phase_ == Phase::over ? Time::max() : due_; }
    bool wants_room() const { return !outgoing_.empty(); }
    bool over() const { return phase_ == Phase::over; }

    /// The next ones need not wait any longer: it is off, or was told to be and does not confirm.
    bool tried() const { return over() || attempts_ > 0; }

    bool confirmed() const { return over() && missing_.empty(); }
    const std::string& missing() const { return missing_; }  ///< what kept it from being confirmed
    Time since() const { return since_; }                    ///< when it was over

private:
    enum class Phase { idle, flushing, ready, answering, settling, resting, over };

    void clear_line();
    void attempt(Time now);
    void release_line();
    void step(Time now);
    void answered(Time now);
    void missed(std::string what);
    void end(Time now);
    void write(std::string_view bytes);
    void write_on();
    void lose(int error);
    void ask_device(Time now);

    int descriptor_;
    const OffSequence& sequence_;
    Phase phase_ = Phase::idle;
    Time due_{}, give_up_at_{}, since_{};
    bool its_turn_ = false, deaf_ = false, device_ = false;
    int attempts_ = 0;
    std::size_t at_ = 0;  ///< the step that is being done
    std::string outgoing_, heard_, missing_, lost_;
};

}  // namespace rig::guard
