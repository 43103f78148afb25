// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/instrument_identity.hpp"

namespace rig {

/// A conversation with one SCPI instrument. Messages wait their turn: the next
/// goes out when the last one's answer is in, because an instrument drops the
/// answer that nobody has read yet. After a query that went unanswered the next one is preceded
/// by *IDN?, which tells late answers from its own. A link that broke is told once, as an
/// InstrumentError; what is said after that tries to open it again. Runs the clock in `collect`,
/// `query` and `settle`, and where a link must be opened; never while it hears something.
class ScpiSession {
public:
    struct Exchange;
    using Pending = std::shared_ptr<Exchange>;

    ScpiSession(Clock& clock, std::unique_ptr<ByteLink> link, std::string instrument,
                Nanoseconds answer_within);

    void tell(const std::string& command);

    /// Tells, then empties the error queue and throws what was in it. What an instrument says of words that
    /// were cut off or given up before is not this command's fault.
    void tell(const std::string& command, const std::string& errors_query);

    /// Does `action`, which switches something off: past a link that broke before, and a
    /// second time when the link breaks or is disturbed meanwhile.
    void insist(const std::function<void()>& action);

    /// Sends the query now, or as soon as those before it are answered.
    Pending ask(const std::string& query);

    /// Waits for an answer; throws InstrumentError when it does not come in time.
    std::string collect(const Pending& pending);

    std::string query(const std::string& text) { return collect(ask(text)); }

    InstrumentIdentity identity() const { return {instrument_, link_name(), identity_}; }

    /// Asks until the answer to `text`, or `part` of it, is `wanted`: an output follows its command late.
    void settle(const std::string& text, const std::string& wanted, Nanoseconds within,
                const std::string& else_try,
                const std::function<std::string(const std::string&)>& part = nullptr);

    /// Empties the error queue and returns what was in it; nothing where there is no query for it.
    std::vector<std::string> take_errors(const std::string& errors_query);

    [[noreturn]] void fail(const std::string& message) const;

    Clock& clock() { return clock_; }
    const std::string& instrument() const { return instrument_; }
    std::string link_name() const { return link_->name(); }
    std::string link_fault() const { return link_->fault(); }
    int descriptor() const { return link_->descriptor(); }

private:
    Pending enqueue(const std::string& text, bool wants_answer);
    void send_waiting();
    void receive(std::string_view bytes);
    void take_line(std::string line);
    bool revive();
    void give_up_all(const std::string& failure);
    void break_off(const std::string& failure);
    void lose_link();
    void give_up();
    void lose_step();

    Clock& clock_;
    std::unique_ptr<ByteLink> link_;
    std::string instrument_;
    Nanoseconds answer_within_;
    std::deque<Pending> waiting_;  ///< the first one is on the wire
    std::string unfinished_;
    std::string identity_;      ///< what *IDN? was answered first
    bool out_of_step_ = false;  ///< an answer may come that nobody waits for any more
    bool old_errors_ = false;   ///< its error queue may hold what is none of the next command's
    bool fault_told_ = false;   ///< of the link's present fault
    bool overrun_ = false;      ///< more came than any answer is long; the line is to be listened to
    bool disturbed_ = false;    ///< something came that was no answer, or the link broke
};

/// "3.700", "+3.70000000E+00", "1.1234E-3A": all the ways a number arrives.
/// Throws InstrumentError naming `session`'s instrument and the query.
double parse_number(const ScpiSession& session, const std::string& answer, const std::string& query);

/// Whether two answers say the same: "ON" is "1", "+0.0" is "0".
bool same_answer(const std::string& answer, const std::string& wanted);

}  // namespace rig
