// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"

namespace rig {

/// A command's fault: goes into the error queue, and the instrument goes on.
struct ScpiFault {
    int code;  ///< −1xx command, −2xx execution, −3xx device, −4xx query, above 0 the maker's own
    std::string text;
};

/// The manners of IEEE 488.2 and SCPI-99 that all simulated instruments share:
/// messages end in LF, `;` keeps the header path and `;:` leaves it, sets answer
/// nothing, faults queue up, and a message that arrives before the last one was
/// answered costs that answer (-410). Each command takes its time on the clock.
class ScpiTwin {
public:
    virtual ~ScpiTwin();

    /// Where an instrument departs from the common manners on its wire.
    struct Manners {
        std::string hears_end = "\n", says_end = "\n";  ///< of lines
        std::string prefix;         ///< lines without it are meant for another unit: "@3 "
        bool quotes_errors = true;  ///< else "0 No Error"
        Nanoseconds deaf{};         ///< after a message without a query: what comes meanwhile is lost
        bool bears_cr = true;       ///< else a CR before its LF is an invalid character
    };

protected:
    struct Call {
        std::vector<int> suffixes;           ///< one per '#' of the pattern; 1 where none was sent
        std::vector<std::string> arguments;  ///< split at commas outside parentheses and quotes

        /// The only argument, as such; throws the fault that fits.
        double number() const;
        bool on_off() const;
        const std::string& word() const;
    };

    ScpiTwin(Clock& clock, std::unique_ptr<ByteLink> link, std::string identity, Nanoseconds command_time,
             const Manners& manners);
    ScpiTwin(Clock& clock, std::unique_ptr<ByteLink> link, std::string identity, Nanoseconds command_time)
        : ScpiTwin(clock, std::move(link), std::move(identity), command_time, Manners{}) {}

    /// "SOURce#:VOLTage[:LEVel]": capitals are the short form, '#' a numeric
    /// suffix, '1' a suffix that may only be 1, brackets a node that may be left out.
    void on_command(const std::string& pattern, std::function<void(const Call&)> act);
    void on_query(const std::string& pattern, std::function<std::string(const Call&)> answer);
    void on_query(const std::string& pattern, Nanoseconds takes,
                  std::function<std::string(const Call&)> answer);

    void raise(const ScpiFault& fault);

    /// From now on it neither hears nor says anything.
    void fall_silent();

    /// The same for a while: it restarts.
    void fall_silent_for(Nanoseconds span);

    /// Something was said to it, whatever it was.
    virtual void heard() {}

    /// "(@1,3:5)" as numbers from 1 to `most`; throws the fault that fits.
    static std::vector<int> channel_list(const std::string& text, int most);

    /// What *RST does beyond taking its time.
    virtual void reset() = 0;

    Clock& clock() { return clock_; }

private:
    struct Handler;
    struct Session;

    void on_header(const std::string& pattern, bool query, Nanoseconds takes,
                   std::function<std::string(const Call&)> act);
    void add_common_commands();

    Clock& clock_;
    std::shared_ptr<Session> session_;
};

}  // namespace rig
