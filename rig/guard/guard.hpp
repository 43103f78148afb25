// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "instruments/links/file_descriptor.hpp"
#include "rig/guard/handover.hpp"
#include "rig/guard/switching_off.hpp"

namespace rig::guard {

/// Watches over one opened bench. When the rig is gone without having switched off, or does not
/// get round any more, it switches everything off that it was handed, and then writes down what it did.
class Guard {
public:
    /// Handed over by the rig. `bench` is what its messages call it; `pulse` is a pipe into which the rig's
    /// own process writes now and then, which the bench's process may not outlive (-1: there is none).
    Guard(FileDescriptor line, FileDescriptor pulse, std::string bench, std::filesystem::path record);

    /// Until the rig has left, or until everything is off that can be. False when something is left on.
    bool watch();

    /// The bench's own thread shows that it lives ten times as often.
    static constexpr std::chrono::milliseconds heartbeat{1000};
    /// The rig's process stores what was found; a disk may keep it waiting.
    static constexpr std::chrono::milliseconds pulse_within{2500};
    static constexpr std::chrono::milliseconds gives_up_after{10'000};

private:
    struct Instrument {
        std::string where;
        int turn = 0;
        OffSequence sequence;
        FileDescriptor descriptor;
        bool known = false;  ///< how it is switched off
    };

    void take(Handover message, Time now);
    bool hear_rig(Time now);
    void hear_pulse(Time now);
    std::string overdue(Time now) const;
    void end_owner() const;
    bool switch_off(const std::string& why);
    void write_down(const std::string& text) const;

    FileDescriptor line_, pulse_, owner_;
    pid_t owner_number_ = 0;
    std::string bench_;
    std::filesystem::path record_;
    std::map<std::string, Instrument> instruments_;
    std::vector<FileDescriptor> locks_;
    bool all_off_ = true;  ///< and stays so until the rig first says that it is alive
    Time alive_{}, pulsed_{};
};

}  // namespace rig::guard
