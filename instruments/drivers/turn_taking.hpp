// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"

namespace rig {

/// A conversation with an instrument that knows no line ends in what it says: a word goes out,
/// the answer is over when its prompt came or when the line has been quiet, and the next word waits
/// for the silence that the instrument needs. A link that broke is told once, as an InstrumentError; the next
/// word tries to open it again. Runs the clock in `collect`, and where a link must be opened.
class TurnTaking {
public:
    struct Manners {
        Nanoseconds byte_time{};  ///< of the wire: when what was sent is over
        Nanoseconds silence{};    ///< between the end of one word or answer and the next word
        Nanoseconds quiet{};      ///< ends an answer where there is no prompt
        std::string prompt;       ///< ends an answer; left out of it
        bool echoes = false;      ///< an answer begins with its word: one without it is to another word
        Nanoseconds answer_within{500'000'000};
    };

    struct Turn;
    using Pending = std::shared_ptr<Turn>;
    using Over = std::function<void(const Pending&)>;

    TurnTaking(Clock& clock, std::unique_ptr<ByteLink> link, std::string instrument, const Manners& manners);
    ~TurnTaking();

    /// A word that is not answered.
    Pending tell(const std::string& word) { return take_turn(word, false, {}); }
    /// `over` is called from inside the clock's loop once `collect` need not wait any more.
    Pending ask(const std::string& word, Over over = {}) { return take_turn(word, true, std::move(over)); }

    /// Waits for the answer, or until the word was said; throws InstrumentError when it does not come.
    std::string collect(const Pending& turn);
    std::string query(const std::string& word) { return collect(ask(word)); }

    /// Does `action`, which switches something off, a second time when the first one met a disturbed line.
    void insist(const std::function<void()>& action);

    [[noreturn]] void fail(const std::string& message) const;

    Clock& clock();
    std::string link_name() const;
    int descriptor() const;

private:
    Pending take_turn(const std::string& word, bool wants_answer, Over over);

    struct Line;  ///< outlives what is scheduled
    std::shared_ptr<Line> line_;
};

}  // namespace rig
