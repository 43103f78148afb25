// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "instruments/drivers/scpi_session.hpp"
#include "instruments/scpi_dialect.hpp"

namespace rig {

/// `text` with `value` wherever it says `placeholder`.
std::string replaced(std::string text, const std::string& placeholder, const std::string& value);

/// A dialect's text for one channel.
std::string for_channel(const std::string& text, int channel);

/// What the channels of one SCPI instrument share: the conversation, and the measurements
/// that have been asked for but not sent yet.
class ScpiUnit : public std::enable_shared_from_this<ScpiUnit> {
public:
    /// Channels measured by one query. Filled until bench time moves or
    /// something else is to be said to the instrument.
    struct Batch {
        std::vector<int> channels;
        std::string query;
        ScpiSession::Pending pending;
        std::optional<std::vector<double>> values;
    };
    using SharedBatch = std::shared_ptr<Batch>;

    /// `id`: the unit's number where several share a line.
    ScpiUnit(Clock& clock, std::unique_ptr<ByteLink> link, ScpiDialect its_dialect, const std::string& name,
             int id);

    /// The conversation, after what was asked earlier has been sent.
    ScpiSession& speak();

    /// Asks now; the function collects.
    std::function<double()> measure(int channel, const ScpiDialect::Setting& setting, SharedBatch& open);

    /// Says `command`, drains the error queue, asks until the step's answer is there.
    void take(const ScpiDialect::Step& step, int channel, const std::string& else_try);

    /// What `step` wants to know of an answer: all of it, or the channel's bit.
    std::string state_of(const ScpiDialect::Step& step, int channel, const std::string& answer);

    /// The number at the beginning of an answer, which may be hexadecimal: "0x0224".
    unsigned bits_of(const std::string& query, const std::string& answer);

    void arm_watchdog(Nanoseconds silence);
    void arm_watchdog_again();

    ScpiSession session;
    const ScpiDialect dialect;
    const int id;
    SharedBatch voltages, currents;  ///< open batches

private:
    void send(SharedBatch& open);
    const std::vector<double>& collect(Batch& batch);
    void feed_watchdog(int arming);

    std::optional<Nanoseconds> watchdog_;  ///< armed for this silence
    int armings_ = 0;                      ///< an earlier arming's feeding ends with the next
};

}  // namespace rig
